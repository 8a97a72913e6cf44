"""Walking between a curated text and the document it came from: edits made, and positions taken back through them.

Positions are Unicode code points. An edit replaces text[start:end]; where two overlap, the one that starts first holds
(the longer of two that start together) and the other gives way, so that what is cut once is cut once.
"""

from collections.abc import Iterable

Edit = tuple[int, int, str]  # start, end, replacement
REMOVED = "removed"  # the reason of a reject, and an outcome: a takedown took the page out
DECLARED = "declared"  # charset_source of pages that came as rows, and of no others
INSIDE_WACZ = ".wacz!/"  # in a warc_file: between a WACZ and the path of a WARC in it
NOTHING_LEFT = "nothing_left"  # the reason of an outcome: the edits took the whole text


def in_order(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that take effect, sorted.

    [(3, 9, ""), (0, 5, ""), (5, 9, "")] -> [(0, 5, ""), (5, 9, "")]
    """
    effective: list[Edit] = []
    reached = 0
    for start, end, replacement in sorted(edits, key=lambda edit: (edit[0], -edit[1], edit[2])):
        if start >= reached:
            effective.append((start, end, replacement))
            reached = max(end, start)
        elif end > reached:  # the part that the earlier edit left
            effective.append((reached, end, ""))
            reached = end
    return effective


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits made, at positions of the original."""
    pieces: list[str] = []
    position = 0
    for start, end, replacement in in_order(edits):
        pieces += (text[position:start], replacement)
        position = end
    return "".join((*pieces, text[position:]))


def original_span(start: int, end: int, edits: Iterable[Edit]) -> tuple[int, int]:
    """Where edited[start:end] stood in the original.

    A border inside a replacement widens to the whole edit: the span never leaves out text that the piece came from.
    """
    return _original(start, edits, last=False), _original(end, edits, last=True)


def edited_span(start: int, end: int, edits: Iterable[Edit]) -> tuple[int, int]:
    """Where original[start:end] stands in the edited text; a border inside an edit widens to its whole replacement."""
    return _edited(start, edits, last=False), _edited(end, edits, last=True)


def _edited(position: int, edits: Iterable[Edit], *, last: bool) -> int:
    """The edited position of a border of the original."""
    shift = 0  # original minus edited
    for start, end, replacement in in_order(edits):
        if position <= start:
            break
        if position < end:
            return start - shift + (len(replacement) if last else 0)
        shift += (end - start) - len(replacement)
    return position - shift


def _original(position: int, edits: Iterable[Edit], *, last: bool) -> int:
    """The original position of a border; `last` says that it ends a span, so that an edit right at it stays outside."""
    shift = 0  # original minus edited
    for start, end, replacement in in_order(edits):
        edited_start = start - shift
        edited_end = edited_start + len(replacement)
        if position < edited_start or (position == edited_start and last):
            break
        if position < edited_end or (last and position == edited_end):
            return end if last else start
        shift += (end - start) - len(replacement)
    return position + shift
