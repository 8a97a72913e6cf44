import json
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers

from pipeline.errors import InputError
from tests.tokenizer.strategies import small_merges, small_tokenizer
from tokenizer.vocabulary import BYTE_CHARACTERS, BYTE_IDS, END_OF_TEXT, read_tokenizer, token_bytes, tokenizer_json


def test_bytes_have_the_stand_ins_and_the_order_of_gpt2() -> None:
    assert sorted(BYTE_CHARACTERS) == sorted(pre_tokenizers.ByteLevel.alphabet())
    assert [BYTE_CHARACTERS[byte] for byte in b"!a \n\xe9\x00"] == ["!", "a", "Ġ", "Ċ", "é", "Ā"]
    assert [BYTE_CHARACTERS[byte] for byte in np.argsort(BYTE_IDS)] == sorted(BYTE_CHARACTERS)
    assert (BYTE_IDS[ord("!")], BYTE_IDS[ord('"')], BYTE_IDS[0]) == (1, 2, 189)  # GPT-2 has 0, 1 and 188: no token before them


def test_what_hf_reads_and_writes_again_is_the_same_file() -> None:
    text = small_tokenizer()
    assert Tokenizer.from_str(text).to_str(pretty=True) == text == small_tokenizer()


def test_reading_gives_back_what_was_written() -> None:
    merges = small_merges()
    vocabulary = read_tokenizer(tokenizer_json(merges))
    assert vocabulary.tokens == token_bytes(merges)
    assert (vocabulary.end_of_text, vocabulary.tokens[0]) == (0, b"")
    assert vocabulary.left.tolist() == merges.left.tolist() and vocabulary.right.tolist() == merges.right.tolist()
    assert vocabulary.made.tolist() == list(range(257, len(vocabulary)))


def test_merges_written_as_strings_are_read() -> None:
    content = json.loads(small_tokenizer())
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    assert read_tokenizer(json.dumps(content)).left.tolist() == small_merges().left.tolist()


def without(*path: str) -> str:
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
