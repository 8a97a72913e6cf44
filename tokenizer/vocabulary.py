"""Tokens and their ids, and the tokenizer.json that carries them: a normal one of HF's, which every loader of those reads.

Ids: 0 is `<|endoftext|>`, 1 to 256 the bytes in GPT-2's order, then one per merge: the ids that HF's `BpeTrainer` gives.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import tiktoken
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

from pipeline.errors import InputError
from tokenizer.split import PATTERN, TIKTOKEN_PATTERN

END_OF_TEXT = "<|endoftext|>"
FIRST_MERGE = 257


def _byte_characters() -> list[str]:
    """GPT-2's printable stand-in for each byte: itself where Latin-1 has a visible sign, else the next from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return [chr(byte) if byte in visible else chr(0x100 + hidden.index(byte)) for byte in range(256)]


BYTE_CHARACTERS = _byte_characters()
_BYTES = {character: byte for byte, character in enumerate(BYTE_CHARACTERS)}
BYTE_IDS = 1 + np.argsort(np.argsort([ord(character) for character in BYTE_CHARACTERS])).astype(np.int32)  # [256]


class Merges(NamedTuple):
    """Merge i makes token FIRST_MERGE + i of two earlier ones. Shapes: all [merges], int64."""

    left: np.ndarray
    right: np.ndarray
    counts: np.ndarray  # how often the pair occurred when it was merged


def token_bytes(merges: Merges) -> list[bytes]:
    """What each id stands for; `<|endoftext|>` stands for nothing."""
    tokens = [b"", *(bytes([int(byte)]) for byte in np.argsort(BYTE_IDS))]
    for left, right in zip(merges.left.tolist(), merges.right.tolist(), strict=True):
        tokens.append(tokens[left] + tokens[right])
    return tokens


def tokenizer_json(merges: Merges) -> str:
    """The tokenizer.json of these merges; the same merges give the same characters."""
    names = [END_OF_TEXT, *("".join(BYTE_CHARACTERS[byte] for byte in token) for token in token_bytes(merges)[1:])]
    pairs = [(names[left], names[right]) for left, right in zip(merges.left.tolist(), merges.right.tolist(), strict=True)]
    tokenizer = Tokenizer(models.BPE(vocab={name: token for token, name in enumerate(names)}, merges=pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken(END_OF_TEXT, special=True, normalized=False)])
    text: str = tokenizer.to_str(pretty=True)
    return text


@dataclass(frozen=True)
class Vocabulary:
    """What a tokenizer.json of ours says. Shapes: left, right, made [merges], in the order in which they apply."""

    tokens: list[bytes]  # by id
    end_of_text: int
    left: np.ndarray     # int64
    right: np.ndarray
    made: np.ndarray     # the token that left and right make

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def bytes_and_offsets(self) -> tuple[np.ndarray, np.ndarray]:
        """All tokens' bytes one after another, uint8, and where each begins, int64 [tokens + 1]."""
        offsets = np.zeros(len(self.tokens) + 1, np.int64)
        offsets[1:] = np.cumsum([len(token) for token in self.tokens])
        return np.frombuffer(b"".join(self.tokens), np.uint8), offsets

    @cached_property
    def byte_ids(self) -> np.ndarray:
        """The token of each single byte, int64 [256]."""
        ids = {token: number for number, token in enumerate(self.tokens) if len(token) == 1}
        return np.array([ids[bytes([byte])] for byte in range(256)], np.int64)


def _pair(merge: str | list[str]) -> tuple[str, str]:
    left, right = merge.split(" ") if isinstance(merge, str) else merge  # tokenizers before 0.20 wrote strings
    return left, right


def read_tokenizer(tokenizer_json: str) -> Vocabulary:
    """The vocabulary of a tokenizer.json, which must be byte-level BPE with the words of tokenizer/split.py."""
    try:
        content = json.loads(tokenizer_json)
        splits = [step["pattern"]["Regex"] for step in content["pre_tokenizer"]["pretokenizers"] if step["type"] == "Split"]
        ids: dict[str, int] = content["model"]["vocab"]
        pairs = [_pair(merge) for merge in content["model"]["merges"]]
        specials = {token["content"] for token in content["added_tokens"]}
        if splits != [PATTERN]:
            raise InputError(f"tokenizer.json splits words by {splits}, not by {PATTERN}: use one that winnow learned")
        names = sorted(ids, key=ids.__getitem__)
        tokens = [b"" if name in specials else bytes(_BYTES[character] for character in name) for name in names]
        if list(map(ids.__getitem__, names)) != list(range(len(names))):
            raise InputError("tokenizer.json leaves out ids: use one that winnow learned")
        left, right = ([ids[pair[side]] for pair in pairs] for side in (0, 1))
        made = [ids[first + second] for first, second in pairs]
        return Vocabulary(
            tokens, ids[END_OF_TEXT], np.array(left, np.int64), np.array(right, np.int64), np.array(made, np.int64)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"tokenizer.json is not one of byte-level BPE ({error!r}): use one that winnow learned") from error


def tiktoken_encoding(tokenizer_json: str, name: str = "winnow") -> tiktoken.Encoding:
    """The same tokenizer for tiktoken.

    tiktoken joins any two neighbours that make up a token, HF only pairs that were merged. Learned merges leave no room to
    differ: while its ends hold, a stretch of text goes the same way inside a word as it does alone.
    """
    vocabulary = read_tokenizer(tokenizer_json)
    ranks = {token: number for number, token in enumerate(vocabulary.tokens) if token}
    return tiktoken.Encoding(
        name, pat_str=TIKTOKEN_PATTERN, mergeable_ranks=ranks, special_tokens={END_OF_TEXT: vocabulary.end_of_text}
    )
