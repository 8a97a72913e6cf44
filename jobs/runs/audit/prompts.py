"""Prompts and what follows them as tokens, and tokens as bytes."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from model.texts import Text
from tokenizer.bpe.encode import Encoder

Decode = Callable[[np.ndarray], bytes]


def encode(encoder: Encoder, text: str) -> np.ndarray:
    return np.asarray(encoder.encode(pa.array([text])).ids).astype(np.int32)


def prompted(encoder: Encoder, prompt: str, rest: str) -> Text:
    """`<|endoftext|>`, the prompt, which is given, and the rest, which is scored."""
    given, scored = encode(encoder, prompt), encode(encoder, rest)
    tokens = np.concatenate([[encoder.vocabulary.end_of_text], given, scored]).astype(np.int32)
    return Text(tokens, 1 + len(given))


def decoder_of(encoder: Encoder) -> Decode:
    """Tokens to bytes; nothing for the rows that round the vocabulary up."""
    return lambda ids: encoder.decode(ids[ids < len(encoder.vocabulary)])
