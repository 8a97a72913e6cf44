from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from pipeline.errors import RecipeError
from tests.paths import SHARED
from tests.reference import bpe
from tests.tokenizer.strategies import SAMPLE, real_pages
from tokenizer.count import count_words
from tokenizer.learn import TokenizerSettings, learn
from tokenizer.vocabulary import (
    BYTE_CHARACTERS,
    BYTE_IDS,
    END_OF_TEXT,
    FIRST_MERGE,
    Merges,
    read_tokenizer,
    token_bytes,
    tokenizer_json,
)


def learned(words: dict[bytes, int], vocabulary_size: int, min_pair_count: int) -> list[tuple[int, int, int]]:
    settings = TokenizerSettings(vocabulary_size=vocabulary_size, min_pair_count=min_pair_count)
    merges = learn(pa.array(list(words), pa.binary()), pa.array(list(words.values()), pa.int64()), settings)
    return list(zip(*(column.tolist() for column in merges), strict=True))


def by_reference(words: dict[bytes, int], vocabulary_size: int, min_pair_count: int) -> list[tuple[int, int, int]]:
    tokens = {tuple(BYTE_IDS[list(word)].tolist()): number for word, number in words.items()}
    return bpe.learn(tokens, vocabulary_size - FIRST_MERGE, FIRST_MERGE, min_pair_count)


few_letters = st.lists(st.sampled_from(b"aab"), max_size=30).map(bytes)
words = st.dictionaries(st.one_of(few_letters, st.binary(max_size=12)), st.integers(0, 5) | st.integers(0, 2**40), max_size=30)


@given(words, st.integers(FIRST_MERGE, FIRST_MERGE + 60), st.integers(1, 6))
def test_merges_match_the_reference(words: dict[bytes, int], vocabulary_size: int, min_pair_count: int) -> None:
    assert learned(words, vocabulary_size, min_pair_count) == by_reference(words, vocabulary_size, min_pair_count)


def test_many_words_and_merges_match_the_reference() -> None:
    """Enough of both that the learner's arrays grow and its stale places are dropped."""
    rng = np.random.default_rng(1)
    words = {bytes(rng.choice(list(b"abcd"), rng.integers(10, 50)).tolist()): int(rng.integers(1, 100)) for _ in range(400)}
    assert learned(words, FIRST_MERGE + 200, 1) == by_reference(words, FIRST_MERGE + 200, 1)


def test_the_order_of_the_words_does_not_matter() -> None:
    words = {f"{a}{b}{c}".encode(): a * b + 1 for a in range(9) for b in range(9) for c in range(9)}
    assert learned(words, 400, 2) == learned(dict(reversed(words.items())), 400, 2)


def test_counts_beyond_32_bits_do_not_wrap() -> None:
    assert learned({b"xy": 3_000_000_000, b"xyz": 3_000_000_000, b"ab": 5_000_000_000}, FIRST_MERGE + 2, 2) == [
        (int(BYTE_IDS[ord("x")]), int(BYTE_IDS[ord("y")]), 6_000_000_000),
        (int(BYTE_IDS[ord("a")]), int(BYTE_IDS[ord("b")]), 5_000_000_000),
    ]


def test_equal_counts_go_to_the_smaller_ids() -> None:
    assert [pair[:2] for pair in learned({b"cd": 4, b"ab": 4, b"ac": 4}, FIRST_MERGE + 3, 2)] == [
        (BYTE_IDS[ord(left)], BYTE_IDS[ord(right)]) for left, right in ("ab", "ac", "cd")
    ]


def test_no_words_give_no_merges() -> None:
    assert learned({}, 300, 2) == learned({b"a": 9, b"": 3}, 300, 2) == []


WRONG = [{"vocabulary_size": 256}, {"vocabulary_size": 1 << 30}, {"min_pair_count": 0}, {"max_word_bytes": 0}]


@pytest.mark.parametrize("wrong", WRONG)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(RecipeError, match=rf"{next(iter(wrong))} is {next(iter(wrong.values()))}"):
        TokenizerSettings(**wrong)


def by_hf(texts: list[str], settings: TokenizerSettings) -> Tokenizer:
    tokenizer = Tokenizer.from_str(tokenizer_json(Merges(*(np.zeros(0, np.int64),) * 3)))
    fresh = Tokenizer(models.BPE())
    fresh.pre_tokenizer = tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=settings.vocabulary_size,
        min_frequency=settings.min_pair_count,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    fresh.train_from_iterator(texts, trainer)
    return fresh


def assert_same_as_hf(texts: list[str], settings: TokenizerSettings) -> None:
    counts = count_words(pa.array(texts, pa.string()), settings.max_word_bytes)
    ours = read_tokenizer(tokenizer_json(learn(counts["word"], counts["count"], settings)))
    theirs = by_hf(texts, settings).get_vocab()
    names = [END_OF_TEXT, *("".join(BYTE_CHARACTERS[byte] for byte in token) for token in ours.tokens[1:])]
    assert {name: number for number, name in enumerate(names)} == theirs


@given(st.lists(st.text("abé 1", max_size=60), max_size=5), st.integers(1, 3))
def test_tokens_and_ids_are_those_of_the_hf_trainer(texts: list[str], min_pair_count: int) -> None:
    assert_same_as_hf(texts, TokenizerSettings(vocabulary_size=300, min_pair_count=min_pair_count))


def test_a_text_in_five_scripts_gives_the_tokens_of_the_hf_trainer() -> None:
    assert_same_as_hf([SAMPLE], TokenizerSettings(vocabulary_size=600))


def test_novels_give_the_tokens_of_the_hf_trainer() -> None:
    texts = real_pages("wagahai.ja.txt.gz", "tinyshakespeare.txt.gz")
    assert_same_as_hf(texts, TokenizerSettings(vocabulary_size=4096))


def test_each_published_reference_merge_had_the_highest_count_of_its_moment() -> None:
    """Another learner with another rule for ties: its merges must be ours wherever no tie decides."""
    if SHARED is None:
        pytest.skip("needs the reference merges of ../shared")
    folder = SHARED / "text" / "bpe"
    ids = {character: int(BYTE_IDS[byte]) for byte, character in enumerate(BYTE_CHARACTERS)}
    text = (folder / "corpus.en").read_text("utf-8")
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    words: dict[bpe.Tokens, int] = Counter(tuple(ids[c] for c in word) for word, _ in gpt2.pre_tokenize_str(text))
    published = (folder / "train-bpe-reference-merges.txt").read_text("utf-8").splitlines()[:120]
    for made, (left, right) in enumerate((line.split(" ") for line in published), FIRST_MERGE):
        pairs, pair = bpe.pair_counts(words), (ids[left], ids[right])
        assert pairs[pair] == max(pairs.values()), (left, right)
        ids[left + right] = made
        merged: Counter[bpe.Tokens] = Counter()
        for tokens, number in words.items():
            merged[bpe.merge(tokens, pair, made)] += number
        words = merged


def test_a_token_is_what_its_two_parts_are() -> None:
    merges = Merges(BYTE_IDS[[ord("a")]].astype(np.int64), BYTE_IDS[[ord(" ")]].astype(np.int64), np.ones(1, np.int64))
    assert token_bytes(merges)[FIRST_MERGE] == b"a "
