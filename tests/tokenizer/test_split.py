import unicodedata

import numpy as np
import pytest
import tiktoken
from hypothesis import given
from tokenizers import Regex, pre_tokenizers

from tests.reference import bpe
from tests.tokenizer.strategies import texts
from tokenizer.characters import CLASSES, LETTER, NUMBER, SPACE
from tokenizer.split import TIKTOKEN_PATTERN, _word_ends, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("It's 25 °C", ["It", "'s", " ", "2", "5", " °", "C"]),
        ("they'll  go", ["they", "'ll", " ", " go"]),
        ("'Sound", ["'", "Sound"]),
        ("a \n\n b\n", ["a", " \n\n", " b", "\n"]),
        ("x   7", ["x", "  ", " ", "7"]),
        ("１２ Ⅷ½", ["１", "２", " ", "Ⅷ", "½"]),
        ("日本語です。はい", ["日本語です", "。", "はい"]),
        ("नमस्ते", ["नमस", "्", "त", "े"]),  # marks are no letters in GPT-2's pattern
    ],
)
def test_words_are_those_of_gpt2_but_for_digits(text: str, expected: list[str]) -> None:
    assert split(text) == expected == bpe.split(text)


@given(texts)
def test_the_kernel_splits_as_the_pattern_does(text: str) -> None:
    assert split(text) == bpe.split(text)


@given(texts)
def test_the_pattern_for_tiktoken_splits_at_the_same_places(text: str) -> None:
    """tiktoken does not tell its words; so each becomes a token, and it must find just those."""
    words = split(text)
    tokens = [bytes([byte]) for byte in range(256)] + sorted({word.encode() for word in words if len(word.encode()) > 1})
    ranks = {token: number for number, token in enumerate(tokens)}
    whole_words = tiktoken.Encoding("words", pat_str=TIKTOKEN_PATTERN, mergeable_ranks=ranks, special_tokens={})
    assert [tokens[number].decode() for number in whole_words.encode_ordinary(text)] == words


@pytest.mark.parametrize("text", [" " * 1_000_000 + "x", "a" * 1_000_000, "\n" * 1_000_000, "-" * 1_000_000, "'" * 1_000_000])
def test_a_long_run_is_split_as_the_pattern_does(text: str) -> None:
    assert split(text) == bpe.split(text)


@pytest.mark.parametrize("data", [b"\xff", b"a\xe3\x81", b"\xf0\x9f\x98", b"\x80\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80 x"])
def test_bytes_that_are_no_utf8_are_split_without_reading_past_the_end(data: bytes) -> None:
    ends = _word_ends(np.frombuffer(data, np.uint8), CLASSES)
    assert ends[-1] == len(data) and (np.diff(ends) > 0).all()


@pytest.mark.parametrize(("pattern", "character_class"), [(r"\p{L}", LETTER), (r"\p{N}", NUMBER), (r"\s", SPACE)])
def test_characters_have_the_class_that_tokenizers_gives_them(pattern: str, character_class: int) -> None:
    """Characters that neither this Python nor an older engine knows may differ; all others may not."""
    known = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn"]
    engine = pre_tokenizers.Split(Regex(pattern), "removed")
    others = {ord(character) for word, _ in engine.pre_tokenize_str("".join(map(chr, known))) for character in word}
    assert {code for code in known if CLASSES[code] == character_class} == set(known) - others
