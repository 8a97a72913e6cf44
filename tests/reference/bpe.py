"""Byte-pair encoding written to be read: the slow obvious twins of tokenizer/split, count, learn and encode."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from tokenizers import Regex, pre_tokenizers

from tokenizer.bpe.patterns import DEFAULT, WordPattern

Tokens = tuple[int, ...]


def split(text: str, words: WordPattern = DEFAULT) -> list[str]:
    """What HF makes of the pattern."""
    return [word for word, _ in pre_tokenizers.Split(Regex(words.regex), "isolated").pre_tokenize_str(text)]


def count(texts: Iterable[str | None], max_word_bytes: int) -> tuple[Counter[bytes], Counter[bytes]]:
    """(occurrences, documents) of each word."""
    counts: Counter[bytes] = Counter()
    documents: Counter[bytes] = Counter()
    for text in texts:
        words = [word.encode() for word in split(text or "") if len(word.encode()) <= max_word_bytes]
        counts.update(words)
        documents.update(set(words))
    return counts, documents


def host_totals(pages: Iterable[tuple[str, str | None]], max_word_bytes: int) -> dict[bytes, tuple[int, int, int]]:
    """(occurrences, documents, hosts) of each word of these pages; a page is (text, host)."""
    pages = list(pages)
    counts, documents = count([text for text, _ in pages], max_word_bytes)
    hosts: dict[bytes, set[str]] = {word: set() for word in counts}
    for text, host in pages:
        for word in split(text):
            if word.encode() in hosts:
                hosts[word.encode()].add(host or "")
    return {word: (counts[word], documents[word], len(hosts[word])) for word in counts}


def merge(tokens: Tokens, pair: tuple[int, int], made: int) -> Tokens:
    """`merge((1, 1, 1), (1, 1), 9)` -> `(9, 1)`: from the left."""
    out, at = [], 0
    while at < len(tokens):
        joined = tokens[at : at + 2] == pair
        out.append(made if joined else tokens[at])
        at += 2 if joined else 1
    return tuple(out)


def pair_counts(words: Mapping[Tokens, int]) -> Counter[tuple[int, int]]:
    pairs: Counter[tuple[int, int]] = Counter()
    for tokens, number in words.items():
        for pair in pairwise(tokens):
            pairs[pair] += number
    return pairs


def learn(words: Mapping[Tokens, int], merges: int, first: int, min_pair_count: int) -> list[tuple[int, int, int]]:
    """(left, right, count) of each merge: counts everything anew each time, ties to the smaller ids."""
    learned = []
    for made in range(first, first + merges):
        pairs = pair_counts(words)
        if not pairs or max(pairs.values()) < min_pair_count:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        learned.append((*best, pairs[best]))
        merged: Counter[Tokens] = Counter()
        for tokens, number in words.items():
            merged[merge(tokens, best, made)] += number
        words = merged
    return learned


def encode_word(tokens: Tokens, merges: list[tuple[int, int]], first: int) -> Tokens:
    """Every merge in turn, as it was learned."""
    for number, pair in enumerate(merges):
        tokens = merge(tokens, pair, first + number)
    return tokens
