import unicodedata
from collections.abc import Callable

import numpy as np
import pytest
import tiktoken
import tiktoken_ext.openai_public as openai_public
from hypothesis import given
from tokenizers import Regex, pre_tokenizers

import tokenizer.bpe.split as module
from tests.examples import deep
from tests.reference import bpe
from tests.tokenizer.bpe.strategies import PATTERNS, texts
from tokenizer.bpe.characters import CLASSES, LETTER, NUMBER, SPACE
from tokenizer.bpe.patterns import DEFAULT, GPT2, GPT4, WordPattern
from tokenizer.bpe.split import split, splitter_of, word_ends


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(It's 2025)\n\n", ["(It", "'s", " ", "202", "5", ")\n\n"]),
        ("they'LL\tgo  on", ["they", "'LL", "\tgo", " ", " on"]),
        ("'ſo 'so", ["'ſ", "o", " '", "so"]),  # ſ is a small form of S to engines that ignore case
        ("a \r\n\n  b\n  ", ["a", " \r\n\n", " ", " b", "\n  "]),
        (" ?!\r\n x", [" ?!\r\n", " x"]),
        ("x   123456", ["x", "  ", " ", "123", "456"]),
    ],
)
def test_words_are_those_of_gpt4(text: str, expected: list[str]) -> None:
    assert split(text, WordPattern(GPT4, 3)) == expected == bpe.split(text, WordPattern(GPT4, 3))


@pytest.mark.parametrize("words", PATTERNS)
@given(text=texts)
def test_the_kernel_splits_as_the_pattern_does(words: WordPattern, text: str) -> None:
    assert split(text, words) == bpe.split(text, words)


@pytest.mark.parametrize("words", PATTERNS)
@given(text=texts)
def test_the_pattern_for_tiktoken_splits_at_the_same_places(words: WordPattern, text: str) -> None:
    """tiktoken does not tell its words; so each becomes a token, and it must find just those."""
    found = split(text, words)
    tokens = [bytes([byte]) for byte in range(256)] + sorted({word.encode() for word in found if len(word.encode()) > 1})
    ranks = {token: number for number, token in enumerate(tokens)}
    whole_words = tiktoken.Encoding("words", pat_str=words.tiktoken_regex, mergeable_ranks=ranks, special_tokens={})
    assert [tokens[number].decode() for number in whole_words.encode_ordinary(text)] == found


@pytest.mark.parametrize(("name", "words"), [("r50k_base", WordPattern(GPT2, 0)), ("cl100k_base", WordPattern(GPT4, 3))])
def test_the_patterns_are_those_that_tiktoken_publishes(name: str, words: WordPattern, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})  # the ranks would come over the network
    assert getattr(openai_public, name)()["pat_str"] == words.tiktoken_regex


TIMES = 500_000 if deep() else 50_000
LONG = [" " * TIMES + "x", "a" * TIMES, "\n" * TIMES, "\n " * TIMES + "x", "-\n" * TIMES, "'" * TIMES]


@pytest.mark.parametrize("words", [DEFAULT, WordPattern(GPT4, 3), WordPattern(GPT2, 0)])
@pytest.mark.parametrize("text", LONG, ids=lambda text: repr(text[:3]))
def test_a_long_run_is_split_as_the_pattern_does(text: str, words: WordPattern) -> None:
    assert split(text, words) == bpe.split(text, words)


class CountedBytes:
    """A text that knows how often a kernel has looked at it."""

    def __init__(self, text: str) -> None:
        self.bytes, self.looks = text.encode(), 0

    def __getitem__(self, at: int) -> int:
        self.looks += 1
        return self.bytes[at]


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, WordPattern], int]:
    """The kernels as plain Python: how often they look at a byte of a text while they split it."""
    for name, value in vars(module).items():
        if hasattr(value, "py_func"):
            monkeypatch.setattr(module, name, value.py_func)

    def looks(text: str, words: WordPattern) -> int:
        data, at = CountedBytes(text), 0
        splitter = splitter_of(words, np.frombuffer(data.bytes, np.uint8), np.array([0, len(data.bytes)]))
        while at < len(data.bytes):
            at = module.next_word(data, at, len(data.bytes), splitter)
        return data.looks

    return looks


@pytest.mark.parametrize("words", [DEFAULT, WordPattern(GPT2, 0), WordPattern(GPT4, 3), WordPattern(GPT4, 0)])
@pytest.mark.parametrize("unit", ["a", " ", "\n", " \n", "\n  x", "-", "'", "'l", "1", "言", " 1", ".\r", "\u3000", " '", "\t"])
def test_four_times_the_text_is_four_times_the_work(
    interpreted: Callable[[str, WordPattern], int], unit: str, words: WordPattern
) -> None:
    """No page makes the kernels go back: no byte is looked at more than a few times."""
    once, twice, four_times = (interpreted(unit * times + "x", words) for times in (500, 1000, 2000))
    assert four_times - twice <= 2 * (twice - once) + 8
    assert four_times <= 10 * len((unit * 2000).encode())


@pytest.mark.parametrize("data", [b"\xff", b"a\xe3\x81", b"\xf0\x9f\x98", b"\x80\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80 x"])
def test_bytes_that_are_no_utf8_are_split_without_reading_past_the_end(data: bytes) -> None:
    array = np.frombuffer(data, np.uint8)
    for words in (WordPattern(GPT2, 0), WordPattern(GPT4, 3)):
        ends = word_ends(array, splitter_of(words, array, np.array([0, len(data)])))
        assert ends[-1] == len(data) and (np.diff(ends) > 0).all()


@pytest.mark.parametrize(("pattern", "character_class"), [(r"\p{L}", LETTER), (r"\p{N}", NUMBER), (r"\s", SPACE)])
def test_characters_have_the_class_that_tokenizers_gives_them(pattern: str, character_class: int) -> None:
    """Characters that neither this Python nor an older engine knows may differ; all others may not."""
    known = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn"]
    engine = pre_tokenizers.Split(Regex(pattern), "removed")
    others = {ord(character) for word, _ in engine.pre_tokenize_str("".join(map(chr, known))) for character in word}
    assert {code for code in known if CLASSES[code] == character_class} == set(known) - others
