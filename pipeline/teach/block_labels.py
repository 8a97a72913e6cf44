"""How much of each block of a page is content, by what people took from the page."""

from typing import NamedTuple

import numpy as np
import re2

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.page import walk_page
from pipeline.kernels.main_text.features import features_of
from pipeline.kernels.scores.alignment import aligned
from pipeline.read.html import HtmlSettings
from pipeline.teach.extraction_pages import Page

_WORD = re2.compile(r"[\pL\pM\pN_]+")
_DEPTH, _ATTRIBUTES = HtmlSettings.max_depth, HtmlSettings.max_attributes
MAX_PAGE_WORDS, MAX_TEXT_WORDS = 40_000, 20_000  # that are aligned
RUN = 5  # words in a row that are content wherever they stand: some texts are given in another order than the page's
MIN_WORDS_OF_RUN = 8  # of a block that is looked at so
WEIGHT_BY_WORDS = 0.6  # a block's weight grows with this power of its words: between counting blocks and counting words
WEIGHT_OF_SNIPPET = 0.01  # of a block that a snippet names; all blocks of a page with its whole text weigh 1


class Lesson(NamedTuple):
    """The blocks of a page that teach: features float32 [blocks, FEATURES], share of content and weight float64 [blocks]."""

    features: np.ndarray
    content: np.ndarray
    weight: np.ndarray


def words_of(text: str) -> list[str]:
    """What word F1 counts: runs of letters, digits and underscores, lower-cased."""
    words: list[str] = _WORD.findall(text.lower())
    return words


def lesson(page: Page) -> Lesson:
    text, _, _, blocks, elements, _ = walk_page(np.frombuffer(page.html, np.uint8).copy(), _DEPTH, _ATTRIBUTES, False, True)
    features, _ = features_of(text, blocks, elements)
    shown = [text[block[lay.START] : block[lay.END]].tobytes().decode() for block in blocks]
    content, weight = _by_text(shown, page.text) if page.text else _by_snippets(shown, page)
    asked = weight > 0
    return Lesson(features[asked], content[asked], weight[asked])


def _by_text(shown: list[str], truth: str) -> tuple[np.ndarray, np.ndarray]:
    numbers: dict[str, int] = {}
    blocks = [[numbers.setdefault(word, len(numbers)) for word in words_of(block)] for block in shown]
    text = np.array([numbers.setdefault(word, len(numbers)) for word in words_of(truth)], np.int32)
    counts = np.array([len(block) for block in blocks], np.int64)
    block_of = np.repeat(np.arange(len(blocks)), counts)
    hit = np.zeros(len(block_of), np.bool_)
    page = np.array([word for block in blocks for word in block], np.int32)
    hit[:MAX_PAGE_WORDS] = aligned(page[:MAX_PAGE_WORDS], text[:MAX_TEXT_WORDS])
    share = np.bincount(block_of, weights=hit, minlength=len(blocks)) / np.maximum(counts, 1)
    runs = {tuple(text[at : at + RUN].tolist()) for at in range(len(text) - RUN + 1)}
    moved = np.array([_share_in_runs(block, runs) for block in blocks])
    weight = (counts + 1.0) ** WEIGHT_BY_WORDS
    content = np.maximum(share, moved) if len(blocks) else share
    # A page of which nothing is found shows something else than its truth was taken from: a wall, an error.
    return content, weight / weight.sum() if content.any() else np.zeros(len(blocks))


def _share_in_runs(block: list[int], runs: set[tuple[int, ...]]) -> float:
    if len(block) < MIN_WORDS_OF_RUN:
        return 0.0
    covered = np.zeros(len(block), np.bool_)
    for at in range(len(block) - RUN + 1):
        if tuple(block[at : at + RUN]) in runs:
            covered[at : at + RUN] = True
    return float(covered.mean())


def _by_snippets(shown: list[str], page: Page) -> tuple[np.ndarray, np.ndarray]:
    present, absent = _in_one_line(page.present), _in_one_line(page.absent)
    content, weight = np.zeros(len(shown)), np.zeros(len(shown))
    for k, block in enumerate(_in_one_line(shown)):
        is_content, is_not = any(one in block for one in present), any(one in block for one in absent)
        if is_content != is_not:
            content[k], weight[k] = is_content, WEIGHT_OF_SNIPPET
    return content, weight


def _in_one_line(texts: list[str]) -> list[str]:
    return [" ".join(text.split()) for text in texts]
