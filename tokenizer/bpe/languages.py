"""Word counts by language, and their weights when small languages are to have more tokens than their share of the text.

With temperature T a language that has share p of the bytes learns as if it had p^(1/T), over the sum of these: T = 1 leaves
shares as they are, a high T makes all alike. 99 % and 1 % become 91 % and 9 % at T = 2. Shares are of bytes, not of words:
a word of Chinese is half a sentence.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.tables import LANGUAGE_COUNTS

_ONE = 1 << 20  # weights are whole numbers of 2^-20, so that sums do not depend on the order in which they are made


def language_weights(counts: pa.Table, temperature: float) -> dict[str, float]:
    """What a count of each language is multiplied with; the weighted bytes are as many as all bytes. Multiples of 2^-20."""
    lengths = pc.cast(pc.binary_length(counts["word"]), pa.float64())  # a whole number up to 2^53
    sized = pa.table({"language": counts["language"], "bytes": pc.multiply(lengths, pc.cast(counts["count"], pa.float64()))})
    sizes = sized.group_by("language", use_threads=False).aggregate([("bytes", "sum")]).sort_by("language")
    share = sizes["bytes_sum"].to_numpy() / max(pc.sum(sizes["bytes_sum"]).as_py() or 0.0, 1.0)
    share = np.maximum(share, np.finfo(float).tiny)
    wanted = share ** (1.0 / temperature)
    weights = np.rint(wanted / wanted.sum() / share * _ONE) / _ONE if len(share) else share
    return dict(zip(sizes["language"].to_pylist(), weights.tolist(), strict=True))


def exchange_languages(counts: pa.Table, removed: pa.Table, added: pa.Table) -> pa.Table:
    """LANGUAGE_COUNTS of a corpus with the added documents (word, language, count, …) where it had the removed ones; sorted."""
    taken, given = (part.select(LANGUAGE_COUNTS.names) for part in (removed, added))
    taken = taken.set_column(2, "count", pc.negate(taken["count"]))
    pairs = pa.concat_tables([counts, taken, given]).group_by(["word", "language"], use_threads=False)
    left = pairs.aggregate([("count", "sum")])
    left = left.rename_columns({"count_sum": "count"}).select(LANGUAGE_COUNTS.names)
    return left.filter(pc.greater(left["count"], 0)).sort_by([("word", "ascending"), ("language", "ascending")])


def weighted_counts(counts: pa.Table, temperature: float) -> pa.Table:
    """(word, count) of LANGUAGE_COUNTS, sorted by word: each word's counts times their languages' weights, rounded once.

    Exact while the weighted count of a word is below 2^43, which no crawl has reached.
    """
    weights = language_weights(counts, temperature)
    languages = pa.array(list(weights), pa.string())
    factors = pa.array([round(weight * _ONE) for weight in weights.values()], pa.int64())
    products = pc.multiply_checked(counts["count"], factors.take(pc.index_in(counts["language"], languages)))
    summed = pa.table({"word": counts["word"], "count": products}).group_by("word", use_threads=False)
    words = summed.aggregate([("count", "sum")]).sort_by("word")
    rounded = pc.shift_right(pc.add_checked(words["count_sum"], _ONE // 2), 20)
    return pa.table({"word": words["word"], "count": rounded})
