"""Slow obvious twin of the joining of blocks as markdown: paragraphs as strings, one after the other."""

import itertools
import re
from typing import NamedTuple

from pipeline.kernels.html import layout as lay
from tests.reference.html import item_mark, newlines_between

TABLE_ROW = lay.IS_CELL | lay.IS_ROW


class Block(NamedTuple):
    text: str
    kind: int
    group: int
    language: str
    quotes: int = 0  # <blockquote> around it


Piece = tuple[str, int]  # lines, and the quotations around them


def close_together(above: Block, below: Block) -> bool:
    return newlines_between((above.kind, above.group), (below.kind, below.group)) == "\n"


def is_code(block: Block) -> bool:
    return block.kind & lay.IS_PRE != 0


def joined(blocks: list[Block]) -> str:
    """Runs of blocks that close together, each as markdown, a blank line between them."""
    runs: list[list[Block]] = []
    for block in blocks:
        goes_on = bool(runs) and close_together(runs[-1][-1], block)
        if goes_on and (is_code(runs[-1][-1]) == is_code(block) or not is_code(runs[-1][-1])):
            runs[-1].append(block)
        else:
            runs.append([block])
    text, before = "", 0
    for run in runs:
        for number, (lines, quotes) in enumerate(run_of(run)):
            if text:
                text += "\n" if number else f"\n{quoted('', min(before, quotes))}\n"
            text += "\n".join(quoted(line, quotes) for line in lines.split("\n"))
            before = quotes
    return text


def quoted(line: str, quotes: int) -> str:
    return "> " * quotes + line if line else ("> " * quotes).rstrip()


def run_of(run: list[Block]) -> list[Piece]:
    pieces: list[Piece] = []
    for code, some in itertools.groupby(run, is_code):
        blocks = list(some)
        pieces += fenced(blocks) if code else [(line_of(block, block is run[0]), block.quotes) for block in blocks]
    return pieces


def fenced(blocks: list[Block]) -> list[Piece]:
    fence = "`" * max(3, *(len(ticks) + 1 for block in blocks for ticks in re.findall("`+", block.text) or [""]))
    lines = [block.text for block in blocks]
    lines[0] = f"{marked(blocks[0])}{fence}{blocks[0].language}\n{lines[0]}"
    lines[-1] += f"\n{fence}"
    return [(text, block.quotes) for text, block in zip(lines, blocks, strict=True)]


def marked(block: Block) -> str:
    return item_mark(block.kind, 4) if block.kind & lay.IS_ITEM else ""


def line_of(block: Block, is_first: bool) -> str:
    if block.kind & TABLE_ROW == TABLE_ROW:
        head = "\n|" + "---|" * len(cells_of(block.text)) if is_first else ""
        return f"{marked(block)}| {block.text} |{head}"
    level = block.kind & lay.LEVEL
    heading = "#" * level + " " if level else ""
    escape = "\\" if block.text[0] in "#>`" else ""
    return marked(block) + heading + escape + block.text


def cells_of(row: str) -> list[str]:
    return re.split(r"(?:(?<= )|^)\|(?= |$)", row)
