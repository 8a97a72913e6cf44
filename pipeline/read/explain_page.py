"""Why a page's text is what it is: each block with what the model said of it, and the features that made it say so."""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.page import walk_page
from pipeline.kernels.main_text.choice import choose_blocks, probability_of
from pipeline.kernels.main_text.features import features_of
from pipeline.kernels.main_text.names import FEATURES
from pipeline.kernels.main_text.repeats import drop_repeats
from pipeline.kernels.scores.trees import tree_scores
from pipeline.read import main_text
from pipeline.read.html import HtmlSettings
from pipeline.read.trees import Tree

REASONS = 3


class Reason(NamedTuple):
    """`share` of the score is in logits, above 0 where the feature speaks for content."""

    feature: str
    value: float
    share: float


class JudgedBlock(NamedTuple):
    """`probability` is that the block is main text; `reasons` are the features that moved it most.

    `repeats`: it would be kept, had not the kept text said the same before (pipeline/kernels/main_text/repeats.py).
    """

    text: str
    kept: bool
    repeats: bool
    probability: float
    reasons: list[Reason]


def judged_blocks(html: bytes, settings: HtmlSettings | None = None, *, is_xml: bool = False) -> list[JudgedBlock]:
    """All visible blocks of a page given as UTF-8, in its order; `is_xml`: it is XHTML by its type."""
    settings = settings or HtmlSettings()
    model = main_text.shipped_model()
    text, _, _, blocks, elements, _ = walk_page(
        np.frombuffer(html, np.uint8).copy(), settings.max_depth, settings.max_attributes, is_xml, settings.main_content
    )
    features, names = features_of(text, blocks, elements)
    scores = tree_scores(features, model.tests)
    chosen, _ = choose_blocks(scores, names, blocks, settings.comments == "keep")
    keep = drop_repeats(text, blocks, elements, chosen)
    return [
        JudgedBlock(
            text[block[lay.START] : block[lay.END]].tobytes().decode(),
            bool(kept) or not settings.main_content,
            bool(is_chosen and not kept) and settings.main_content,
            float(probability_of(score)),
            _reasons(model.trees, row),
        )
        for block, is_chosen, kept, score, row in zip(blocks, chosen, keep, scores, features, strict=True)
    ]


def _reasons(trees: list[Tree], row: np.ndarray) -> list[Reason]:
    shares = main_text.shares(trees, row)
    strongest = sorted(shares, key=lambda name: (-abs(shares[name]), name))[:REASONS]
    return [Reason(name, float(row[FEATURES.index(name)]), shares[name] / 1000) for name in strongest]
