"""One walk over the bytes of a page: tags, comments, raw text and text, in linear time whatever stands in them.

A tokenizer after the HTML standard (13.2.5) over a stack of open elements (html_stack, html_tags) that says of each run
of text where it belongs (html_lines). No tree is made. Every byte is passed once; `state[STEPS]` counts what comes on
top (attribute values read twice, elements closed, cells rewritten), so that a test can hold the sum to a multiple of the bytes.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.attributes import LONGEST_VALUE, read_attributes
from pipeline.kernels.html.code import begin_code_line, note_language
from pipeline.kernels.html.lines import close_block, read_hidden, read_visible, request_break
from pipeline.kernels.html.markup import say, say_declaration, say_strings
from pipeline.kernels.html.names import (
    BLOCK,
    BREAKOUT,
    CODE,
    ELEMENT_FLAGS,
    ELEMENT_TABLE,
    IGNORED,
    IS_SPACE,
    JSON_STRINGS,
    LISTING,
    LOWER,
    MATH,
    NOSCRIPT,
    NOTATION,
    NUMBERS,
    PLAINTEXT,
    PRE,
    RAW,
    RAW_UNSEEN,
    SCRIPT,
    STYLE,
    SVG,
    TABLE,
    TABLE_PART,
    TEMPLATE,
    TEMPLATE_ELEMENT,
    TEX,
    TEXTAREA,
    TITLE,
    UNSEEN,
    UNSEEN_NUMBERS,
    VOID,
    element_number,
    mix,
)
from pipeline.kernels.html.notation import begin_notation
from pipeline.kernels.html.signals import LINKED_DATA, note_signal
from pipeline.kernels.html.style import AS_BLOCK, read_sheet
from pipeline.kernels.html.tags import close_to, end_tag, make_room, note_hiding, open_element, void_tag
from pipeline.kernels.html.text import REFERENCES, TAGS, begins_markup


@part
def text_capacity(size: int) -> int:
    """Bytes that the text of a page can take: a reference grows by at most a fifth (`&nGt;`, 5 bytes, is 6), a separator or
    line break is shorter than the tag that asks for it; the rest is room to decode one attribute."""
    return size + size // 4 + LONGEST_VALUE + 64


@part
def count_tags(data: np.ndarray) -> int:
    """At least the tags of a page: `<` before a letter or `/`."""
    tags = 0
    for i in range(len(data) - 1):
        tags += data[i] == 60 and (data[i + 1] >= 65 or data[i + 1] == 47)
    return tags


@part
def new_state() -> np.ndarray:
    state = np.zeros(lay.LAST_OPEN + NUMBERS, np.int64)
    state[lay.BLOCK_START] = -1
    state[lay.ELEMENTS] = 1
    state[lay.MODE] = TAGS | REFERENCES
    return state


# ---------------------------------------------------------------- raw text


@part
def _is_name(data: np.ndarray, i: int, start: int, size: int) -> bool:
    """Whether the tag name of `size` bytes read at `start` stands, in any case, also at `i`, and ends there."""
    if i + size >= len(data):
        return False
    for k in range(size):
        if LOWER[data[i + k]] != LOWER[data[start + k]]:
            return False
    c = data[i + size]
    return IS_SPACE[c] or c == 47 or c == 62


@part
def _raw_end(data: np.ndarray, i: int, name: int, size: int, script: bool) -> int:
    """The `</name` that ends raw text begun at `i`, or the end of the page.

    A script may hold `<!-- <script> … </script> -->`, whose inner end tag does not count (13.2.5.17 to .31).
    """
    n = len(data)
    escaped = 0  # 1: behind `<!--`, 2: behind a `<script` in it
    while i < n:
        c = data[i]
        if c == 60 and i + 1 < n and data[i + 1] == 47:
            if _is_name(data, i + 2, name, size):
                if escaped < 2:
                    return i
                escaped = 1
        elif script and c == 60:
            if escaped == 0 and i + 3 < n and data[i + 1] == 33 and data[i + 2] == 45 and data[i + 3] == 45:
                escaped = 1
                i += 1  # its dashes may be those of `-->`
            elif escaped == 1 and _is_name(data, i + 1, name, size):
                escaped = 2
        elif escaped and c == 45 and i + 2 < n and data[i + 1] == 45 and data[i + 2] == 62:
            escaped = 0
        i += 1
    return n


@part
def _say_raw(number: int, i: int, end: int, data: np.ndarray, text: np.ndarray, said: np.ndarray, state: np.ndarray) -> None:
    """The content of an element that holds no markup and shows none of it."""
    if number == SCRIPT and state[lay.SCRIPT_TYPE] == JSON_STRINGS:
        note_signal(LINKED_DATA, i, end, state)
        say_strings(data, i, end, text, said, state)
    elif state[lay.SCRIPT_TYPE] == TEMPLATE if number == SCRIPT else number != STYLE:
        say(data, i, end, said, state)


@part
def _read_verbatim(
    data: np.ndarray,
    i: int,
    end: int,
    text: np.ndarray,
    hidden_text: np.ndarray,
    blocks: np.ndarray,
    stack: np.ndarray,
    state: np.ndarray,
) -> None:
    """Text in which neither `<` nor `&` means anything."""
    state[lay.STEPS] += end - i
    state[lay.MODE] = 0
    if stack[state[lay.DEPTH], lay.HIDDEN_BY]:
        read_hidden(data, i, end, hidden_text, state)
    else:
        read_visible(data, i, end, text, blocks, stack, state)
    state[lay.MODE] = TAGS | REFERENCES


@part
def _read_raw(
    number: int,
    i: int,
    name: int,
    size: int,
    data: np.ndarray,
    text: np.ndarray,
    hidden_text: np.ndarray,
    said: np.ndarray,
    blocks: np.ndarray,
    elements: np.ndarray,
    stack: np.ndarray,
    sheet: np.ndarray,
    state: np.ndarray,
) -> int:
    """The content, from `i`, of an element that holds no markup; returns where its end tag begins."""
    end = len(data) if number == PLAINTEXT else _raw_end(data, i, name, size, number == SCRIPT)
    if number in (SCRIPT, TITLE):
        _say_raw(number, i, end, data, text, said, state)
    if number == SCRIPT:
        if state[lay.SCRIPT_TYPE] == TEX:
            _read_verbatim(data, i, end, text, hidden_text, blocks, stack, state)
        return end
    state[lay.STEPS] += end - i
    if number == STYLE:
        state[lay.RULES] = read_sheet(data, i, end, sheet, state[lay.RULES])
    elif number == TITLE:
        if state[lay.TITLE_END] == 0:
            state[lay.TITLE_START] = i
            state[lay.TITLE_END] = end
    else:
        make_room(number, text, stack, state)
        depth = state[lay.DEPTH]
        if depth + 2 < len(stack):
            open_element(number, elements, stack, state)
            depth = state[lay.DEPTH]
            stack[depth, lay.PREFORMATTED] = 1
        state[lay.MODE] = REFERENCES if number == TEXTAREA else 0
        if stack[depth, lay.HIDDEN_BY]:
            read_hidden(data, i, end, hidden_text, state)
        else:
            read_visible(data, i, end, text, blocks, stack, state)
        state[lay.MODE] = TAGS | REFERENCES
        if stack[depth, lay.TAG] == number:
            close_to(depth, text, stack, state)
        request_break(state)
    return end


# ---------------------------------------------------------------- markup


@part
def _is_in_table(stack: np.ndarray, state: np.ndarray) -> bool:
    """Whether rows and cells can stand here: within a table or a template."""
    return stack[stack[state[lay.DEPTH], lay.TABLE_SCOPE_AT], lay.TAG] in (TABLE, TEMPLATE_ELEMENT)


@part
def _find_end(number: int, i: int, name: int, size: int, data: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """Whether the unseen element whose start tag ends at `i` has an end tag; where it is one of RAW_UNSEEN, that it ends there.

    A place found is looked up until the walk is past it: all searches together pass the page once for each such name.
    """
    at = lay.NEXT_END + UNSEEN_NUMBERS[number]
    if state[at] < i:
        end = _raw_end(data, i, name, size, False)
        state[lay.STEPS] += end - i
        state[at] = end
    state[lay.NO_END] = state[at] >= len(data)
    is_raw = ELEMENT_FLAGS[number] & RAW_UNSEEN and not (number == NOSCRIPT and state[lay.WITHOUT_SCRIPTS])
    if is_raw and not state[lay.NO_END] and state[lay.RAW_END] == 0 and stack[state[lay.DEPTH], lay.FOREIGN_AT] == 0:
        state[lay.RAW_END] = -1


@part
def _close_raw(text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """Ends all that was opened in the element of RAW_UNSEEN whose end tag comes next."""
    if state[lay.DEPTH] > state[lay.RAW_DEPTH]:
        close_to(state[lay.RAW_DEPTH] + 1, text, stack, state)
    state[lay.FLATTENED] = state[lay.RAW_FLATTENED]
    state[lay.RAW_END] = 0


@part
def _start_tag(
    number: int,
    i: int,
    name: int,
    max_attributes: int,
    data: np.ndarray,
    text: np.ndarray,
    hidden_text: np.ndarray,
    said: np.ndarray,
    blocks: np.ndarray,
    elements: np.ndarray,
    stack: np.ndarray,
    sheet: np.ndarray,
    state: np.ndarray,
) -> int:
    """Acts on a start tag whose name ends at `i`; returns the position after it, and after its content where that is raw."""
    size = i - name
    n = len(data)
    i = read_attributes(data, i, n, max_attributes, text, said, sheet, state)
    if i > n:  # the page ends within the tag: it is no tag
        return n
    if state[lay.SIGNALS]:
        note_signal(state[lay.SIGNALS], name, i - 1, state)
    flags = ELEMENT_FLAGS[number]
    foreign = stack[state[lay.DEPTH], lay.FOREIGN_AT] != 0
    if (foreign or number in (SVG, MATH)) and state[lay.SELF_CLOSING] and not flags & BREAKOUT:
        return i
    if flags & IGNORED or (flags & TABLE_PART and not _is_in_table(stack, state)):
        request_break(state)
        return i
    if state[lay.IS_XML] and state[lay.SELF_CLOSING] and not flags & VOID:
        if flags & BLOCK:
            request_break(state)
        return i
    if flags & RAW and not foreign:
        return _read_raw(number, i, name, size, data, text, hidden_text, said, blocks, elements, stack, sheet, state)
    make_room(number, text, stack, state)
    if flags & VOID:
        void_tag(number, text, stack, state)
        return i
    state[lay.NO_END] = 0
    if flags & UNSEEN:
        _find_end(number, i, name, size, data, stack, state)
    below = state[lay.DEPTH]
    open_element(number, elements, stack, state)
    if (flags | ELEMENT_FLAGS[stack[below, lay.TAG]]) & NOTATION and state[lay.DEPTH] > below:
        begin_notation(number, data, i, text, blocks, stack, state)
    if state[lay.ANEW] & AS_BLOCK and not flags & BLOCK:
        begin_code_line(text, stack, state)
    if number in (PRE, CODE) and state[lay.CLASS_END]:
        note_language(number, data, stack, state)
    if state[lay.RAW_END] == -1:
        state[lay.RAW_END] = state[lay.NEXT_END + UNSEEN_NUMBERS[number]]
        state[lay.RAW_DEPTH] = state[lay.DEPTH]
        state[lay.RAW_FLATTENED] = state[lay.FLATTENED]
    if (number in (PRE, LISTING)) and i < n:  # one newline behind the tag is not content
        if data[i] == 13 and i + 1 < n and data[i + 1] == 10:
            i += 2
        elif data[i] == 10 or data[i] == 13:
            i += 1
    return i


@part
def _after(data: np.ndarray, i: int, byte: int) -> int:
    while i < len(data):
        if data[i] == byte:
            return i + 1
        i += 1
    return i


@part
def _after_comment(data: np.ndarray, i: int) -> int:
    """`i` stands behind `<!--`. `-->` and `--!>` end a comment, `<!-->` and `<!--->` are whole ones, the page's end ends any."""
    n = len(data)
    if i < n and data[i] == 62:
        return i + 1
    if i + 1 < n and data[i] == 45 and data[i + 1] == 62:
        return i + 2
    while i + 1 < n:
        if data[i] == 45 and data[i + 1] == 45:
            if i + 2 < n and data[i + 2] == 62:
                return i + 3
            if i + 3 < n and data[i + 2] == 33 and data[i + 3] == 62:
                return i + 4
        i += 1
    return n


@part
def _after_cdata(data: np.ndarray, i: int) -> int:
    while i + 2 < len(data):
        if data[i] == 93 and data[i + 1] == 93 and data[i + 2] == 62:
            return i + 3
        i += 1
    return len(data)


@part
def _is_cdata(data: np.ndarray, i: int) -> bool:
    """`<![CDATA[` at `i`."""
    return (
        i + 8 < len(data)
        and data[i + 2] == 91
        and data[i + 3] == 67
        and data[i + 4] == 68
        and data[i + 5] == 65
        and data[i + 6] == 84
        and data[i + 7] == 65
        and data[i + 8] == 91
    )


@part
def _declaration(data: np.ndarray, i: int, foreign: bool) -> int:
    """`<!…` at `i`: a comment, a doctype, in <svg> and <math> character data; returns the position after it."""
    if i + 3 < len(data) and data[i + 2] == 45 and data[i + 3] == 45:
        return _after_comment(data, i + 4)
    if foreign and _is_cdata(data, i):
        return _after_cdata(data, i + 9)
    return _after(data, i + 2, 62)


@part
def _read_cdata(
    data: np.ndarray, i: int, text: np.ndarray, hidden_text: np.ndarray, blocks: np.ndarray, stack: np.ndarray, state: np.ndarray
) -> int:
    """Character data of XHTML from `i`, text as it stands; returns the position behind it."""
    after = _after_cdata(data, i)
    end = after - 3 if data[after - 1] == 62 and after - 3 >= i and data[after - 3] == 93 else after
    if stack[state[lay.DEPTH], lay.NOT_TEXT]:
        return after
    _read_verbatim(data, i, end, text, hidden_text, blocks, stack, state)
    return after


@part
def scan_page(
    data: np.ndarray,
    max_attributes: int,
    text: np.ndarray,
    hidden_text: np.ndarray,
    said: np.ndarray,
    blocks: np.ndarray,
    elements: np.ndarray,
    stack: np.ndarray,
    sheet: np.ndarray,
    state: np.ndarray,
) -> None:
    """Fills text, hidden_text, said, blocks and elements; shapes and meanings in html_layout."""
    whole = data
    n = len(data)
    i = 3 if n >= 3 and data[0] == 0xEF and data[1] == 0xBB and data[2] == 0xBF else 0
    while i < len(whole):
        if state[lay.RAW_END] and n == len(whole):
            n = state[lay.RAW_END]
            data = whole[:n]  # nothing read in it goes beyond
        if i >= n:
            _close_raw(text, stack, state)
            data = whole
            n = len(whole)
        if data[i] != 60 or not begins_markup(data, i, n):
            depth = state[lay.DEPTH]
            if stack[depth, lay.NOT_TEXT]:
                start = i
                i += 1
                while i < n and (data[i] != 60 or not begins_markup(data, i, n)):
                    i += 1
                if stack[depth, lay.NOT_TEXT] == 1:
                    say(data, start, i, said, state)
            elif stack[depth, lay.HIDDEN_BY]:
                i = read_hidden(data, i, n, hidden_text, state)
            else:
                i = read_visible(data, i, n, text, blocks, stack, state)
            continue
        c = data[i + 1]
        if c == 33:
            start = i + 2
            if state[lay.IS_XML] and _is_cdata(data, i):
                i = _read_cdata(data, i + 9, text, hidden_text, blocks, stack, state)
                continue
            i = _declaration(data, i, stack[state[lay.DEPTH], lay.FOREIGN_AT] != 0)
            say_declaration(data, start, i, said, state)
            continue
        is_end = c == 47
        i += 2 if is_end else 1
        if not 97 <= (data[i] | 32) <= 122:  # `<?…`, `</>`, `</ …`: comments that nobody meant
            start = i
            i = _after(data, i, 62)
            say_declaration(data, start, i, said, state)
            continue
        name = i
        h = 0
        while i < n and data[i] != 62 and data[i] != 47 and not IS_SPACE[data[i]]:
            h = mix(h, LOWER[data[i]])
            i += 1
        number = element_number(ELEMENT_TABLE, h)
        if not is_end:
            i = _start_tag(number, i, name, max_attributes, data, text, hidden_text, said, blocks, elements, stack, sheet, state)
        else:
            i = read_attributes(data, i, n, max_attributes, text, said, sheet, state)
            if i <= n:
                end_tag(number, text, stack, state)
    close_block(text, blocks, state)
    note_hiding(False, state)
    state[lay.STEPS] += n
