"""datatrove's filters of personal data and of benchmarks on pages in a folder. Runs in the peer's own environment.

    PEER/bin/python tests/bench/content/peer.py FOLDER    pages.jsonl {"text"}, items.jsonl {"query", "label"} -> peer.jsonl

Its patterns, its validator, its normalisation and its index are used as they are; spans are told in place of changed texts. The
index is filled by its indexer's own function, as the indexer itself wants lighteval's downloads.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter, NGramsDecontIndexer
from datatrove.pipeline.formatters.pii import PIIFormatter
from datatrove.utils.hashing import create_hash_func
from datatrove.utils.text import ngrams, simplify_text
from datatrove.utils.typeshelper import Languages
from datatrove.utils.word_tokenizers import load_word_tokenizer


def spans(replacer, text):
    found = (match for match in replacer.regex.finditer(text) if not replacer.validator or replacer.validator(match.group(0)))
    return [match.span() for match in found]


def index_of(items, config, parts):
    made = SimpleNamespace(config=config, tokenizer=parts.tokenizer, hash_func=parts.hash_func)
    return {value for item in items for value in NGramsDecontIndexer.compute_hashes(made, item["label"], item["query"])}


def hit(text, hashes, config, parts):
    """As NGramsDecontFilter.filter: the first n-gram that the index has."""
    tokens = parts.tokenizer.word_tokenize(simplify_text(text, config.norm_config))
    for one in map(" ".join, ngrams(tokens, config.n_grams)):
        if parts.hash_func(one) in hashes:
            return one
    return None


def main():
    folder, formatter = Path(sys.argv[1]), PIIFormatter()
    pages, items = ([json.loads(line) for line in (folder / name).open()] for name in ("pages.jsonl", "items.jsonl"))
    configs = {"answers": NGramsDecontConfig(), "answers_and_questions": NGramsDecontConfig(find_query_ngrams=True)}
    parts = SimpleNamespace(
        tokenizer=load_word_tokenizer(Languages.english), hash_func=create_hash_func(NGramsDecontConfig().hash_config)
    )
    hashes = {name: index_of(items, config, parts) for name, config in configs.items()}
    with (folder / "peer.jsonl").open("w") as out:
        out.write(json.dumps({"datatrove": version("datatrove"), "filter": NGramsDecontFilter.name}) + "\n")
        for page in pages:
            row = {}
            if page["look_for"] == "personal":
                row = {"email": spans(formatter.emails_replacer, page["text"]), "ip": spans(formatter.ip_replacer, page["text"])}
            else:
                row = {name: hit(page["text"], hashes[name], config, parts) for name, config in configs.items()}
            out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
