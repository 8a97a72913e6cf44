"""Which chunks between spaces are addresses, by the pattern of spaCy's tokenizer: hosts, and what stands around them."""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.quality.english_affixes import AT, COLON, DASH, DOT, SLASH, UNDERSCORE, Rules, is_digit, is_letter, is_lower


@part
def _is_label(code: int) -> bool:
    return 0x61 <= code <= 0x7A or 0x41 <= code <= 0x5A or 0x30 <= code <= 0x39 or 0xA1 <= code <= 0xFFFF


@part
def _host_end(text: np.ndarray, start: int, stop: int, rules: Rules) -> int:
    """Where labels with dots between them end, the last one small letters, two at least; -1: this is no host."""
    at, label, dots = start, start, 0
    while at < stop and (_is_label(text[at]) or text[at] == DASH or text[at] == UNDERSCORE or text[at] == DOT):
        if text[at] == DOT:
            if at == label or not _is_label(text[label]) or not _is_label(text[at - 1]):
                return -1
            label = at + 1
            dots += 1
        at += 1
    if dots == 0 or at - label < 2 or at - label > 63:
        return -1
    for place in range(label, at):
        if not is_lower(text[place], rules):
            return -1
    return at


@part
def _number_end(text: np.ndarray, start: int, stop: int) -> int:
    """Where four numbers with dots between them end, a public IPv4 address; -1: this is none."""
    at = start
    first = second = 0
    for part_number in range(4):
        value, digits = 0, 0
        while at < stop and digits < 3 and is_digit(text[at]):
            value = value * 10 + text[at] - 0x30
            digits += 1
            at += 1
        if digits == 0 or value > 255:
            return -1
        if part_number == 0:
            first = value
        elif part_number == 1:
            second = value
        if part_number < 3:
            if at >= stop or text[at] != DOT:
                return -1
            at += 1
    private = first in (0, 10, 127) or first > 223 or (first == 192 and second == 168) or (first == 169 and second == 254)
    return -1 if private or (first == 172 and 16 <= second <= 31) else at


@part
def is_address(text: np.ndarray, start: int, stop: int, rules: Rules) -> bool:
    """A host with what may stand around it: scheme://, user@, :port, and a path."""
    host, dotted = start, False
    for at in range(start + 1, stop - 1):
        if text[at] == DOT:
            dotted = True
            break
    if not dotted:
        return False
    for at in range(start, stop - 2):
        if text[at] == COLON and text[at + 1] == SLASH and text[at + 2] == SLASH:
            host = at + 3 if at - start >= 2 else start
            break
        if not (is_letter(text[at], rules) or is_digit(text[at]) or text[at] in (0x2B, DASH, DOT, UNDERSCORE)):
            break
    for at in range(stop - 1, host, -1):
        if text[at] == AT:
            host = at + 1
            break
    end = _host_end(text, host, stop, rules)
    if end < 0:
        end = _number_end(text, host, stop)
    if end < 0:
        return False
    if end < stop and text[end] == COLON:
        port = end + 1
        while port < stop and is_digit(text[port]):
            port += 1
        end = port if 3 <= port - end <= 6 else end
    return end == stop or text[end] == SLASH or text[end] == 0x3F or text[end] == 0x23
