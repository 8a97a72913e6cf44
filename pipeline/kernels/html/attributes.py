"""The attributes of one start tag: read past all of them, take in those that decide whether and where text belongs, and keep
the words of those that hold words."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.entities import decode_entity, is_alphanumeric
from pipeline.kernels.html.markup import MIN_BYTES, is_data_name, say
from pipeline.kernels.html.names import (
    ATTRIBUTE_TABLE,
    CLASS,
    CONTROLS,
    HIDDEN_ATTRIBUTE,
    HREF,
    ID,
    INLINE_STYLE,
    IS_SPACE,
    LOWER,
    NAME,
    POPOVER,
    REL,
    ROLE,
    SAID,
    SCRIPT_TYPE_TABLE,
    START,
    TYPE,
    VALUE,
    find,
    mix,
)
from pipeline.kernels.html.opening import UNDONE_BY_OPENING, is_opened, note_controlled, note_id
from pipeline.kernels.html.parts import ROLE_TABLE, WORD_TABLE
from pipeline.kernels.html.signals import COMMONS_LINK, NAME_TABLE, REL_TABLE, is_commons_link, listed_bits
from pipeline.kernels.html.style import ALL_REASONS, DISPLAY, FADES_IN, OPACITY, SET_ANEW, hiding_declarations

SAYS = SAID | VALUE
MOST_DIGITS = 9  # of an item's number
LONGEST_VALUE = 4096  # bytes of a value that are decoded where it holds a character reference; real ones are far shorter


@kernel
def _decoded(data: np.ndarray, i: int, end: int, text: np.ndarray, at: int) -> int:
    """Writes a value without its character references to the free end of the text buffer; returns where it ends."""
    stop = at + LONGEST_VALUE
    while i < end and at < stop:
        read = 0
        if data[i] == 38:
            read, written = decode_entity(data, i, end, text, at)
            after = i + read
            if read and data[after - 1] != 59 and after < end and (data[after] == 61 or is_alphanumeric(data[after])):
                read = 0  # `?a=1&copy=2` is as it stands
            if read:
                at += written
                i = after
        if read == 0:
            text[at] = data[i]
            at += 1
            i += 1
    return at


@part
def _apply(reasons: int, state: np.ndarray) -> None:
    anew = reasons >> SET_ANEW
    state[lay.REASONS] = (state[lay.REASONS] & ~anew) | (reasons & ALL_REASONS)
    state[lay.ANEW] |= anew


@part
def _read_ordinal(data: np.ndarray, i: int, end: int) -> int:
    """One more than the number between `i` and `end`; 0 where there is none, or one that no list needs."""
    if not i < end <= i + MOST_DIGITS:
        return 0
    number = 0
    for k in range(i, end):
        if not 48 <= data[k] <= 57:
            return 0
        number = 10 * number + data[k] - 48
    return number + 1


@part
def _read_words(data: np.ndarray, i: int, end: int, prefix: int, sheet: np.ndarray, state: np.ndarray) -> None:
    """Class and id values: tokens against the page's sheets, words (`navBar-left` -> nav, bar, left) for names."""
    kinds = 0
    while i < end:
        if IS_SPACE[data[i]]:
            i += 1
            continue
        token = prefix
        word = whole = 0
        was_lower = False
        while i < end and not IS_SPACE[data[i]]:
            c = data[i]
            lower = LOWER[c]
            token = mix(token, c)
            if 97 <= lower <= 122:
                if was_lower and c != lower:  # camelCase
                    kinds |= find(WORD_TABLE, word)
                    word = 0
                word = mix(word, lower)
                whole = mix(whole, lower)
                was_lower = c == lower
            elif word:
                kinds |= find(WORD_TABLE, word)
                word = 0
                was_lower = False
            i += 1
        kinds |= find(WORD_TABLE, word)
        if whole != word:
            kinds |= find(WORD_TABLE, whole)
        if prefix == 46 and state[lay.SHAPE] == 0:
            state[lay.SHAPE] = token
        if state[lay.RULES]:
            _apply(find(sheet, token), state)
    state[lay.NAMES] |= kinds


@part
def _read_value(kind: int, data: np.ndarray, i: int, end: int, sheet: np.ndarray, state: np.ndarray) -> None:
    state[lay.STEPS] += end - i
    start = i
    if kind in (CLASS, ID):
        _read_words(data, i, end, 46 if kind == CLASS else 35, sheet, state)  # `.name` or `#name` in a sheet
    elif kind == INLINE_STYLE:
        state[lay.INLINE] = hiding_declarations(data, i, end)  # stronger than any sheet, wherever it stands in the tag
        if state[lay.OPENING] and state[lay.INLINE] >> SET_ANEW & FADES_IN:
            state[lay.INLINE] &= ~OPACITY
    else:
        word = 0
        while i < end and not IS_SPACE[data[i]] and (kind == ROLE or data[i] != 59):
            word = mix(word, LOWER[data[i]])
            i += 1
        if kind == ROLE:
            state[lay.NAMES] |= find(ROLE_TABLE, word)
        else:
            state[lay.SCRIPT_TYPE] = find(SCRIPT_TYPE_TABLE, word)
            state[lay.LIST_TYPE] = data[end - 1] if end == start + 1 else 0


@part
def _take_in(
    kind: int,
    data: np.ndarray,
    start: int,
    stop: int,
    text: np.ndarray,
    sheet: np.ndarray,
    state: np.ndarray,
) -> None:
    """One attribute that matters; the first of several of one name counts."""
    if kind == NAME:  # of three attributes: each has its say
        state[lay.SIGNALS] |= listed_bits(data, start, stop, NAME_TABLE)
        return
    if state[lay.PRESENT] & kind:
        return
    state[lay.PRESENT] |= kind
    if kind == REL:
        state[lay.SIGNALS] |= listed_bits(data, start, stop, REL_TABLE)
    elif kind == HREF and is_commons_link(data, start, stop):
        state[lay.SIGNALS] |= COMMONS_LINK
    elif kind in (START, VALUE):
        state[lay.ORDINAL] = _read_ordinal(data, start, stop)
    elif kind == CLASS:
        state[lay.CLASS_START], state[lay.CLASS_END] = start, stop
    elif kind == ID:
        note_id(data, start, stop, state)
    elif kind == CONTROLS or (kind == HREF and start < stop and data[start] == 35):
        note_controlled(data, start, stop, sheet, state)
    if kind & (CLASS | ID | INLINE_STYLE | ROLE | TYPE) == 0:
        return
    for k in range(start, stop):
        if data[k] == 38:
            at = state[lay.OUT]
            _read_value(kind, text, at, _decoded(data, start, stop, text, at), sheet, state)
            return
    _read_value(kind, data, start, stop, sheet, state)


@part
def read_attributes(
    data: np.ndarray,
    i: int,
    end: int,
    max_attributes: int,
    text: np.ndarray,
    said: np.ndarray,
    sheet: np.ndarray,
    state: np.ndarray,
) -> int:
    """Reads on from behind a tag's name; returns the position after its `>`, or `end` + 1 where the page ends within the tag.

    Fills the cells of `state` from REASONS to INLINE. HTML standard, 13.2.5.32 and following.
    """
    for k in range(lay.REASONS, lay.INLINE + 1):
        state[k] = 0
    state[lay.SHAPE] = 0
    state[lay.IS_SEGMENT] = 0
    state[lay.SIGNALS] = 0
    state[lay.ORDINAL] = state[lay.LIST_TYPE] = 0
    state[lay.CLASS_START] = state[lay.CLASS_END] = 0
    if i < end and data[i] == 62:
        return i + 1
    count = 0
    while i < end:
        c = data[i]
        if c == 62:
            break
        if c == 47 or IS_SPACE[c]:
            state[lay.SELF_CLOSING] = c == 47 and i + 1 < end and data[i + 1] == 62
            i += 1
            continue
        begin = i
        name = mix(0, LOWER[c])  # may begin with `=`
        i += 1
        while i < end:
            c = data[i]
            if c == 61 or c == 62 or c == 47 or IS_SPACE[c]:
                break
            name = mix(name, LOWER[c])
            i += 1
        name_end = i
        while i < end and IS_SPACE[data[i]]:
            i += 1
        start = stop = i
        if i < end and data[i] == 61:
            i += 1
            while i < end and IS_SPACE[data[i]]:
                i += 1
            start = i
            if i < end and (data[i] == 34 or data[i] == 39):
                quote = data[i]
                i += 1
                start = i
                while i < end and data[i] != quote:
                    i += 1
                stop = i
                i += 1
            else:
                while i < end and data[i] != 62 and not IS_SPACE[data[i]]:
                    i += 1
                stop = i
        count += 1
        kind = find(ATTRIBUTE_TABLE, name)
        if stop - start >= MIN_BYTES and stop < end and (kind & SAYS or (kind == 0 and is_data_name(data, begin, name_end))):
            say(data, start, stop, said, state)
        if kind & ~SAID and stop < end and count <= max_attributes:
            _take_in(kind, data, start, stop, text, sheet, state)
    if i >= end:
        return end + 1
    if count > max_attributes:
        state[lay.PROBLEMS] |= lay.MANY_ATTRIBUTES
    if state[lay.PRESENT] & (HIDDEN_ATTRIBUTE | POPOVER) and not state[lay.ANEW] & DISPLAY:
        state[lay.REASONS] |= DISPLAY
    if state[lay.INLINE]:
        _apply(state[lay.INLINE], state)
    if state[lay.OPENING] and state[lay.REASONS] & UNDONE_BY_OPENING and is_opened(state):
        state[lay.REASONS] &= ~UNDONE_BY_OPENING
    return i + 1
