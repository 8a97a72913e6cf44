from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tiktoken
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

import tokenizer.bpe.encode as module
from tests.examples import deep
from tests.reference import bpe
from tests.tokenizer.bpe.strategies import (
    PATTERNS,
    SAMPLE,
    crawled_pages,
    real_pages,
    reshaped,
    rows,
    settings_for,
    shapes,
    small_merges,
    small_tokenizer,
    texts,
)
from tokenizer.bpe.count import count_words
from tokenizer.bpe.encode import Encoder, id_type
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.patterns import DEFAULT, GPT2, GPT4, WordPattern
from tokenizer.bpe.special import END_OF_TEXT, REMOVED, tokenizer_config
from tokenizer.bpe.vocabulary import BYTE_RANKS, BYTES, Merges, tiktoken_encoding, tokenizer_json

SPECIALS = ("<|user|>", "言 語")


@cache
def three(words: WordPattern = DEFAULT) -> tuple[Encoder, Tokenizer, tiktoken.Encoding]:
    """Ours, HF's and tiktoken's of one tokenizer.json."""
    text = small_tokenizer(500, words, SPECIALS)
    theirs = Tokenizer.from_str(text)
    theirs.encode_special_tokens = True  # what a page says is text
    return Encoder(text), theirs, tiktoken_encoding(text)


def ids_of(encoder: Encoder, text: str) -> list[int]:
    ids: list[int] = encoder.encode(pa.array([text])).ids.tolist()
    return ids


every_text = texts | st.binary(max_size=60).map(lambda data: data.decode("latin-1")) | st.text(st.characters(max_codepoint=32))


@pytest.mark.parametrize("words", PATTERNS)
@given(text=every_text)
@example(text=SAMPLE)
@example(text=END_OF_TEXT * 3 + REMOVED + "".join(SPECIALS))
@example(text="ab" * 200 + "a" * 333)
def test_ids_are_those_of_hf_and_of_tiktoken(words: WordPattern, text: str) -> None:
    ours, theirs, tiktokens = three(words)
    ids = ids_of(ours, text)
    assert ids == theirs.encode(text, add_special_tokens=False).ids == tiktokens.encode_ordinary(text)
    assert ours.decode(np.array(ids, np.int64)).decode() == text == tiktokens.decode(ids) == theirs.decode(ids)


@pytest.mark.parametrize("words", PATTERNS)
def test_transformers_reads_the_file_and_gives_the_same_ids(words: WordPattern, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="needs the package transformers, which winnow does not use")
    (tmp_path / "tokenizer.json").write_text(small_tokenizer(500, words, SPECIALS), "utf-8")
    theirs = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    ours = three(words)[0]
    assert len(theirs) == len(ours.vocabulary)
    assert theirs.convert_tokens_to_ids([END_OF_TEXT, REMOVED, *SPECIALS]) == [0, 1, 2, 3]
    for text in (SAMPLE, f"a{END_OF_TEXT}{REMOVED}{SPECIALS} b", "\x00\x1c 12345\r\n\t\ufeff", "a " * 999):
        ids = theirs(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        assert ids == ids_of(ours, text)
        assert theirs.decode(ids, clean_up_tokenization_spaces=False) == text


def test_auto_tokenizer_puts_the_end_of_text_before_a_text_and_reads_none_out_of_it(tmp_path: Path) -> None:
    """By the two files of a corpus; until 2026-11 it knew no end of text and no length, and read special tokens out of pages."""
    transformers = pytest.importorskip("transformers", reason="needs the package transformers, which winnow does not use")
    (tmp_path / "tokenizer.json").write_text(small_tokenizer(500, DEFAULT, SPECIALS), "utf-8")
    (tmp_path / "tokenizer_config.json").write_text(tokenizer_config(), "utf-8")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert (theirs.eos_token_id, theirs.bos_token_id, theirs.pad_token_id, theirs.model_max_length) == (0, 0, 0, 1 << 20)
    for text in ("page", f"a{END_OF_TEXT}{REMOVED}{SPECIALS[0]} b"):
        assert theirs(text)["input_ids"] == [0, *ids_of(three()[0], text)]
    assert theirs(["a", "page of pages"], padding=True)["input_ids"][0][-1] == 0
    (tmp_path / "tokenizer_config.json").write_text(tokenizer_config(64, "{{ messages }}"), "utf-8")
    chat = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert chat.model_max_length == 64 and chat(END_OF_TEXT, add_special_tokens=False)["input_ids"] == [0]


@given(texts)
def test_ids_are_what_the_merges_give_one_after_another(text: str) -> None:
    merges, specials = small_merges(500, DEFAULT, SPECIALS), 2 + len(SPECIALS)
    pairs = list(zip(merges.left.tolist(), merges.right.tolist(), strict=True))
    expected = [
        specials + symbol
        for word in bpe.split(text)
        for symbol in bpe.encode_word(tuple(BYTE_RANKS[list(word.encode())].tolist()), pairs, BYTES)
    ]
    assert ids_of(three()[0], text) == expected


@given(st.lists(st.text("abc", min_size=45, max_size=200), max_size=4), st.lists(st.text("abc", max_size=47), max_size=8))
def test_long_words_are_encoded_as_short_ones_are(long: list[str], short: list[str]) -> None:
    """Random merges over three letters: every way of choosing the next pair is met."""
    text = " ".join(long + short)
    counts = count_words(pa.array([text]), 1024)
    learned = tokenizer_json(learn(counts["word"], counts["count"], TokenizerSettings(vocabulary_size=330, min_pair_count=1)))
    assert ids_of(Encoder(learned), text) == Tokenizer.from_str(learned).encode(text, add_special_tokens=False).ids


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


@pytest.mark.parametrize("words", PATTERNS)
@pytest.mark.parametrize("name", [END_OF_TEXT, REMOVED, *SPECIALS])
def test_a_special_token_typed_in_a_page_stays_text(words: WordPattern, name: str) -> None:
    ours = three(words)[0]
    ids = ids_of(ours, f"before {name} after{name}")
    assert not set(ids) & set(ours.vocabulary.special_tokens.values())
    assert ours.decode(np.array(ids)) == f"before {name} after{name}".encode()


def test_a_word_remembered_in_the_place_of_another_changes_no_id() -> None:
    text = SAMPLE + " wordswordsaa wordswordsab wordswordsab wordswordsaa" + SAMPLE
    forgetful = Encoder(small_tokenizer(500, DEFAULT, SPECIALS), remembered_words=1)
    assert ids_of(forgetful, text) == three()[1].encode(text, add_special_tokens=False).ids


TIMES = 300_000 if deep() else 30_000
LONG = ["a" * TIMES, " " * TIMES + "x", "ab" * TIMES, "言" * TIMES, "\n \n" * TIMES]


@pytest.mark.parametrize("words", [DEFAULT, WordPattern(GPT4, 3)])
@pytest.mark.parametrize("text", LONG, ids=lambda text: repr(text[:3]))
def test_a_page_of_one_long_word_has_the_ids_of_hf(text: str, words: WordPattern) -> None:
    assert ids_of(three(words)[0], text) == three(words)[1].encode(text, add_special_tokens=False).ids


OF_ANY_BYTES = [
    *((words, unit) for words in (DEFAULT, WordPattern(GPT4, 3)) for unit in (b"a", b" ", b"1", b"\n", "言".encode())),
    (WordPattern(GPT2, 0), b"1"),
    (PATTERNS[-1], b"ab"),
]


@pytest.mark.parametrize(("words", "unit"), OF_ANY_BYTES)
def test_megabytes_of_anything_come_to_an_end(unit: bytes, words: WordPattern) -> None:
    size = 10_000_000 if deep() else 2_000_000
    page = (unit * (size // len(unit))).decode()
    ours = three(words)[0]
    assert ours.decode(ours.encode(pa.array([page])).ids) == page.encode()
    assert count_words(pa.array([page]), 1024, words).num_rows <= 3


@pytest.mark.parametrize("unit", [b"a", b"ab", b"the", "言葉".encode(), b"aab"])
def test_the_work_on_a_long_word_grows_as_its_length(unit: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in looks for a merge, by the kernel as plain Python."""
    ours, looks = three()[0], 0

    def counted(*arguments: Any) -> int:
        nonlocal looks
        looks += 1
        return merge_of(*arguments)

    merge_of = module._merge_of.py_func
    for name in ("_push", "_pop"):
        monkeypatch.setattr(module, name, getattr(module, name).py_func)
    monkeypatch.setattr(module, "_merge_of", counted)

    def work(times: int) -> int:
        nonlocal looks
        looks, word = 0, np.frombuffer(unit * times, np.uint8)
        with np.errstate(over="ignore"):  # a hash that wraps, as compiled code does in silence
            module._encode_long.py_func(word, 0, word.size, ours._merges, np.empty(word.size, np.int64), 0)
        return looks

    assert work(400) <= 2 * work(200) + 8 <= 4 * work(100) + 24 <= 4 * 6 * 100 * len(unit)


def test_an_id_beyond_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="500 is beyond the vocabulary of"):
        three()[0].decode(np.array([500]))


def test_ids_of_a_large_vocabulary_take_four_bytes() -> None:
    left, right = np.repeat(np.arange(255, -1, -1), 256), np.tile(np.arange(256), 256)  # every pair of bytes is a token
    large = Encoder(tokenizer_json(Merges(left, right, np.ones(65_536, np.int64))))
    ids = large.encode(pa.array(["!! é"])).ids
    assert ids.dtype == np.uint32 and ids.max() > 65_535
    assert large.decode(ids).decode() == "!! é"
    assert [id_type(size).name for size in (65_535, 65_536)] == ["uint16", "uint32"]


@pytest.mark.parametrize("words", [DEFAULT, WordPattern(GPT2, 0), WordPattern(GPT4, 3)])
def test_novels_have_the_ids_of_hf_and_of_tiktoken(words: WordPattern) -> None:
    pages = real_pages("wagahai.ja.txt.gz", "tinyshakespeare.txt.gz", "novels/Doyle_Hound_1902.txt.gz")
    counts = count_words(pa.array(pages), 1024, words)
    text = tokenizer_json(learn(counts["word"], counts["count"], settings_for(words, 8192)), words)
    ids, offsets = Encoder(text).encode(pa.array(pages))
    ours = [ids[start:end].tolist() for start, end in pairwise(offsets)]
    assert ours == [encoded.ids for encoded in Tokenizer.from_str(text).encode_batch(pages, add_special_tokens=False)]
    assert ours == tiktoken_encoding(text).encode_ordinary_batch(pages)


@pytest.mark.parametrize("words", [DEFAULT, WordPattern(GPT4, 3)])
def test_pages_of_a_real_crawl_have_the_ids_of_hf_and_of_tiktoken(words: WordPattern) -> None:
    """A sample; of all 2,379 pages that a crawl of ../shared/crawl leaves, not one differed (2026-11)."""
    pages = [page for name in ("postgresql.warc.gz", "aptitude.warc.gz") for page in crawled_pages(name, 40)]
    counts = count_words(pa.array(pages), 1024, words)
    text = tokenizer_json(learn(counts["word"], counts["count"], settings_for(words, 4096)), words)
    ids, offsets = Encoder(text).encode(pa.array(pages))
    ours = [ids[start:end].tolist() for start, end in pairwise(offsets)]
    assert ours == [encoded.ids for encoded in Tokenizer.from_str(text).encode_batch(pages, add_special_tokens=False)]
    assert ours == tiktoken_encoding(text).encode_ordinary_batch(pages)
