r"""Conversations as tokens, and the same as the template that `transformers` reads with the tokenizer.

Every turn is `<|endoftext|>`, who speaks, and what is said; after an answer comes the next turn's `<|endoftext|>`, which is where
text from a model stops. No other special token is needed, so any tokenizer will do; and what people write, `<|endoftext|>` itself
included, is only ever encoded as plain text, so nobody can begin a turn of somebody else's.

    <|endoftext|>User:\nWhat is 2 + 2?<|endoftext|>Assistant:\n4<|endoftext|>
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from model.post.examples import Learned
from tokenizer.bpe.encode import Encoder

SYSTEM, USER, ASSISTANT = ROLES = ("system", "user", "assistant")
_NAMES = {SYSTEM: "System", USER: "User", ASSISTANT: "Assistant"}
# White space at a turn's borders is left out: a word there would be split otherwise than alone.
TEMPLATE = (
    "{% set names = {'system': 'System', 'user': 'User', 'assistant': 'Assistant'} %}"
    "{% for message in messages %}"
    "{{ '<|endoftext|>' + names[message['role']] + ':\\n' + message['content'] | trim }}"
    "{% endfor %}"
    "{{ '<|endoftext|>' }}"
    "{% if add_generation_prompt %}{{ 'Assistant:\\n' }}{% endif %}"
)


class Message(NamedTuple):
    role: str  # of ROLES
    content: str


def encoded(messages: Sequence[Message], encoder: Encoder, *, last_only: bool = False) -> Learned:
    """Answers are to be learned, each with the `<|endoftext|>` after it; with `last_only` the last of them alone."""
    end = encoder.vocabulary.end_of_text
    texts = [part for message in messages for part in (f"{_NAMES[message.role]}:\n", message.content.strip())]
    found = encoder.encode(pa.array([_plain(text) for text in texts], pa.string()))
    parts = np.split(found.ids.astype(np.int32), found.offsets[1:-1])
    tokens, scored, learned = list[Any](), list[Any](), False
    for number, message in enumerate(messages):
        speaker, said = parts[2 * number], parts[2 * number + 1]
        tokens += [[end], speaker, said]
        scored += [[learned], [False] * len(speaker)]
        learned = message.role == ASSISTANT and (not last_only or number == len(messages) - 1)
        scored.append([learned] * len(said))
    tokens.append([end])
    scored.append([learned])
    return Learned(np.concatenate(tokens).astype(np.int32), np.concatenate(scored).astype(bool))


def asked(messages: Sequence[Message], encoder: Encoder) -> Learned:
    """All that stands before an answer; nothing of it is to be learned."""
    whole = encoded(messages, encoder)
    speaker = encoder.encode(pa.array([f"{_NAMES[ASSISTANT]}:\n"])).ids.astype(np.int32)
    tokens = np.concatenate([whole.tokens, speaker])
    return Learned(tokens, np.zeros(len(tokens), bool))


def plain(text: str, encoder: Encoder) -> Learned:
    """A text by itself: `<|endoftext|>` and its tokens; nothing of it is to be learned."""
    ids = encoder.encode(pa.array([_plain(text)], pa.string())).ids
    tokens = np.concatenate([[encoder.vocabulary.end_of_text], ids]).astype(np.int32)
    return Learned(tokens, np.zeros(len(tokens), bool))


def _plain(text: str) -> str:
    """No half surrogates, which JSON allows and UTF-8 does not."""
    return text.encode("utf-8", "replace").decode()
