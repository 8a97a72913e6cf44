"""Teaches the model of page types that ships (`python -m pipeline.teach.page_type --help`).

Boosted trees on one row a page (pipeline/kernels/main_text/page_type.py), as many for each type; LightGBM grows them.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from pipeline.kernels.html.page import walk_page
from pipeline.kernels.main_text.features import features_of
from pipeline.kernels.main_text.page_type import TYPE_FEATURES, page_row
from pipeline.read.html import HtmlSettings
from pipeline.read.page_type import SHIPPED_TYPES, taught_type, type_tests
from pipeline.tables import TAUGHT_TYPES
from pipeline.teach.extraction_pages import Page, read_pages
from pipeline.teach.main_text import FOLDS, lines_of, write

ROUNDS = 40  # trees of each type
PARAMETERS: dict[str, Any] = {
    "objective": "multiclass",
    "num_class": len(TAUGHT_TYPES),
    "num_leaves": 8,
    "learning_rate": 0.12,
    "min_data_in_leaf": 10,
    "extra_trees": True,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 20240520,
    "verbose": -1,
}


def row_of(page: Page) -> np.ndarray:
    """What the model is told of a page; float32 [TYPE_FEATURES]."""
    html = np.frombuffer(page.html, np.uint8).copy()
    text, _, _, blocks, elements, _ = walk_page(html, HtmlSettings.max_depth, HtmlSettings.max_attributes, False, True)
    row: np.ndarray = page_row(features_of(text, blocks, elements)[0], blocks)
    return row


def grow(rows: np.ndarray, types: Sequence[str]) -> list[list[str]]:
    """The lines of each tree of page_type.tsv."""
    labels = [TAUGHT_TYPES.index(one) for one in types]
    names = [name.replace(":", "=") for name in TYPE_FEATURES]
    grown = lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, labels, feature_name=names), ROUNDS)
    return [lines_of(tree["tree_structure"], TYPE_FEATURES) for tree in grown.dump_model()["tree_info"]]


def held_out(pages: Sequence[Page], rows: np.ndarray) -> list[str | None]:
    """The type of each page by the model that saw no page of its site."""
    folds = np.array([page.fold(FOLDS) for page in pages])
    found: list[str | None] = [None] * len(pages)
    for fold in range(FOLDS):
        seen = np.flatnonzero(folds != fold).tolist()
        tests = type_tests(grow(rows[seen], [pages[k].kind for k in seen]))
        for k in np.flatnonzero(folds == fold).tolist():
            found[k] = taught_type(rows[k], tests)
    return found


def show(pages: Sequence[Page], found: Sequence[str | None]) -> None:
    pairs = Counter((page.kind, one) for page, one in zip(pages, found, strict=True))
    told = sum(count for (_, one), count in pairs.items() if one)
    right = sum(count for (true, one), count in pairs.items() if true == one)
    print(f"{len(pages)} pages; told {told / len(pages):.3f}, of them right {right / told:.3f}")
    for kind in TAUGHT_TYPES:
        own = {one: pairs[kind, one] for one in (*TAUGHT_TYPES, None)}
        named = sum(pairs[other, kind] for other in TAUGHT_TYPES)
        print(f"{kind}: of {sum(own.values())} found {own[kind]}, of {named} so named right {own[kind]}; {own}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="with types.warc.gz and types.truth.jsonl.gz")
    parser.add_argument("--output", type=Path, default=SHIPPED_TYPES)
    options = parser.parse_args()
    pages = [page for page in read_pages(options.folder) if page.kind in TAUGHT_TYPES]
    rows = np.vstack([row_of(page) for page in pages])
    show(pages, held_out(pages, rows))
    digest = write(grow(rows, [page.kind for page in pages]), options.output)
    print(f"{options.output.stat().st_size} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
