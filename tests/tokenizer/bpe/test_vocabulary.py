import json
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers

from pipeline.errors import InputError, RecipeError
from tests.tokenizer.bpe.strategies import PATTERNS, small_merges, small_tokenizer
from tokenizer.bpe.patterns import WordPattern
from tokenizer.bpe.special import END_OF_TEXT
from tokenizer.bpe.vocabulary import (
    BYTE_CHARACTERS,
    BYTE_RANKS,
    first_merge,
    read_tokenizer,
    token_bytes,
    tokenizer_json,
)


def test_bytes_have_the_stand_ins_and_the_order_of_gpt2() -> None:
    assert sorted(BYTE_CHARACTERS) == sorted(pre_tokenizers.ByteLevel.alphabet())
    assert [BYTE_CHARACTERS[byte] for byte in b"!a \n\xe9\x00"] == ["!", "a", "Ġ", "Ċ", "é", "Ā"]
    assert [BYTE_CHARACTERS[byte] for byte in np.argsort(BYTE_RANKS)] == sorted(BYTE_CHARACTERS)
    assert (BYTE_RANKS[ord("!")], BYTE_RANKS[ord('"')], BYTE_RANKS[0]) == (0, 1, 188)


@pytest.mark.parametrize("words", PATTERNS)
def test_what_hf_reads_and_writes_again_is_the_same_file(words: WordPattern) -> None:
    text = small_tokenizer(500, words, ("<|user|>",))
    assert Tokenizer.from_str(text).to_str(pretty=True) == text == small_tokenizer(500, words, ("<|user|>",))


@pytest.mark.parametrize("words", PATTERNS)
@pytest.mark.parametrize("names", [(), ("<|user|>", "言 語")])
def test_reading_gives_back_what_was_written(words: WordPattern, names: tuple[str, ...]) -> None:
    merges, specials = small_merges(450, words, names), 2 + len(names)
    vocabulary = read_tokenizer(tokenizer_json(merges, words, names))
    assert vocabulary.words == words
    assert vocabulary.tokens == [b""] * specials + token_bytes(merges)
    assert list(vocabulary.special_tokens.items()) == [*zip(("<|endoftext|>", "<|removed|>", *names), range(9), strict=False)]
    assert (vocabulary.end_of_text, vocabulary.removed) == (0, 1)
    assert vocabulary.left.tolist() == (merges.left + specials).tolist()
    assert vocabulary.right.tolist() == (merges.right + specials).tolist()
    assert vocabulary.made.tolist() == list(range(first_merge(names), len(vocabulary)))


def test_a_special_token_with_the_name_of_a_token_is_refused() -> None:
    with pytest.raises(RecipeError, match="special token 'es' is also what a token of text is called"):
        tokenizer_json(small_merges(), special_tokens=("es",))


def test_merges_written_as_strings_are_read() -> None:
    content = json.loads(small_tokenizer())
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    assert read_tokenizer(json.dumps(content)).left.tolist() == (small_merges().left + 2).tolist()


def without(*path: Any) -> str:
    content: Any = json.loads(small_tokenizer())
    inner = content
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return json.dumps(content)


def changed(**model: Any) -> str:
    content = json.loads(small_tokenizer())
    content["model"] |= model
    return json.dumps(content)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        without("model"),
        without("pre_tokenizer", "pretokenizers"),
        without("model", "vocab", END_OF_TEXT),
        without("added_tokens", 1),  # as earlier versions wrote it
        small_tokenizer().replace("Isolated", "Removed"),
        small_tokenizer().replace('"use_regex": false', '"use_regex": true'),
        without("model", "vocab", "a"),
        without("model", "vocab", "Ġ"),
        changed(merges=[["not", "there"]]),
        changed(vocab={"a": 5}),
        small_tokenizer().replace("(?!", "(?="),
    ],
)
def test_a_file_that_is_no_tokenizer_of_ours_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match=r"tokenizer\.json .*use one that winnow learned$"):
        read_tokenizer(text)
