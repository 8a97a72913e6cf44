from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
import tiktoken
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tests.reference import bpe
from tests.tokenizer.strategies import SAMPLE, real_pages, reshaped, rows, shapes, small_merges, small_tokenizer, texts
from tokenizer.count import count_words
from tokenizer.encode import Encoder, id_type
from tokenizer.learn import TokenizerSettings, learn
from tokenizer.vocabulary import BYTE_IDS, END_OF_TEXT, FIRST_MERGE, Merges, tiktoken_encoding, tokenizer_json


@cache
def three() -> tuple[Encoder, Tokenizer, tiktoken.Encoding]:
    """Ours, HF's and tiktoken's of one tokenizer.json."""
    text = small_tokenizer()
    theirs = Tokenizer.from_str(text)
    theirs.encode_special_tokens = True  # what a page says is text
    return Encoder(text), theirs, tiktoken_encoding(text)


def ids_of(encoder: Encoder, text: str) -> list[int]:
    ids: list[int] = encoder.encode(pa.array([text])).ids.tolist()
    return ids


@given(texts)
@example(SAMPLE)
@example(END_OF_TEXT * 3)
@example("ab" * 200 + "a" * 333)
def test_ids_are_those_of_hf_and_of_tiktoken(text: str) -> None:
    ours, theirs, tiktokens = three()
    assert ids_of(ours, text) == theirs.encode(text).ids == tiktokens.encode_ordinary(text)


@given(texts)
def test_ids_are_what_the_merges_give_one_after_another(text: str) -> None:
    merges = small_merges()
    pairs = list(zip(merges.left.tolist(), merges.right.tolist(), strict=True))
    expected = [
        token
        for word in bpe.split(text)
        for token in bpe.encode_word(tuple(BYTE_IDS[list(word.encode())].tolist()), pairs, FIRST_MERGE)
    ]
    assert ids_of(three()[0], text) == expected


@given(st.lists(st.text("abc", min_size=45, max_size=200), max_size=4), st.lists(st.text("abc", max_size=47), max_size=8))
def test_long_words_are_encoded_as_short_ones_are(long: list[str], short: list[str]) -> None:
    """Random merges over three letters: every way of choosing the next pair is met."""
    text = " ".join(long + short)
    counts = count_words(pa.array([text]), 1024)
    learned = tokenizer_json(learn(counts["word"], counts["count"], TokenizerSettings(vocabulary_size=330, min_pair_count=1)))
    assert ids_of(Encoder(learned), text) == Tokenizer.from_str(learned).encode(text).ids


@given(rows, shapes)
def test_rows_have_their_own_ids_however_arrow_delivers_them(texts: list[str | None], shape: str) -> None:
    ours = three()[0]
    ids, offsets = ours.encode(reshaped(texts, shape))
    assert offsets[0] == 0 and offsets[-1] == len(ids)
    by_row = [ids[start:end].tolist() for start, end in pairwise(offsets)]
    assert by_row == [ids_of(ours, text or "") for text in texts]


@given(texts)
def test_decoding_gives_back_the_text(text: str) -> None:
    assert three()[0].decode(three()[0].encode(pa.array([text])).ids).decode() == text


def test_end_of_text_typed_in_a_page_stays_text() -> None:
    ours = three()[0]
    ids = ids_of(ours, f"before {END_OF_TEXT} after")
    assert ours.vocabulary.end_of_text not in ids
    assert ours.decode(np.array(ids)) == f"before {END_OF_TEXT} after".encode()


def test_a_word_remembered_in_the_place_of_another_changes_no_id() -> None:
    text = SAMPLE + " wordswordsaa wordswordsab wordswordsab wordswordsaa" + SAMPLE
    forgetful = Encoder(small_tokenizer(), remembered_words=1)
    assert ids_of(forgetful, text) == three()[1].encode(text).ids


@pytest.mark.parametrize("text", ["a" * 1_000_000, " " * 1_000_000 + "x", "ab" * 500_000, "言" * 300_000, "\n \n" * 300_000])
def test_a_page_of_one_long_word_has_the_ids_of_hf(text: str) -> None:
    assert ids_of(three()[0], text) == three()[1].encode(text).ids


def test_an_id_beyond_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="500 is beyond the vocabulary of"):
        three()[0].decode(np.array([500]))


def test_ids_of_a_large_vocabulary_take_four_bytes() -> None:
    left, right = np.repeat(np.arange(256, 0, -1), 256), np.tile(np.arange(1, 257), 256)  # every pair of bytes is a token
    large = Encoder(tokenizer_json(Merges(left, right, np.ones(65_536, np.int64))))
    ids = large.encode(pa.array(["!! é"])).ids
    assert ids.dtype == np.uint32 and ids.max() > 65_535
    assert large.decode(ids).decode() == "!! é"
    assert [id_type(size).name for size in (65_535, 65_536)] == ["uint16", "uint32"]


def test_novels_have_the_ids_of_hf_and_of_tiktoken() -> None:
    pages = real_pages("wagahai.ja.txt.gz", "tinyshakespeare.txt.gz", "novels/Doyle_Hound_1902.txt.gz")
    counts = count_words(pa.array(pages), 1024)
    text = tokenizer_json(learn(counts["word"], counts["count"], TokenizerSettings(vocabulary_size=8192)))
    ids, offsets = Encoder(text).encode(pa.array(pages))
    ours = [ids[start:end].tolist() for start, end in pairwise(offsets)]
    assert ours == [encoded.ids for encoded in Tokenizer.from_str(text).encode_batch(pages)]
    assert ours == tiktoken_encoding(text).encode_ordinary_batch(pages)
