"""What CSS hides: one `style` attribute, and the simplest rules of a page's own `<style>` sheets.

Only what can be known without layout counts: display, visibility, opacity, font size, a box without extent that clips,
a box far off the screen, clipping to nothing, and text in no colour or in that of its own background. Sheets are read
for rules outside at-rules whose selector is one class or one id (`.x{display:none}`); anything cleverer is ignored, and
what scripts show later is hidden here, as it is in the page as fetched.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html.names import IS_SPACE, LOWER, find, hash_table, mix, name_hash

# Reasons to be hidden. Children inherit them all and may undo the first three.
VISIBILITY, FONT_SIZE, COLOUR, DISPLAY, OPACITY, EXTENT, OFF_SCREEN, CLIPPED = 1, 2, 4, 8, 16, 32, 64, 128
UNDONE_BY_CHILDREN = VISIBILITY | FONT_SIZE | COLOUR
ALL_REASONS = 255
AS_BLOCK = 256  # among those set anew: `display` says that it stands on lines of its own
FADES_IN = 512  # ... it is transparent, and says how it moves or changes: so it stands before it is shown
SET_ANEW = 8  # bits to shift: the reasons on which a declaration has its say, either way

SHEET_SLOTS = 2048
MAX_SHEET_RULES = 1024  # of one page; further ones are ignored

_FAR_PIXELS = -999.0  # -9999px and -999em are the idiom; nothing to be read starts there
_FAR_FONT_SIZES = -60.0
_FAR_PERCENT = -100.0

_DISPLAY, _VISIBILITY, _OPACITY = (name_hash(n) for n in ("display", "visibility", "opacity"))
_FONT_SIZE, _FONT = (name_hash(n) for n in ("font-size", "font"))
_WIDTH, _HEIGHT, _MAX_WIDTH, _MAX_HEIGHT = (name_hash(n) for n in ("width", "height", "max-width", "max-height"))
_OVERFLOW, _OVERFLOW_X, _OVERFLOW_Y, _POSITION = (name_hash(n) for n in ("overflow", "overflow-x", "overflow-y", "position"))
_LEFT, _TOP, _RIGHT, _BOTTOM = (name_hash(n) for n in ("left", "top", "right", "bottom"))
_MARGIN_LEFT, _MARGIN_TOP, _TEXT_INDENT = (name_hash(n) for n in ("margin-left", "margin-top", "text-indent"))
_CLIP, _CLIP_PATH, _TRANSFORM = (name_hash(n) for n in ("clip", "clip-path", "transform"))
_COLOR, _BACKGROUND, _BACKGROUND_COLOR = (name_hash(n) for n in ("color", "background", "background-color"))
_CONTENT_VISIBILITY, _POINTER_EVENTS = name_hash("content-visibility"), name_hash("pointer-events")
_TRANSITION, _TRANSITION_PROPERTY, _WILL_CHANGE = (name_hash(n) for n in ("transition", "transition-property", "will-change"))
_TRANSLATE, _ANIMATION, _WEBKIT_TRANSFORM = (name_hash(n) for n in ("translate", "animation", "-webkit-transform"))

_NONE, _VALUE_HIDDEN, _COLLAPSE, _CLIP_VALUE = (name_hash(v) for v in ("none", "hidden", "collapse", "clip"))
_BLOCK, _FLEX, _GRID = (name_hash(v) for v in ("block", "flex", "grid"))
_ABSOLUTE, _FIXED = name_hash("absolute"), name_hash("fixed")
_SCALE_0, _SCALE_00 = name_hash("scale(0)"), name_hash("scale(0,0)")
_INSET_50, _INSET_100, _CIRCLE_0 = (name_hash(v) for v in ("inset(50%)", "inset(100%)", "circle(0)"))
# Ways to write a colour are many; these are what pages write. A value outside the table is compared as written.
_COLOURS = hash_table(
    {
        "white": 1,
        "#fff": 1,
        "#ffffff": 1,
        "rgb(255,255,255)": 1,
        "black": 2,
        "#000": 2,
        "#000000": 2,
        "rgb(0,0,0)": 2,
        "inherit": 3,
        "initial": 3,
        "unset": 3,
        "currentcolor": 3,
        "none": 3,
        "transparent": 4,
        "rgba(0,0,0,0)": 4,
        "#0000": 4,
    },
    32,
)
_DEPENDS, _INVISIBLE = 3, 4
_RECT = np.frombuffer(b"rect(", np.uint8).copy()

_NO_UNIT, _PX, _EM, _REM, _PERCENT, _VW, _VH = (name_hash(u) for u in ("", "px", "em", "rem", "%", "vw", "vh"))


@part
def _skip_comment(data: np.ndarray, i: int, end: int) -> int:
    """`i` stands at `/*`; the position after the comment, or the end."""
    i += 2
    while i + 1 < end:
        if data[i] == 42 and data[i + 1] == 47:
            return i + 2
        i += 1
    return end


@part
def _value_hash(data: np.ndarray, i: int, end: int) -> int:
    """Hash of a value in lower case without blanks, comments and `!important`."""
    h = 0
    while i < end and data[i] != 33:
        if data[i] == 47 and i + 1 < end and data[i + 1] == 42:
            i = _skip_comment(data, i, end)
            continue
        if not IS_SPACE[data[i]]:
            h = mix(h, LOWER[data[i]])
        i += 1
    return h


@kernel
def _number(data: np.ndarray, i: int, end: int) -> tuple[bool, float, int]:
    """(is there one, its value, hash of its unit) at the start of a value: `-9999px` -> (True, -9999.0, hash of "px")."""
    while i < end and IS_SPACE[data[i]]:
        i += 1
    sign = 1.0
    if i < end and (data[i] == 45 or data[i] == 43):
        if data[i] == 45:
            sign = -1.0
        i += 1
    value = 0.0
    scale = 0.0
    digits = 0
    while i < end:
        c = data[i]
        if 48 <= c <= 57:
            digits += 1
            if scale == 0.0:
                value = min(value * 10.0 + (c - 48), 1e9)
            else:
                value += (c - 48) * scale
                scale *= 0.1
        elif c == 46 and scale == 0.0:
            scale = 0.1
        else:
            break
        i += 1
    unit = 0
    while i < end and not IS_SPACE[data[i]] and data[i] != 33 and data[i] != 47:
        unit = mix(unit, LOWER[data[i]])
        i += 1
    return digits > 0, sign * value, unit


@part
def _is_far(value: float, unit: int) -> bool:
    if unit in (_PX, _NO_UNIT):
        return value <= _FAR_PIXELS
    if unit in (_EM, _REM):
        return value <= _FAR_FONT_SIZES
    return (unit in (_PERCENT, _VW, _VH)) and value <= _FAR_PERCENT


@part
def _clips_to_nothing(data: np.ndarray, i: int, end: int) -> bool:
    """`rect(0 0 0 0)`, `rect(1px, 1px, 1px, 1px)`: a rectangle whose first and third edges are at most a pixel."""
    while i < end and IS_SPACE[data[i]]:
        i += 1
    for k in range(5):
        if i >= end or LOWER[data[i]] != _RECT[k]:
            return False
        i += 1
    found, value, _ = _number(data, i, end)
    return found and abs(value) <= 1.0


@part
def _value_end(data: np.ndarray, i: int, end: int) -> int:
    """The `;` that ends a value, not one in quotes or brackets (`url(data:image/png;base64,…)`)."""
    depth = 0
    quote = 0
    while i < end:
        c = data[i]
        if quote:
            if c == quote:
                quote = 0
        elif c == 34 or c == 39:
            quote = c
        elif c == 40:
            depth += 1
        elif c == 41:
            depth -= 1
        elif c == 59 and depth <= 0:
            return i
        elif c == 47 and i + 1 < end and data[i + 1] == 42:
            i = _skip_comment(data, i, end) - 1
        i += 1
    return end


@part
def _colour(value: int) -> int:
    known = find(_COLOURS, value)
    return known if known else value


@kernel
def hiding_declarations(data: np.ndarray, i: int, end: int) -> int:
    """Reasons to be hidden that `data[i:end]`, a list of declarations, gives; `reasons >> SET_ANEW` are those it speaks of.

    The last declaration about a property wins.
    """
    reasons = anew = colour = background = as_block = 0
    no_extent = clips = positioned = far = far_if_positioned = clipped = moves = out_of_reach = False
    while i < end:
        if IS_SPACE[data[i]] or data[i] == 59:
            i += 1
            continue
        if data[i] == 47 and i + 1 < end and data[i + 1] == 42:
            i = _skip_comment(data, i, end)
            continue
        name = mix(0, LOWER[data[i]])
        i += 1
        while i < end and data[i] != 58 and data[i] != 59:
            if not IS_SPACE[data[i]]:
                name = mix(name, LOWER[data[i]])
            i += 1
        if i >= end or data[i] == 59:
            continue
        i += 1
        stop = _value_end(data, i, end)
        value = _value_hash(data, i, stop)
        is_number, number, unit = _number(data, i, stop)
        about = 0
        hides = False
        if name == _DISPLAY:
            about = DISPLAY
            hides = value == _NONE
            as_block = AS_BLOCK if value in (_BLOCK, _FLEX, _GRID) else 0
        elif name == _CONTENT_VISIBILITY:
            hides = value == _VALUE_HIDDEN
            about = DISPLAY if hides else 0
        elif name == _VISIBILITY:
            about = VISIBILITY
            hides = value in (_VALUE_HIDDEN, _COLLAPSE)
        elif name == _OPACITY:
            about = OPACITY
            hides = is_number and number <= 0.0
        elif name in (_FONT_SIZE, _FONT):
            about = FONT_SIZE
            hides = is_number and number == 0.0
        elif name in (_WIDTH, _HEIGHT, _MAX_WIDTH, _MAX_HEIGHT):
            no_extent = no_extent or (is_number and (number == 0.0 or (unit == _PX and number <= 1.0)))
        elif name in (_OVERFLOW, _OVERFLOW_X, _OVERFLOW_Y):
            clips = value in (_VALUE_HIDDEN, _CLIP_VALUE)
        elif name == _POSITION:
            positioned = value in (_ABSOLUTE, _FIXED)
        elif name in (_LEFT, _TOP, _RIGHT, _BOTTOM):
            far_if_positioned = far_if_positioned or (is_number and _is_far(number, unit))
        elif name in (_MARGIN_LEFT, _MARGIN_TOP, _TEXT_INDENT):
            far = far or (is_number and _is_far(number, unit))
        elif name == _CLIP:
            clipped = clipped or _clips_to_nothing(data, i, stop)
        elif name == _CLIP_PATH:
            about = CLIPPED
            hides = value in (_INSET_50, _INSET_100, _CIRCLE_0)
        elif name == _TRANSFORM:
            about = CLIPPED
            hides = value in (_SCALE_0, _SCALE_00)
        elif name == _POINTER_EVENTS:
            out_of_reach = value == _NONE
        elif name == _COLOR:
            colour = _colour(value)
        elif name in (_BACKGROUND, _BACKGROUND_COLOR):
            background = _colour(value)
        if name in (_TRANSFORM, _WEBKIT_TRANSFORM, _TRANSLATE, _TRANSITION, _TRANSITION_PROPERTY, _WILL_CHANGE, _ANIMATION):
            moves = True
        anew |= about
        reasons = (reasons & ~about) | (about if hides else 0)
        i = stop
    if no_extent and clips:
        reasons |= EXTENT
    if far or (far_if_positioned and positioned):
        reasons |= OFF_SCREEN
    if clipped and positioned:
        reasons |= CLIPPED
    if colour:
        anew |= COLOUR
        if colour == _INVISIBLE or (colour == background and colour != _DEPENDS):
            reasons |= COLOUR
    fades_in = FADES_IN if reasons & OPACITY and moves and not positioned and not out_of_reach else 0
    return reasons | ((anew | reasons | as_block | fades_in) << SET_ANEW)


# ---------------------------------------------------------------- sheets


@part
def remember(sheet: np.ndarray, rules: int, key: int, reasons: int) -> int:
    """Merges a rule into the table of one page, later rules over earlier ones; returns the number of rules in it."""
    mask = len(sheet) - 1
    slot = (key ^ (key >> 15)) & mask
    while sheet[slot, 0] != 0 and sheet[slot, 0] != key:
        slot = (slot + 1) & mask
    if sheet[slot, 0] == 0:
        if rules >= MAX_SHEET_RULES:
            return rules
        sheet[slot, 0] = key
        rules += 1
    anew = (reasons >> SET_ANEW) & ALL_REASONS
    sheet[slot, 1] = (sheet[slot, 1] & ~anew) | reasons
    return rules


@part
def _is_name_byte(c: int) -> bool:
    return (97 <= (c | 32) <= 122) or (48 <= c <= 57) or c == 45 or c == 95 or c >= 128


@part
def _remember_selectors(data: np.ndarray, i: int, end: int, reasons: int, sheet: np.ndarray, rules: int) -> int:
    """Stores the reasons for each `.class` and `#id` of a selector list; any other selector is passed over."""
    while i < end:
        while i < end and (IS_SPACE[data[i]] or data[i] == 44):
            i += 1
        first = i
        key = 0
        simple = i < end and (data[i] == 46 or data[i] == 35)
        while i < end and data[i] != 44 and not IS_SPACE[data[i]]:
            if i > first and not _is_name_byte(data[i]):
                simple = False
            key = mix(key, data[i])
            i += 1
        while i < end and data[i] != 44:  # `.a .b` says nothing about `.a`
            if not IS_SPACE[data[i]]:
                simple = False
            i += 1
        if simple and i > first + 1:
            rules = remember(sheet, rules, key, reasons)
    return rules


@part
def _block_end(data: np.ndarray, i: int, end: int) -> int:
    """The brace that closes the block opened just before `i`, over nested blocks, quotes and comments."""
    depth = 1
    quote = 0
    while i < end:
        c = data[i]
        if quote:
            if c == quote or c == 10:
                quote = 0
        elif c == 34 or c == 39:
            quote = c
        elif c == 47 and i + 1 < end and data[i + 1] == 42:
            i = _skip_comment(data, i, end) - 1
        elif c == 123:
            depth += 1
        elif c == 125:
            depth -= 1
            if depth == 0:
                return i
        i += 1
    return end


@kernel
def read_sheet(data: np.ndarray, i: int, end: int, sheet: np.ndarray, rules: int) -> int:
    """Reads the content of one `<style>`; returns how many rules the page's table now holds."""
    start = i  # of the selectors
    while i < end:
        c = data[i]
        if c == 47 and i + 1 < end and data[i + 1] == 42:
            after = _skip_comment(data, i, end)
            start = after if i == start else start
            i = after
        elif i == start and IS_SPACE[c]:
            i += 1
            start = i
        elif i == start and c == 60:  # `<!--`, for browsers of 1995
            i = min(i + 4, end)
            start = i
        elif c == 125 or c == 59:
            i += 1
            start = i
        elif c == 123:
            stop = _block_end(data, i + 1, end)
            if data[start] != 64:  # the rules of @media and its kin hold only sometimes
                reasons = hiding_declarations(data, i + 1, stop)
                if reasons:
                    rules = _remember_selectors(data, start, i, reasons, sheet, rules)
            i = stop + 1
            start = i
        else:
            i += 1
    return rules
