"""How many of the documents that nothing drops are kept: by a lot that the score weighs, then by a bound to what a host gives."""

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pyarrow as pa

from pipeline.errors import RecipeError
from pipeline.settings import LARGEST_SEED, check_settings, setting

MAX_PER_HOST, SAMPLE = "max_per_host", "sample"  # the reasons of an outcome `sampled`
OFF, BUCKETS, LONGEST = "off", "buckets", "longest"
LOT_BITS = 53  # a lot is a whole multiple of 2 ** -53: exact as a float64


@dataclass(frozen=True, kw_only=True)
class SelectSettings:
    """A lot that is weighed by the score `quality`, and a bound to what one host gives."""

    sample: Literal["off", "pareto", "buckets"] = setting(
        "off",
        "how the score makes a page's chance to stay, `pareto` or `buckets`; who loses is `sampled`, who has no score stays",
        "off: all stay",
    )
    pareto_alpha: int = setting(
        9,
        "of `pareto`: the chance is (2 - score) to the power of minus this; .9 has .42, .5 has .03",
        "GPT-3, appendix A",
        minimum=1,
        maximum=64,
    )
    bucket_scores: tuple[float, ...] = setting(
        (0.3, 0.5, 0.7),
        "of `buckets`: scores where the second bucket begins, the third, …; they rise",
        "winnow",
        minimum=0,
        maximum=1,
    )
    bucket_shares: tuple[float, ...] = setting(
        (0.1, 0.3, 0.6, 1.0), "of `buckets`: the chance of each bucket, one more than scores", "winnow", minimum=0, maximum=1
    )
    seed: int = setting(20240520, "another one draws other pages", minimum=0, maximum=LARGEST_SEED)
    max_per_host: int | None = setting(
        None,
        "pages of a host that are kept, by `host_keeps`; further ones are `sampled`",
        "none: no bound",
        minimum=1,
    )
    host_keeps: Literal["best", "longest"] = setting(
        "best",
        "which pages a bounded host keeps: those with the best score `quality`, then as of copies, the longest text and the "
        "earliest; longest: as of copies",
        "winnow",
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "select.")
        if len(self.bucket_shares) != len(self.bucket_scores) + 1:
            raise RecipeError(
                f"select.bucket_shares has {len(self.bucket_shares)} numbers, select.bucket_scores {len(self.bucket_scores)}: "
                "give one share more than scores"
            )
        if any(second <= first for first, second in pairwise(self.bucket_scores)):
            raise RecipeError(f"select.bucket_scores is {self.bucket_scores}: give scores that rise")


def lots(doc_ids: list[str], seed: int) -> np.ndarray:
    """float64 [documents] in [0, 1): a page's lot depends on its doc_id and the seed alone."""
    digests = (hashlib.blake2b(f"{seed}:{doc_id}".encode(), digest_size=8).digest() for doc_id in doc_ids)
    return np.array([(int.from_bytes(digest, "big") >> (64 - LOT_BITS)) / (1 << LOT_BITS) for digest in digests], np.float64)


def chances(scores: pa.Array, settings: SelectSettings) -> np.ndarray:
    """float64 [documents]: the chance to stay; 1 without a score. Products only, so that every machine draws the same pages."""
    known = scores.is_valid().to_numpy(zero_copy_only=False)
    values = scores.fill_null(1).cast(pa.float64()).to_numpy(zero_copy_only=False)
    if settings.sample == BUCKETS:
        bounds = np.array(settings.bucket_scores, np.float32).astype(np.float64)  # scores are 32-bit numbers
        found = np.array(settings.bucket_shares)[np.searchsorted(bounds, values, side="right")]
    else:
        power = np.ones(len(values))
        for _ in range(settings.pareto_alpha):
            power = power * (2.0 - values)
        found = 1.0 / power
    return np.where(known, found, 1.0)


def drawn(doc_ids: list[str], scores: pa.Array, settings: SelectSettings) -> np.ndarray:
    """bool [documents]: who stays."""
    if settings.sample == OFF:
        return np.ones(len(doc_ids), bool)
    return np.asarray(lots(doc_ids, settings.seed) < chances(scores, settings))
