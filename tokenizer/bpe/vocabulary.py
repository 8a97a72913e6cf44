"""Tokens and their ids, and the tokenizer.json that carries them: a normal one of HF's, which every loader of those reads.

Ids: the special tokens first, 0 `<|endoftext|>`, 1 `<|removed|>` and those of the recipe; then the 256 bytes in GPT-2's order;
then one per merge: the ids that HF's `BpeTrainer` gives for the same list of special tokens.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import tiktoken
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

from pipeline.errors import InputError, RecipeError
from tokenizer.bpe.patterns import DEFAULT, WordPattern, recognised
from tokenizer.bpe.special import END_OF_TEXT, REMOVED, SPECIAL_TOKENS

BYTES = 256


def first_merge(special_tokens: tuple[str, ...] = ()) -> int:
    """Id of the first merge in a vocabulary with these special tokens besides our own: one more than those and the bytes."""
    return len(SPECIAL_TOKENS) + len(special_tokens) + BYTES


def _byte_characters() -> list[str]:
    """GPT-2's printable stand-in for each byte: itself where Latin-1 has a visible sign, else the next from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return [chr(byte) if byte in visible else chr(0x100 + hidden.index(byte)) for byte in range(256)]


BYTE_CHARACTERS = _byte_characters()
_BYTES = {character: byte for byte, character in enumerate(BYTE_CHARACTERS)}
BYTE_RANKS = np.argsort(np.argsort([ord(character) for character in BYTE_CHARACTERS])).astype(np.int32)  # [256]


def spelled_bytes(name: str) -> bytes | None:
    """The bytes of a token of this name; None if no token of bytes can have it."""
    return bytes(_BYTES[character] for character in name) if all(character in _BYTES for character in name) else None


class Merges(NamedTuple):
    """Merge i makes symbol 256 + i of two earlier ones; the first 256 are the bytes in the order of BYTE_RANKS.

    A symbol's id is its number plus that of the special tokens. Shapes: all [merges], int64.
    """

    left: np.ndarray
    right: np.ndarray
    counts: np.ndarray  # how often the pair occurred when it was merged


def token_bytes(merges: Merges) -> list[bytes]:
    """What each symbol stands for."""
    tokens = [bytes([int(byte)]) for byte in np.argsort(BYTE_RANKS)]
    for left, right in zip(merges.left.tolist(), merges.right.tolist(), strict=True):
        tokens.append(tokens[left] + tokens[right])
    return tokens


def tokenizer_json(merges: Merges, words: WordPattern = DEFAULT, special_tokens: tuple[str, ...] = ()) -> str:
    """The tokenizer.json of these merges; the same merges give the same characters.

    `special_tokens` come after our own. None of them may be the name of a token of bytes, which learn() sees to.
    """
    specials = [*SPECIAL_TOKENS, *special_tokens]
    names = ["".join(BYTE_CHARACTERS[byte] for byte in token) for token in token_bytes(merges)]
    pairs = [(names[left], names[right]) for left, right in zip(merges.left.tolist(), merges.right.tolist(), strict=True)]
    vocabulary = {name: token for token, name in enumerate([*specials, *names])}
    if len(vocabulary) < len(specials) + len(names):
        taken = next(name for name in names if name in specials)
        raise RecipeError(f"special token {taken!r} is also what a token of text is called: give it another name")
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words.regex), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    before_each = processors.TemplateProcessing(  # as training reads it
        single=f"{END_OF_TEXT} $A",
        pair=f"{END_OF_TEXT} $A {END_OF_TEXT} $B",
        special_tokens=[(END_OF_TEXT, vocabulary[END_OF_TEXT])],
    )
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), before_each])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials])
    text: str = tokenizer.to_str(pretty=True)
    return text


@dataclass(frozen=True)
class Vocabulary:
    """What a tokenizer.json of ours says. Shapes: left, right, made [merges], in the order in which they apply."""

    tokens: list[bytes]  # by id; a special token stands for no bytes
    special_tokens: dict[str, int]
    words: WordPattern
    left: np.ndarray  # int64
    right: np.ndarray
    made: np.ndarray  # the token that left and right make

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def end_of_text(self) -> int:
        return self.special_tokens[END_OF_TEXT]

    @property
    def removed(self) -> int:
        return self.special_tokens[REMOVED]

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


def _words(content: dict[str, Any]) -> WordPattern:
    """What cuts the text into words."""
    steps = content["pre_tokenizer"]["pretokenizers"]
    splits = [step for step in steps if step["type"] == "Split"]
    regexes = [step["pattern"]["Regex"] for step in splits if step["behavior"] == "Isolated" and not step["invert"]]
    if len(splits) != 1 or len(regexes) != 1 or len(steps) != 2 or steps[1]["type"] != "ByteLevel" or steps[1]["use_regex"]:
        raise InputError(f"tokenizer.json splits text by {steps}: use one that winnow learned")
    try:
        return recognised(regexes[0])
    except RecipeError as error:
        raise InputError(f"tokenizer.json splits words by {regexes[0]} ({error}): use one that winnow learned") from error


def read_tokenizer(tokenizer_json: str) -> Vocabulary:
    """The vocabulary of a tokenizer.json, which must be byte-level BPE with words that tokenizer/bpe/patterns.py can cut."""
    try:
        content = json.loads(tokenizer_json)
        ids: dict[str, int] = content["model"]["vocab"]
        pairs = [_pair(merge) for merge in content["model"]["merges"]]
        specials = {token["content"]: ids[token["content"]] for token in content["added_tokens"]}
        words = _words(content)
        if missing := set(SPECIAL_TOKENS) - specials.keys():
            raise InputError(f"tokenizer.json has no {missing.pop()}, as those of earlier versions: use one that winnow learned")
        names = sorted(ids, key=ids.__getitem__)
        tokens = [b"" if name in specials else bytes(_BYTES[character] for character in name) for name in names]
        if list(map(ids.__getitem__, names)) != list(range(len(names))):
            raise InputError("tokenizer.json leaves out ids: use one that winnow learned")
        left, right = ([ids[pair[side]] for pair in pairs] for side in (0, 1))
        made = [ids[first + second] for first, second in pairs]
        if missing_bytes := 256 - len({token for token in tokens if len(token) == 1}):
            raise InputError(f"tokenizer.json has no token for {missing_bytes} of the bytes: use one that winnow learned")
        return Vocabulary(tokens, specials, words, np.array(left, np.int64), np.array(right, np.int64), np.array(made, np.int64))
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
        name, pat_str=vocabulary.words.tiktoken_regex, mergeable_ranks=ranks, special_tokens=vocabulary.special_tokens
    )
