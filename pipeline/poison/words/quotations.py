"""What a page tells of somebody else's words: an order in quotation marks, in a line that goes on about something else.

A string of program text, a field of JSON or a line that is all quotation is no such thing: it may be the planted text itself.
"""

import functools

import pyarrow as pa
import re2

from pipeline.arrays import flatten
from pipeline.poison.words import instructions, sentences

MIN_WORDS_AROUND = 8  # of the line, outside of quotation marks
MAX_LINE_BYTES = 4000  # around the sentence
NEAR = 200  # characters before and after the sentence that may say to whom the quotation is said
SPEAKS = -3.5  # logit of the first model from which what stands there outside of quotation marks speaks to a model itself
MAX_QUOTED = 400  # characters of a quotation
QUOTED = r"\"[^\"\n]+\"|“[^”\n]+”|„[^“”\n]+[“”]|«[^»\n]+»|»[^«\n]+«|‘[^’\n]+’|「[^」\n]+」|『[^』\n]+』|`[^`\n]+`"


@functools.cache
def _pattern() -> "re2._Regexp":
    return re2.compile(QUOTED)


def only_tells(raw: bytes, begin: int, end: int) -> bool:
    """Is what the sentence from byte `begin` to `end` says to a model only quoted?"""
    first = max(raw.rfind(b"\n", 0, begin) + 1, begin - MAX_LINE_BYTES)
    last = raw.find(b"\n", end)
    line = raw[first : min(len(raw) if last < 0 else last, end + MAX_LINE_BYTES)].decode("utf-8", "ignore")
    start, stop = (len(raw[first:at].decode("utf-8", "ignore")) for at in (begin, end))
    spans = [match.span() for match in _pattern().finditer(line) if match.end() - match.start() <= MAX_QUOTED]
    if not any(one < stop and other > start for one, other in spans):
        return False
    if len(_without(line, spans, 0, len(line)).split()) < MIN_WORDS_AROUND:
        return False
    return not _speaks(_without(line, spans, max(0, start - NEAR), stop + NEAR))


def _without(line: str, spans: list[tuple[int, int]], start: int, stop: int) -> str:
    """The line from `start` to `stop`, each quotation one blank."""
    parts, at = [], start
    for begin, end in spans:
        if end > start and begin < stop:
            parts.append(line[at : max(at, begin)])
            at = max(at, end)
    return " ".join((*parts, line[at:stop]))


def _speaks(left: str) -> bool:
    raw = left.encode()
    if instructions.addresses(raw) or instructions.overrides(raw):
        return True
    found = sentences.candidates(flatten(pa.array([left], pa.large_string())), sentences.load().weights)
    return bool((found.features[:, [sentences.ORDER, sentences.REQUEST]] > SPEAKS).any())
