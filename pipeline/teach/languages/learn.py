"""The table of n-grams: which n-grams speak for which label, chosen by how much they tell, and how much they say, learned."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.kernels.language.fit import fit_languages, rows_of_keys
from pipeline.kernels.language.grams import keys_of_samples
from pipeline.kernels.language.votes import CUES, REST_BITS
from pipeline.language.model import Certainty, LanguageModel, Table, assemble, index_of
from pipeline.teach.languages.corpus import Corpus
from pipeline.teach.languages.examples import LARGE, examples
from pipeline.teach.languages.labels import NOISE, is_claimed
from pipeline.teach.languages.noise import noise

# n-grams of a large language, of a label that has sentences, of one with a declaration alone, and of one that is not claimed.
OF_LARGE, WITH_SENTENCES, DECLARED_ALONE, UNCLAIMED = 15000, 7500, 4500, 1300
MOST_LABELS = 12
# Languages that are told apart by n-grams chosen among them alone, CLOSE more for each.
CLOSE = 1500
CLOSE_GROUPS = (
    "bs hr sr_Latn sl",
    "nb nn da sv",
    "id ms",
    "zu xh nr ss",
    "st tn nso",
    "cs sk",
    "es ca pt gl ast oc lad",
    "it co lij vec sc",
    "be bg mk ru sr uk",
    "bho hi mai mr ne sa",
    "af nl",
    "rn rw lg",
    "ceb hil tl war",
    "fa pbu ur pnb ar",
    "tr az tk uz crh",
    "kk ky tt ba tyv",
    "zh zh_Hant yue",
)
LEAST_LIFT = 0.2  # log of how much more frequent than on average an n-gram has to be
ONCE_WEIGHT = 0.3  # of an n-gram met once, beside those met again
FIRST_WEIGHT = 0.1  # a weight begins as its n-gram's lift times this
PASSES, RATE, DECAY, DROPPED = 4, 0.15, 1e-6, 0.1
LARGEST_WEIGHT, LEAST_WEIGHT = 127, 3
NOISE_GRAMS_LINES = 3000


class Support(NamedTuple):
    """Entries before they are learned: sorted by key, then label."""

    keys: np.ndarray  # int64 [n-grams]
    starts: np.ndarray  # int64 [n-grams + 1]
    labels: np.ndarray  # int32 [entries]
    weights: np.ndarray  # float32 [entries]


def flat(lines: Sequence[str]) -> FlatText:
    return flatten(pa.array(lines, pa.large_string()))


def support(corpus: Corpus, labels: Sequence[str]) -> Support:
    """The n-grams of each label that tell most of it: frequency times the log of frequency over the mean frequency in all labels.

    Languages that are close get more, chosen by the mean within their group; an n-gram speaks for MOST_LABELS labels at most,
    because what stands in most languages tells little and costs most.
    """
    counted = [counted_grams(corpus, label) for label in labels]
    every = np.unique(np.concatenate([keys for keys, _ in counted]))
    shares = [counts / counts.sum() for _, counts in counted]
    of_all = mean_shares(every, [keys for keys, _ in counted], shares)
    entries = []
    for number, label in enumerate(labels):
        (keys, counts), share = counted[number], shares[number]
        lift = np.log(share / of_all[np.searchsorted(every, keys)])
        told = share * lift * np.where(counts > 1, 1.0, ONCE_WEIGHT)
        best = np.argsort(-told, kind="stable")[: most_grams(corpus, label)]
        best = best[lift[best] > LEAST_LIFT]
        for group in close_to(label, labels):
            of_group = mean_shares(every, [counted[one][0] for one in group], [shares[one] for one in group])
            within = share * np.log(share / of_group[np.searchsorted(every, keys)]) * (counts > 1)
            best = np.union1d(best, np.argsort(-within, kind="stable")[:CLOSE])
        entries.append((keys[best], np.full(len(best), number), lift[best], told[best]))
    keys, numbers, lifts, told = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    keys, numbers, lifts = most_telling(keys, numbers, lifts, told)
    table, starts = np.unique(keys, return_index=True)
    weights = (FIRST_WEIGHT * np.maximum(lifts, 0)).astype(np.float32)
    return Support(table, np.append(starts, len(keys)).astype(np.int64), numbers.astype(np.int32), weights)


def counted_grams(corpus: Corpus, label: str) -> tuple[np.ndarray, np.ndarray]:
    """(keys, counts) of a label's training lines."""
    lines = corpus.training(label) if label != NOISE else [line for _, line in noise(NOISE_GRAMS_LINES, "n-grams")]
    keys, counts = np.unique(keys_of_samples(*flat(lines))[0], return_counts=True)
    return keys, counts


def mean_shares(every: np.ndarray, keys: Sequence[np.ndarray], shares: Sequence[np.ndarray]) -> np.ndarray:
    """float64 [every]: the mean over labels of each key's share."""
    places = np.searchsorted(every, np.concatenate(keys))
    return np.bincount(places, np.concatenate(shares), len(every)) / len(keys)


def close_to(label: str, labels: Sequence[str]) -> list[list[int]]:
    """Numbers of the labels of each group that the label is in, as far as they are taught."""
    groups = [[labels.index(one) for one in group.split() if one in labels] for group in CLOSE_GROUPS if label in group.split()]
    return [group for group in groups if len(group) > 1]


def most_telling(keys: np.ndarray, numbers: np.ndarray, lifts: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, ...]:
    """(keys, numbers, lifts) of the MOST_LABELS best entries of each key, by key and number."""
    order = np.lexsort((numbers, -told, keys))
    ordered = keys[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    stays = order[rank < MOST_LABELS]
    stays = stays[np.lexsort((numbers[stays], keys[stays]))]
    return keys[stays], numbers[stays], lifts[stays]


def most_grams(corpus: Corpus, label: str) -> int:
    if label in LARGE:
        return OF_LARGE
    if label in corpus.sentences:
        return WITH_SENTENCES
    return DECLARED_ALONE if is_claimed(label) else UNCLAIMED


def learn(corpus: Corpus, labels: Sequence[str], seed: int, passes: int = PASSES) -> Table:
    """The table after some passes, each over other examples; its weights rounded to bytes."""
    table = support(corpus, labels)
    first = index_of(table.keys)
    weights, gradients = table.weights, np.full(len(table.weights), 1e-3, np.float32)
    bias, number = np.zeros(len(labels), np.float32), {label: number for number, label in enumerate(labels)}
    for turn in range(passes):
        shown = examples(corpus, [label for label in labels if label != NOISE], seed + turn)
        keys, bounds = keys_of_samples(*flat([example.letters for example in shown]))
        rows = rows_of_keys(keys, first, table.keys, REST_BITS)
        answers = np.array([number[example.label] for example in shown], np.int32)
        rate = RATE * (1 - turn / passes)
        loss = fit_languages(
            rows, bounds, answers, np.arange(len(shown)), table.starts, table.labels, weights, gradients, bias, rate, DECAY,
            DROPPED, seed + turn,
        )  # fmt: skip
        print(f"pass {turn + 1} of {passes}: {len(shown):,} examples, loss {loss:.4f}", flush=True)
    return rounded(table, weights, bias)


def bare(names: Sequence[str], table: Table) -> LanguageModel:
    """A model of a table that is not yet sure of anything."""
    count = len(names)
    nothing = Certainty(np.ones(count), np.zeros(count), np.zeros(CUES))
    return assemble(tuple(names), np.array([is_claimed(name) for name in names]), table, nothing, kin_of(names))


def kin_of(names: Sequence[str]) -> np.ndarray:
    """int64 [labels]: a bit for each of CLOSE_GROUPS that the label, or its language in another script, is in."""
    groups = [{name.split("_")[0] for name in group.split()} for group in CLOSE_GROUPS]
    return np.array(
        [sum(1 << bit for bit, group in enumerate(groups) if name.split("_")[0] in group) for name in names], np.int64
    )


def rounded(table: Support, weights: np.ndarray, bias: np.ndarray) -> Table:
    """Weights as bytes; entries that say next to nothing go, and n-grams without entries."""
    step = float(np.quantile(np.abs(weights), 0.9995)) / LARGEST_WEIGHT
    whole = np.clip(np.round(weights / step), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.int8)
    stays = np.abs(whole.astype(np.int64)) > LEAST_WEIGHT
    counts = np.add.reduceat(stays, table.starts[:-1])
    starts = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts[counts > 0], dtype=np.int32)])
    keys, labels = table.keys[counts > 0].astype(np.uint32), table.labels[stays].astype(np.uint16)
    return Table(keys, starts, labels, whole[stays], step, bias.astype(np.float64))
