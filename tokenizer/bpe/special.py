"""The special tokens, and what HF's loaders are told of them beside tokenizer.json.

Training reads `<|endoftext|>` before each document, and a page that says "<|endoftext|>" says it in letters. AutoTokenizer does
both by these files: tokenizer.json puts the token before a text, and `split_special_tokens` leaves those in a text unread.
"""

import json

END_OF_TEXT = "<|endoftext|>"
REMOVED = "<|removed|>"  # what a takedown writes over the tokens of a page
SPECIAL_TOKENS = (END_OF_TEXT, REMOVED)
NO_MODEL_YET = 1 << 20  # tokens of a text, of a tokenizer that no model's context bounds


def tokenizer_config(longest: int = NO_MODEL_YET, chat_template: str | None = None) -> str:
    """tokenizer_config.json. `longest`: tokens a model takes. A chat spells special tokens in its template: they are read."""
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": END_OF_TEXT,
        "eos_token": END_OF_TEXT,
        "pad_token": END_OF_TEXT,
        "model_max_length": longest,
        "clean_up_tokenization_spaces": False,
        "split_special_tokens": chat_template is None,
    }
    return json.dumps(config | ({"chat_template": chat_template} if chat_template else {}), indent=2) + "\n"
