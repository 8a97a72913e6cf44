"""What a page's markup says to no reader: comments, attribute values, embedded JSON and templates, text within <svg>, titles.

The walk of html_scan hands over each value where it meets it. One becomes a paragraph of `said` if it says something: three
words, or four letters of a script that writes without blanks; shorter ones are names. Character references are read, also
in comments, where they mean nothing to a browser: whoever reads a page for a model may read them.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.entities import put_code_point
from pipeline.kernels.html.names import LOWER
from pipeline.kernels.html.text import REFERENCES, copy_run

MIN_BYTES = 12  # of a value: "read it now." is one
MIN_GAPS = 2  # between words
MIN_WIDE_LETTERS = 4  # that take three bytes or more: Thai, Chinese, Japanese, tags

_DATA = np.frombuffer(b"data-", np.uint8).copy()
_DOCTYPE = np.frombuffer(b"doctype", np.uint8).copy()
_XML = np.frombuffer(b"?xml", np.uint8).copy()
_ESCAPES = np.zeros(256, np.uint8)  # what stands for what behind a backslash in JSON; 0: itself
for _letter, _meaning in zip(b"bfnrt", b"  \n\n\t", strict=True):
    _ESCAPES[_letter] = _meaning


@part
def _says_something(said: np.ndarray, start: int, end: int) -> bool:
    gaps = wide = 0
    for k in range(start, end):
        gaps += said[k] == 32 or said[k] == 10
        wide += said[k] >= 0xE0
    return end - start >= MIN_BYTES and (gaps >= MIN_GAPS or wide >= MIN_WIDE_LETTERS)


@kernel
def say(data: np.ndarray, start: int, end: int, said: np.ndarray, state: np.ndarray) -> None:
    """Appends the value between `start` and `end` as a paragraph: its lines, blanks within them as one."""
    if end - start < MIN_BYTES:
        return
    state[lay.STEPS] += end - start
    begin = state[lay.SAID_OUT]
    if begin:
        said[begin] = 10
        said[begin + 1] = 10
        begin += 2
    at = begin
    i = start
    while i < end:
        stop = i
        while stop < end and data[stop] != 10 and data[stop] != 13:
            stop += 1
        before = at
        if at > begin:
            said[at] = 10
            at += 1
        line = at
        _, at, _, _ = copy_run(data, i, stop, REFERENCES, said, at, line, 0)
        if at == line:
            at = before
        i = stop + 1
    if _says_something(said, begin, at):
        state[lay.SAID_OUT] = at


@part
def _begins(data: np.ndarray, start: int, end: int, prefix: np.ndarray) -> bool:
    """Whether more than `prefix`, given in lower case, stands between `start` and `end`, and begins with it in any case."""
    k = 0
    while k < len(prefix) and start + k < end and LOWER[data[start + k]] == prefix[k]:
        k += 1
    return k == len(prefix) and start + k < end


@part
def is_data_name(data: np.ndarray, start: int, end: int) -> bool:
    """Whether the attribute name between `start` and `end` is one of `data-…`."""
    return _begins(data, start, end, _DATA)


@part
def say_declaration(data: np.ndarray, start: int, end: int, said: np.ndarray, state: np.ndarray) -> None:
    """What stands, from behind `<!`, in a comment or what passes for one. Doctypes and XML declarations say nothing."""
    if _begins(data, start, end, _DOCTYPE) or _begins(data, start, end, _XML):
        return
    while end > start and (data[end - 1] == 62 or data[end - 1] == 45 or data[end - 1] == 33 or data[end - 1] == 93):
        end -= 1  # > - ! ]
    while start < end and data[start] == 45:
        start += 1
    say(data, start, end, said, state)


# ---------------------------------------------------------------- JSON


@part
def _four_digits(data: np.ndarray, i: int, end: int) -> int:
    """The number that four hexadecimal digits at `i` write; -1 where there are none."""
    if i + 4 > end:
        return -1
    code = 0
    for k in range(i, i + 4):
        c = data[k]
        digit = c - 48 if 48 <= c <= 57 else (c | 32) - 87
        if not 0 <= digit <= 15:
            return -1
        code = code * 16 + digit
    return code


@part
def _unescaped(data: np.ndarray, i: int, end: int, out: np.ndarray, at: int) -> int:
    """Writes a JSON string without its escapes to the free end of another buffer; returns where it ends."""
    while i < end:
        c = data[i]
        if c != 92 or i + 1 >= end:
            out[at] = c
            at += 1
            i += 1
            continue
        code = _four_digits(data, i + 2, end) if data[i + 1] == 117 else -1
        if code < 0:
            out[at] = _ESCAPES[data[i + 1]] or data[i + 1]
            at += 1
            i += 2
            continue
        i += 6
        if 0xD800 <= code < 0xDC00 and i + 1 < end and data[i] == 92 and data[i + 1] == 117:
            low = _four_digits(data, i + 2, end)
            if 0xDC00 <= low < 0xE000:
                code = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
                i += 6
        at = put_code_point(0xFFFD if 0xD800 <= code < 0xE000 or code == 0 else code, out, at)
    return at


@part
def say_strings(data: np.ndarray, start: int, end: int, room: np.ndarray, said: np.ndarray, state: np.ndarray) -> None:
    """The strings of JSON, each a value; all of it where there is none. `room`: a buffer whose free end may be written to."""
    i = start
    found = False
    while i < end:
        if data[i] != 34:
            i += 1
            continue
        found = True
        i += 1
        first = i
        escaped = False
        while i < end and data[i] != 34:
            escaped = escaped or data[i] == 92
            i += 2 if data[i] == 92 else 1
        stop = min(i, end)
        i += 1
        if not escaped or stop - first < MIN_BYTES:
            say(data, first, stop, said, state)
        else:
            free = state[lay.OUT]
            state[lay.STEPS] += stop - first
            say(room, free, _unescaped(data, first, stop, room, free), said, state)
    state[lay.STEPS] += end - start
    if not found:
        say(data, start, end, said, state)
