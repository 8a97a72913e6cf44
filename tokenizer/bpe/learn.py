"""Byte-pair encoding learned from word counts: the most frequent pair of neighbours becomes a token, again and again.

Ties: of pairs with equal counts the one with the smaller left id wins, then the smaller right id. This is the rule of
HF's `BpeTrainer`, and the merges are its merges; our counts are i64 where it has i32, and the text is not needed.
Memory: about 9 bytes per byte of the distinct words, and 60 per pair that is frequent enough to be merged.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrays import flatten
from pipeline.errors import RecipeError, UsageError
from pipeline.settings import setting
from tokenizer.bpe.pairs import (
    Corpus,
    Pairs,
    Scratch,
    Used,
    count_byte_pairs,
    drop_stale_places,
    enter_all,
    lay_out,
    merge_pair,
    place_byte_pairs,
    pop_best,
)
from tokenizer.bpe.patterns import WordPattern, word_pattern
from tokenizer.bpe.special import SPECIAL_TOKENS
from tokenizer.bpe.vocabulary import BYTE_RANKS, BYTES, Merges, first_merge, spelled_bytes

LARGEST_VOCABULARY = 1 << 24  # sixty times the largest in use; arrays of this length still fit anywhere
HOTTEST = 1000.0  # a language of a billionth then still gets 0.98 of what the largest gets


@dataclass(frozen=True, kw_only=True)
class TokenizerSettings:
    """How many tokens there are, what a word is, and which words they are learned from."""

    vocabulary_size: int = setting(16_384, "tokens: special ones, 256 bytes, the rest merges; fewer if the text gives no more")
    min_pair_count: int = setting(2, "pairs seen less often are not merged", "HF ByteLevelBPETokenizer.train, min_frequency")
    pattern: str = setting(
        "gpt2",
        "what a word is: gpt2, gpt4, or a regular expression of which every match is a word, and all between two matches",
        "gpt4 is cl100k_base's; own expressions: tokenizer/bpe/patterns.py",
    )
    digits: int | None = setting(
        None,
        "digits that stand in one word at most, 0 for any number (as GPT-2 has it); left out: 1 with gpt2, 3 with gpt4",
        "one a word spells every number with the same ten tokens, as Llama 2; three is cl100k_base's",
    )
    special_tokens: tuple[str, ...] = setting((), "more of them, after <|endoftext|> and <|removed|>")
    language_temperature: float = setting(
        1.0,
        "1 learns from the text as it is; T > 1 gives a language with share p of the bytes p^(1/T), so that small ones get more",
        "mBERT has 1/0.7, XLM-R 1/0.3",
    )

    from_: str | None = setting(
        None,
        "a tokenizer.json of winnow's, or a corpus that has one: it is taken as it is, and nothing is learned; so that a corpus "
        "grows, or several are trained on, with the same ids",
        content="tokenizer",
    )
    max_word_bytes: int = setting(
        1024,
        "longer words (base64, a line of dashes) are no language: they are encoded like any other but not learned from",
        "bounds the learner's memory; no word of a crawl of software manuals in 22 languages exceeds 240 bytes",
    )

    def __post_init__(self) -> None:
        _check_names(self.special_tokens)
        least = first_merge(self.special_tokens)
        if not least <= self.vocabulary_size <= LARGEST_VOCABULARY:
            raise RecipeError(
                f"vocabulary_size is {self.vocabulary_size}: at least {least}, as every byte and every special token need one, "
                f"and at most {LARGEST_VOCABULARY}"
            )
        if self.max_word_bytes < 1:
            raise RecipeError(f"max_word_bytes is {self.max_word_bytes}, which leaves no words to learn from; at least 1")
        if self.min_pair_count < 1:
            raise RecipeError(f"min_pair_count is {self.min_pair_count}: a pair that never occurs cannot be merged; at least 1")
        if not 1 <= self.language_temperature <= HOTTEST:
            raise RecipeError(
                f"language_temperature is {self.language_temperature}: 1 takes the text as it is, {HOTTEST} all languages alike"
            )
        word_pattern(self.pattern, self.digits)

    @property
    def words(self) -> WordPattern:
        return word_pattern(self.pattern, self.digits)


def _check_names(special_tokens: tuple[str, ...]) -> None:
    for name in special_tokens:
        spelled = spelled_bytes(name)
        if not name or (spelled is not None and len(spelled) == 1):
            raise RecipeError(f"special_tokens has {name!r}: a name is needed that is no token of one byte")
    names = [*SPECIAL_TOKENS, *special_tokens]
    if twice := [name for name in names if names.count(name) > 1]:
        raise RecipeError(f"special_tokens has {twice[0]!r} twice; <|endoftext|> and <|removed|> are there without being named")


def _longer(array: np.ndarray, size: int, used: int) -> np.ndarray:
    """Room for `size` values. What lies beyond the `used` ones is never touched, and so takes no memory yet."""
    longer = np.empty(size, array.dtype)
    longer[:used] = array[:used]
    return longer


def _with_room(used: Used, rows: int, places: int, min_count: int, corpus: Corpus, pairs: Pairs) -> tuple[Used, Pairs]:
    """The same pairs with room for so many more rows and places; stale places are dropped before memory is taken."""
    if used.places + places > pairs.places.size:
        used = used._replace(places=drop_stale_places(used, min_count, corpus, pairs))
        if used.places + places > pairs.places.size // 4 * 3:
            pairs = pairs._replace(places=_longer(pairs.places, (used.places + places) // 2 * 3, used.places))
    if used.pairs + rows > pairs.keys.size:
        size = 2 * (used.pairs + rows)
        names = ("keys", "counts", "starts", "sizes", "heap", "heap_counts")
        most = max(used.pairs, used.heap)
        pairs = pairs._replace(**{name: _longer(getattr(pairs, name), size, most) for name in names})
    if (used.pairs + rows) * 2 > pairs.table.size:
        pairs = pairs._replace(table=np.full(1 << (2 * (used.pairs + rows)).bit_length(), -1, np.int32))
        enter_all(used.pairs, pairs)
    return used, pairs


def _no_pairs(rows: int, places: int) -> Pairs:
    table = np.full(1 << 18, -1, np.int32)  # all pairs of bytes fill a quarter of it
    keys, counts, starts, sizes, heap_counts = (np.empty(rows, np.int64) for _ in range(5))
    return Pairs(keys, counts, starts, sizes, np.empty(places, np.int32), table, np.empty(rows, np.int32), heap_counts)


def _corpus(words: pa.Array | pa.ChunkedArray, counts: np.ndarray, most_symbols: int) -> Corpus:
    data, offsets = flatten(words)
    size = int(offsets[-1] - offsets[0]) + len(words) + 1
    if size >= 2**31:
        raise UsageError(f"{len(words):,} distinct words have {size:,} bytes; the learner takes 2 GiB: leave out rare words")
    symbols = np.empty(size, np.int32)
    lay_out(data, offsets, BYTE_RANKS, symbols)
    return Corpus(symbols, counts, np.ones(most_symbols, np.int32))


def learn(words: pa.Array | pa.ChunkedArray, counts: pa.Array | pa.ChunkedArray, settings: TokenizerSettings) -> Merges:
    """The merges that these words (binary, each at most once) with these counts give, in order, with the pairs' counts.

    The order of the words does not matter. Fewer merges than asked for if no pair is left that occurs `min_pair_count` times.
    A word in which a special token is typed is not learned from, so that no token of text gets its name.
    """
    symbols = BYTES + settings.vocabulary_size - first_merge(settings.special_tokens)
    worth = pc.and_(pc.greater(pc.binary_length(words), 1), pc.greater(counts, 0))
    for name in (*SPECIAL_TOKENS, *settings.special_tokens):
        if (spelled := spelled_bytes(name)) is not None:
            worth = pc.and_not(worth, pc.match_substring(words, spelled))
    words, counts = pc.filter(words, worth), pc.filter(counts, worth)
    corpus = _corpus(words, np.asarray(counts, np.int64), symbols)
    byte_counts, byte_number = count_byte_pairs(corpus, BYTES)
    often = byte_counts >= settings.min_pair_count
    rows = int(often.sum()) + 1024
    pairs = _no_pairs(max(rows, min(64 * symbols, 1 << 22)), int(byte_number[often].sum()) // 4 * 5 + 1024)
    used = place_byte_pairs(corpus, byte_counts, byte_number, settings.min_pair_count, pairs)
    shape = (2, symbols)
    lost, gained, number, cursor = (np.zeros(shape, np.int64) for _ in range(4))
    scratch = Scratch(lost, gained, number, cursor, np.zeros(shape, np.int32))

    learned: list[tuple[int, int, int]] = []
    for new in range(BYTES, symbols):
        row, heap_size = pop_best(used.heap, settings.min_pair_count, pairs)
        used = Used(used.pairs, used.places, heap_size)
        if row < 0:
            break
        left, right = int(pairs.keys[row] >> 32), int(pairs.keys[row] & 0xFFFFFFFF)
        learned.append((left, right, int(pairs.counts[row])))
        corpus.lengths[new] = corpus.lengths[left] + corpus.lengths[right]
        rows, places = min(2 * int(pairs.sizes[row]), 2 * new + 2), 2 * int(pairs.sizes[row])
        used, pairs = _with_room(used, rows, places, settings.min_pair_count, corpus, pairs)
        used = merge_pair(row, new, settings.min_pair_count, used, corpus, pairs, scratch)
    table = np.array(learned, np.int64).reshape(-1, 3)
    return Merges(table[:, 0], table[:, 1], table[:, 2])
