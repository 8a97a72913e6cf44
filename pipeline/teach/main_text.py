"""Teaches the model of main text that ships (`python -m pipeline.teach.main_text --help`).

Boosted trees on the features of blocks; what a block is, is what people took from its page (block_labels.py). LightGBM grows the
trees; what applies them is pipeline/kernels/scores/trees.py, and nothing of LightGBM is needed then.
"""

import argparse
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from pipeline.kernels.main_text.names import FEATURES
from pipeline.read.main_text import SHIPPED_MODEL, Model, parsed
from pipeline.teach.block_labels import Lesson, lesson
from pipeline.teach.extraction_pages import Page, read_pages
from pipeline.teach.plain_pages import plain_pages

TREES = 90
SEED = 20240520
WEIGHT_OF_PLAIN_PAGE = 0.1  # of a generated page; a labelled one weighs 1
PARAMETERS: dict[str, Any] = {
    "objective": "cross_entropy",
    "num_leaves": 24,
    "learning_rate": 0.2,
    "min_data_in_leaf": 40,
    "lambda_l2": 10,
    "extra_trees": True,  # bounds are drawn: the trees differ more, and what they agree on holds on other sites
    "feature_fraction": 0.5,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": SEED,
    "verbose": -1,
}
FOLDS = 5
_SCALE_OF_WEIGHTS = 1000  # a page's; `lambda_l2` is measured against it


@functools.cache
def plain_lessons() -> list[Lesson]:
    lessons = [lesson(page) for page in plain_pages(SEED)]
    return [one._replace(weight=one.weight * WEIGHT_OF_PLAIN_PAGE) for one in lessons]


def grow(lessons: Sequence[Lesson]) -> list[list[str]]:
    """The lines of each tree of main_text.tsv."""
    lessons = [*lessons, *plain_lessons()]
    features = np.vstack([one.features for one in lessons])
    content = np.concatenate([one.content for one in lessons])
    weight = np.concatenate([one.weight for one in lessons]) * _SCALE_OF_WEIGHTS
    data = lightgbm.Dataset(features, content, weight=weight, feature_name=[name.replace(":", "=") for name in FEATURES])
    grown = lightgbm.train(PARAMETERS, data, TREES)
    trees = [tree["tree_structure"] for tree in grown.dump_model()["tree_info"]]
    return [lines_of(tree, FEATURES) for tree in trees if "split_feature" in tree]


def lines_of(tree: dict[str, Any], features: Sequence[str]) -> list[str]:
    """A tree as LightGBM dumps it, one split a line, parents before children."""
    splits = [tree]
    lines = []
    for split in splits:  # grows meanwhile
        targets = []
        for child in (split["left_child"], split["right_child"]):
            if "leaf_value" in child:
                targets.append(str(_thousandths(child["leaf_value"])))
            else:
                targets.append(f"#{len(splits)}")
                splits.append(child)
        bound = np.format_float_positional(np.float32(split["threshold"]), precision=6, fractional=False, trim="-")
        mean = _thousandths(split["internal_value"])
        lines.append("\t".join([features[split["split_feature"]], bound, str(mean), *targets]))
    return lines


def _thousandths(logit: float) -> int:
    return round(logit * 1000)


def taught(lessons: Sequence[Lesson]) -> Model:
    return parsed(grow(lessons))


def fold_models(pages: Sequence[Page], lessons: Sequence[Lesson]) -> list[Model]:
    """For each fold the model that saw no page of its sites."""
    return [
        taught([one for page, one in zip(pages, lessons, strict=True) if page.fold(FOLDS) != fold and len(one.weight)])
        for fold in range(FOLDS)
    ]


def write(trees: list[list[str]], file: Path) -> str:
    """Writes the table; gives its SHA-256."""
    table = "\n\n".join("\n".join(tree) for tree in trees) + "\n"
    file.write_text(table, "utf-8")
    return hashlib.sha256(table.encode()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="with types, readability and snippets, each .warc.gz and .truth.jsonl.gz")
    parser.add_argument("--output", type=Path, default=SHIPPED_MODEL)
    options = parser.parse_args()
    lessons = [lesson(page) for page in read_pages(options.folder)]
    lessons = [one for one in lessons if len(one.weight)]
    digest = write(grow(lessons), options.output)
    blocks = sum(len(one.weight) for one in lessons)
    print(f"{len(lessons)} pages, {blocks} blocks; {options.output.stat().st_size} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
