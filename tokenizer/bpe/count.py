"""How often each word occurs: all that the learner needs to know of a corpus, and what can be taken back from it.

Counts and documents are sums over documents, so those of parts add up to those of the whole, and those of removed documents
subtract to exactly those of a corpus that never had them. Hosts are no sum, as two documents may have one host: what is kept
per word is their number, and exchanging documents asks for the words of the other documents of the same hosts.
Counts are i64: 2^31 is 1 % of a large crawl's spaces.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrays import changes, flatten
from pipeline.errors import UsageError
from pipeline.hashing import text_hash
from pipeline.kernels.cache import kernel, part
from pipeline.tables import WORD_COUNTS
from tokenizer.bpe.patterns import DEFAULT, WordPattern
from tokenizer.bpe.split import Splitter, next_word, splitter_of
from tokenizer.bpe.word_hash import SEED, same_tail, word_hash, word_head

# One row per word, host and language; a document without host or language counts under "".
HOST_COUNTS = pa.schema(
    [
        ("word", pa.binary()),
        ("host", pa.string()),
        ("language", pa.string()),
        ("count", pa.int64()),
        ("documents", pa.int64()),
    ]
)

# The same of one batch, as it goes where the rows of one word meet. A host is 64 bits here: it has only to be told from others.
MEETING = pa.schema(
    [("word", pa.binary()), ("host", pa.int64()), ("language", pa.string()), ("count", pa.int32()), ("documents", pa.int32())]
)

WORDS_PER_FILE = 2_000_000  # of a table on disk: a fixed number, so that the files do not depend on partitions
LARGEST_WORD = 1 << 31  # bytes, that a word's size and its group fit into one number

# Columns of the table of words: one cache line a word. The size has its group (a host and a language) above it.
_HEAD, _SIZE, _START, _COUNT, _DOCUMENTS, _LAST_ROW, _HASH, _COLUMNS = range(8)
_SIZE_BITS = 0xFFFFFFFF


@part
def _larger(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(slots, words) with four times the room for words, and twice as many slots as that."""
    more = np.empty((4 * words.shape[0], _COLUMNS), np.int64)
    for word in range(words.shape[0]):
        for column in range(_COLUMNS):
            more[word, column] = words[word, column]
    larger = np.full(2 * more.shape[0], -1, np.int32)
    mask = larger.size - 1
    for word in range(words.shape[0]):
        slot = words[word, _HASH] & mask
        while larger[slot] >= 0:
            slot = (slot + 1) & mask
        larger[slot] = word
    return larger, more


@part
def _find(data: np.ndarray, start: int, sized: int, head: int, hashed: int, slots: np.ndarray, words: np.ndarray) -> int:
    """The slot that holds the word, or the free one where it belongs."""
    slot = hashed & (slots.size - 1)
    while slots[slot] >= 0:
        word = slots[slot]
        same = words[word, _HEAD] == head and words[word, _SIZE] == sized
        if same and same_tail(data, start, data, words[word, _START], sized & _SIZE_BITS):
            break
        slot = (slot + 1) & (slots.size - 1)
    return slot


@kernel
def count_words_kernel(
    data: np.ndarray, offsets: np.ndarray, groups: np.ndarray, splitter: Splitter, max_word_bytes: int, seed: np.uint64
) -> np.ndarray:
    """The table of distinct words of each group of rows, in order of first occurrence; int64 [words, _COLUMNS]."""
    slots, words, used = np.full(4096, -1, np.int32), np.empty((2048, _COLUMNS), np.int64), 0
    for row in range(offsets.size - 1):
        end, row_end = offsets[row], offsets[row + 1]
        group = groups[row] << 32
        group_seed = seed ^ (np.uint64(groups[row]) * np.uint64(0x9E3779B97F4A7C15))
        while end < row_end:
            start = end
            end = next_word(data, start, row_end, splitter)
            size = end - start
            if size > max_word_bytes:
                continue
            head = word_head(data, start, end)
            hashed = np.int64(word_hash(data, start, end, head, group_seed) >> np.uint64(1))
            slot = _find(data, start, group | size, np.int64(head), hashed, slots, words)
            if slots[slot] < 0:
                if used == words.shape[0]:
                    slots, words = _larger(words)
                    slot = _find(data, start, group | size, np.int64(head), hashed, slots, words)
                slots[slot] = used
                words[used, _HEAD], words[used, _SIZE], words[used, _START] = np.int64(head), group | size, start
                words[used, _COUNT], words[used, _DOCUMENTS], words[used, _LAST_ROW], words[used, _HASH] = 0, 0, -1, hashed
                used += 1
            word = slots[slot]
            words[word, _COUNT] += 1
            if words[word, _LAST_ROW] != row:
                words[word, _LAST_ROW] = row
                words[word, _DOCUMENTS] += 1
    return words[:used]


@kernel
def _gather(data: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.zeros(starts.size + 1, np.int64)
    for row in range(starts.size):
        offsets[row + 1] = offsets[row] + sizes[row]
    gathered = np.empty(offsets[-1], np.uint8)
    for row in range(starts.size):
        for at in range(sizes[row]):
            gathered[offsets[row] + at] = data[starts[row] + at]
    return gathered, offsets


def _counted(
    text: pa.Array | pa.ChunkedArray, groups: np.ndarray, max_word_bytes: int, pattern: WordPattern
) -> tuple[pa.Array, np.ndarray]:
    """(words, table of the kernel), a row per word and group."""
    data, offsets = flatten(text)
    splitter = splitter_of(pattern, data, offsets)
    table = count_words_kernel(data, offsets, groups, splitter, min(max_word_bytes, LARGEST_WORD), SEED)
    gathered, word_offsets = _gather(data, table[:, _START], table[:, _SIZE] & _SIZE_BITS)
    words = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(table), [None, pa.py_buffer(word_offsets), pa.py_buffer(gathered)]
    )
    return words.cast(pa.binary()), table


def count_words(text: pa.Array | pa.ChunkedArray, max_word_bytes: int, pattern: WordPattern = DEFAULT) -> pa.RecordBatch:
    """Words of these documents, all of one host, with their counts, in order of first occurrence; schema WORD_COUNTS.

    Linear in the bytes. Words longer than `max_word_bytes` are left out: what a page can put into the learner's memory must
    have a bound.
    """
    words, table = _counted(text, np.zeros(len(text), np.int64), max_word_bytes, pattern)
    columns = [words, pa.array(table[:, _COUNT]), pa.array(table[:, _DOCUMENTS]), pa.array(np.ones(len(table), np.int64))]
    return pa.record_batch(columns, schema=WORD_COUNTS)


def _coded(values: pa.Array | pa.ChunkedArray | None, rows: int) -> tuple[np.ndarray, pa.Array]:
    """(code of each row, what the codes stand for); null is ""."""
    if values is None or rows == 0:
        return np.zeros(rows, np.int64), pa.array([""])
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    coded = pc.fill_null(values.cast(pa.string()), "").dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary


def count_by_host(
    text: pa.Array | pa.ChunkedArray,
    hosts: pa.Array | pa.ChunkedArray | None,
    languages: pa.Array | pa.ChunkedArray | None,
    max_word_bytes: int,
    pattern: WordPattern = DEFAULT,
) -> pa.RecordBatch:
    """As `count_words`, a row per word, host and language; schema HOST_COUNTS. Without `languages` all are "", hosts alike."""
    host_codes, host_names = _coded(hosts, len(text))
    language_codes, language_names = _coded(languages, len(text))
    words, table = _counted(text, host_codes * len(language_names) + language_codes, max_word_bytes, pattern)
    groups = table[:, _SIZE] >> 32
    columns = [
        words,
        host_names.take(pa.array(groups // len(language_names))),
        language_names.take(pa.array(groups % len(language_names))),
        pa.array(table[:, _COUNT]),
        pa.array(table[:, _DOCUMENTS]),
    ]
    return pa.record_batch(columns, schema=HOST_COUNTS)


def count_to_meet(
    text: pa.Array,
    hosts: pa.Array,
    languages: pa.Array | None,
    max_word_bytes: int,
    pattern: WordPattern = DEFAULT,
) -> tuple[pa.RecordBatch, np.ndarray]:
    """(MEETING of a batch of less than 2 GiB; the first eight bytes of each word, uint64 [words]).

    Without `languages` there is no such column.
    """
    host_codes, host_names = _coded(hosts, len(text))
    language_codes, language_names = _coded(languages, len(text))
    words, table = _counted(text, host_codes * len(language_names) + language_codes, max_word_bytes, pattern)
    groups = table[:, _SIZE] >> 32
    hashes = np.array([text_hash(name) for name in host_names.to_pylist()], np.int64)
    columns = {
        "word": words,
        "host": pa.array(hashes[groups // len(language_names)]),
        "language": None if languages is None else language_names.take(pa.array(groups % len(language_names))),
        "count": pa.array(table[:, _COUNT].astype(np.int32)),
        "documents": pa.array(table[:, _DOCUMENTS].astype(np.int32)),
    }
    given = {name: column for name, column in columns.items() if column is not None}
    return pa.record_batch(given, schema=meeting(languages is not None)), table[:, _HEAD].view(np.uint64)


def meeting(with_languages: bool) -> pa.Schema:
    """MEETING, with languages or without."""
    return MEETING if with_languages else MEETING.remove(MEETING.get_field_index("language"))


def counts_of_words(rows: pa.Table) -> pa.Table:
    """WORD_COUNTS of all rows (MEETING) of some words."""
    codes = rows["word"].dictionary_encode().combine_chunks()
    word, host = codes.indices.to_numpy(), rows["host"].to_numpy()
    order = np.lexsort((host, word))
    word, host = word[order], host[order]
    first = np.flatnonzero(changes(word))
    sums = [np.add.reduceat(rows[name].to_numpy()[order], first, dtype=np.int64) for name in ("count", "documents")]
    hosts = np.add.reduceat(changes(word) | changes(host), first, dtype=np.int64)
    return pa.table([codes.dictionary.take(pa.array(word[first])), *map(pa.array, [*sums, hosts])], schema=WORD_COUNTS)


def _summed(parts: list[pa.Table], keys: tuple[str, ...]) -> pa.Table:
    """The numbers of equal keys added up, sorted by the keys; columns as in the parts."""
    names = parts[0].column_names
    numbers = [name for name in names if name not in keys]
    totals = pa.concat_tables(parts).group_by(list(keys), use_threads=False).aggregate([(name, "sum") for name in numbers])
    totals = totals.rename_columns({f"{name}_sum": name for name in numbers})
    return totals.select(names).sort_by([(key, "ascending") for key in keys])


def totals(*by_host: pa.Table) -> pa.Table:
    """WORD_COUNTS of the corpus that these HOST_COUNTS make together, sorted by word; hosts that parts share count once."""
    pairs = _summed([part.drop(["language"]) for part in by_host], ("word", "host"))
    pairs = pairs.append_column("hosts", pa.array(np.ones(pairs.num_rows, np.int64)))
    return _summed([pairs.select(WORD_COUNTS.names)], ("word",))


def merge(*parts: pa.Table) -> pa.Table:
    """WORD_COUNTS of the corpus that these parts make together, sorted by word.

    `count` and `documents` are exact. `hosts` is exact where no host is in two parts, as of parts cut by host; a host that is
    in several counts once in each, so that `hosts` is an upper bound then. HOST_COUNTS of the parts give it exactly: `totals`.
    """
    return _summed(list(parts), ("word",))


def exchange(counts: pa.Table, removed: pa.Table, added: pa.Table, remaining: pa.Table) -> pa.Table:
    """WORD_COUNTS of a corpus that has the added documents where it had the removed ones, sorted by word.

    All three are HOST_COUNTS. `remaining` are those of all other documents of the same hosts (of further hosts it may have
    any): whether a word loses or gains a host depends on them.
    """
    before, after = totals(removed, remaining), totals(added, remaining)
    for number, name in enumerate(WORD_COUNTS.names[1:], 1):
        before = before.set_column(number, name, pc.negate(before[name]))
    left = _summed([counts, before, after], ("word",))
    _check(left)
    return left.filter(pc.greater(left["count"], 0))


def _check(left: pa.Table) -> None:
    """Refuses what cannot be: words that occur less than never, or on fewer hosts than one."""
    wrong = pc.less(left["count"], 0)
    for name in ("documents", "hosts"):
        wrong = pc.or_(wrong, pc.not_equal(pc.greater(left["count"], 0), pc.greater(left[name], 0)))
    if pc.any(wrong).as_py():
        word = left.filter(wrong)["word"][0].as_py()
        raise UsageError(
            f"the removed documents have {word!r} more often, or on more hosts, than the counts they are taken from: "
            "take away only documents that were counted, with the same settings, once, and tell all that is left of their hosts"
        )
