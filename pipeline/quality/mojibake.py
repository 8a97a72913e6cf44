"""Text that was encoded twice: "cafÃ©", "Itâ€™s", "ÐŸÑ€Ð¸". What of it is certain is repaired by edits, the rest is measured.

UTF-8 that was read as windows-1252 or latin-1 leaves, for each character, two to four that are its bytes; done twice, those of
those. Good text has such pairs too ("CAFÉ»", "Spaß“"), so not every pair is repaired:

- "â€" and what follows it, a dash or quotation mark, always: nobody writes it, nor latin-1's "â\\x80";
- others where all of their line beyond ASCII reads as such bytes, if the page's lines of that kind weigh enough together;
- nothing on a page that speaks of encodings: it shows what it speaks of.

A repair is an edit of the kept text and not of `documents.text`, which stays what the record says: so spans lead back through
it, as through any edit. A no-break space was already read as a blank: a lone "Â" before one goes, a lone "Ã" is "à".
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import re2

from pipeline.arrays import FlatText, flatten
from pipeline.errors import RecipeError
from pipeline.quality.edits import LINE_EDITS
from pipeline.settings import check_settings, setting

REASON = "mojibake"
MIN_WEIGHT = 3  # of a page's clean lines together: three of "Ã©", a Cyrillic word, two Chinese characters
MIN_WEIGHT_AGAIN = 2  # of what reads so once more: the page is known for it by then
MOST_ROUNDS = 3  # of encoding; real pages have two
SPEAKS_OF_ENCODINGS = re2.compile(rb"(?i)utf-?8|unicode|mojibake|charset|encoding|iso-8859|windows-125|latin-?1")


@dataclass(frozen=True, kw_only=True)
class MojibakeSettings:
    """Text that was encoded twice."""

    repair: bool = setting(True, "what is certain is repaired in the kept text")

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "mojibake.")


def mojibake_edits(text: pa.Array, settings: MojibakeSettings) -> pa.RecordBatch:
    """The replacements (LINE_EDITS) that give back what was encoded twice; sequences that touch are one."""
    edits = list(_edits(text)) if settings.repair else []
    return pa.RecordBatch.from_pylist(edits, schema=LINE_EDITS)


def mojibake_left(flat: FlatText) -> np.ndarray:
    """int64 [rows]: characters of sequences that are no good text and that no repair covers."""
    found, certain = _decided(flat)
    from pipeline.kernels.quality.mojibake import END, ROW, START, WEIGHT

    left = found[~certain & (found[:, WEIGHT] > 0)]
    return np.bincount(left[:, ROW], left[:, END] - left[:, START], minlength=len(flat.offsets) - 1).astype(np.int64)


def _decided(flat: FlatText) -> tuple[np.ndarray, np.ndarray]:
    """(what the kernel found, which of it is certain)"""
    from pipeline.kernels.quality.mojibake import CERTAIN, LINE_IS_CLEAN, ROW, WEIGHT, find_sequences

    found = find_sequences(flat.data, flat.offsets)
    if not len(found):
        return found, np.zeros(0, np.bool_)
    clean, weight = found[:, LINE_IS_CLEAN] == 1, found[:, WEIGHT]
    weighs = clean | (weight == CERTAIN)
    of_row = np.bincount(found[:, ROW], np.where(weighs, np.maximum(weight, 0), 0), minlength=len(flat.offsets) - 1)
    certain = (weight == CERTAIN) | (clean & (of_row[found[:, ROW]] >= MIN_WEIGHT))
    for row in np.unique(found[certain, ROW]).tolist():
        if SPEAKS_OF_ENCODINGS.search(flat.data[flat.offsets[row] : flat.offsets[row + 1]].tobytes()):
            certain &= found[:, ROW] != row
    return found, certain


@dataclass
class _Run:
    """Sequences that touch, and what they stand for so far; `lost`: their last byte, a no-break space, became a blank."""

    start: int
    end: int
    text: str
    lost: bool


def _edits(text: pa.Array) -> Iterator[dict[str, object]]:
    flat = flatten(text)
    found, certain = _decided(flat)
    for row in np.unique(found[certain, 0]).tolist():
        runs = _runs(flat.data, found[certain & (found[:, 0] == row)])
        _decode(runs)
        for _ in range(MOST_ROUNDS - 1):
            if not _decode(_encoded_again(runs)):
                break
        for run in runs:
            yield {"row": row, "start": run.start, "end": run.end, "replacement": run.text, "reason": REASON}


def _runs(data: np.ndarray, found: np.ndarray) -> list[_Run]:
    from pipeline.kernels.quality.mojibake import END, FIRST_BYTE, LOST_BLANK, START, WEIGHT

    runs: list[_Run] = []
    for one in found.tolist():
        chars = one[END] - one[START]
        text = data[one[FIRST_BYTE] : one[FIRST_BYTE] + 4 * chars].tobytes().decode("utf-8", "ignore")[:chars]
        lost = one[WEIGHT] == LOST_BLANK
        if runs and runs[-1].end == one[START]:
            runs[-1] = _Run(runs[-1].start, one[END], runs[-1].text + text, lost)
        else:
            runs.append(_Run(one[START], one[END], text, lost))
    return runs


def _decode(runs: list[_Run]) -> bool:
    """One round: "Ã©" -> "é", "ÃƒÂ©" -> "Ã©". Whether there was anything to do."""
    for run in runs:
        run.text = _bytes_of(run.text + "\xa0" * run.lost).decode().removesuffix("\xa0" if run.lost else "")
    return bool(runs)


def _encoded_again(runs: list[_Run]) -> list[_Run]:
    """Those of a page that are sequences once more, if these weigh enough together."""
    from pipeline.kernels.quality.mojibake import END, LOST_BLANK, START, WEIGHT, find_sequences

    again, weight = [], 0
    for run in runs:
        found = find_sequences(*flatten(pa.array([run.text + " " * run.lost])))
        if len(found) and int((found[:, END] - found[:, START]).sum()) == len(run.text):
            run.lost = bool(found[-1, WEIGHT] == LOST_BLANK)
            again.append(run)
            weight += int(np.maximum(found[:, WEIGHT], 0).sum())
    return again if weight >= MIN_WEIGHT_AGAIN else []


def _bytes_of(text: str) -> bytes:
    """Raises UnicodeError for characters that are no byte of windows-1252 or latin-1."""
    return b"".join(letter.encode("latin-1" if letter < "\u0100" else "cp1252") for letter in text)
