"""What the vocabulary became: how well it serves each language and host, and the tokens that should make one look twice."""

import math
import re
from collections.abc import Callable
from typing import Any

from jobs.report.store import Store
from pipeline.invisible import is_invisible

Rows = list[dict[str, Any]]

# Bytes a token of GPT-2's 50,257 tokens, as nanochat's scripts/tok_eval.py has them (karpathy/nanochat, 2025): English is web
# text (a FineWeb-EDU shard), Korean a news article. Other languages have no published figure in bytes.
GPT2_BYTES_PER_TOKEN = {"en": 4.67, "ko": 1.20}

TOP_LANGUAGES, TOP_HOSTS, TOP_LONGEST, TOP_EXAMPLES = 30, 15, 24, 12
RARE = 10  # occurrences below which a model hardly meets a token: "SolidGoldMagikarp" was one of GPT-2's
DOMINATED, FEWEST = 0.9, 50  # share of a token's occurrences that is one host's, and occurrences from which that says anything

_SERVED = """
    select {group} as name, count(*) as documents, sum(kept.tokens)::bigint as tokens, sum(kept.text_bytes)::bigint as text_bytes,
           sum(kept.text_bytes) / nullif(sum(kept.tokens), 0) as bytes_per_token, {words} as tokens_per_word
    from kept join pages using (doc_id) where not pages.repeated and kept.tokens > 0
    group by all order by tokens desc, name limit {limit}
"""

_OF_HOSTS = """
    with everything as (select sum(tokens) as tokens from kept),
         host_tokens as (select pages.host, sum(kept.tokens) / any_value(everything.tokens) as of_all
                         from kept join pages using (doc_id), everything where not pages.repeated group by all),
         dominated as (select token, occurrences, top_host as host, top_host_occurrences / occurrences as share from token_counts
                       where occurrences >= ? and top_host_occurrences >= ? * occurrences)
    select token, occurrences, host, share, of_all from dominated join host_tokens using (host) where of_all < ?
    order by share * occurrences * ln(share / of_all) desc, token
"""


def by_language(store: Store) -> Rows:
    words = "sum(kept.tokens) / nullif(sum(pages.word_count), 0)" if "word_count" in store.measures else "null"
    rows = store.rows(_SERVED.format(group="kept.language", words=words, limit=TOP_LANGUAGES))
    return [row | {"gpt2": GPT2_BYTES_PER_TOKEN.get(row["name"])} for row in rows]


def by_host(store: Store) -> Rows:
    return store.rows(_SERVED.format(group="pages.host", words="null", limit=TOP_HOSTS))


def looked_at(store: Store, vocabulary: list[bytes]) -> dict[str, Any] | None:
    """The lists of single tokens; None while tokens have not been counted. `vocabulary`: bytes by id, empty for special ones."""
    if "token_counts" not in store.present:
        return None
    counts = {row["token"]: row for row in store.rows("select token, occurrences, documents, clusters from token_counts")}
    learned = [token for token, data in enumerate(vocabulary) if len(data) > 1]
    return {
        "learned": len(learned),
        "occurrences": sum(row["occurrences"] for row in counts.values()),
        "longest": [_token_row(token, vocabulary, counts) for token in _longest(learned, vocabulary)[:TOP_LONGEST]],
        "kinds": _kinds(learned, vocabulary, counts),
        "hosts": _of_hosts(store, vocabulary),
        "supports": _supports(learned, vocabulary, counts),
    }


def _longest(tokens: list[int], vocabulary: list[bytes]) -> list[int]:
    """By characters, as a reader would; bytes decide between equals."""
    sizes = {token: (len(vocabulary[token].decode(errors="replace")), len(vocabulary[token])) for token in tokens}
    return sorted(tokens, key=lambda token: (-sizes[token][0], -sizes[token][1], token))


def _occurrences(token: int, counts: dict[int, dict[str, Any]]) -> int:
    return int(counts[token]["occurrences"]) if token in counts else 0


def _token_row(token: int, vocabulary: list[bytes], counts: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {"bytes": vocabulary[token], "occurrences": _occurrences(token, counts)}


def _is_partial(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def _has_control(data: bytes) -> bool:
    text = data.decode(errors="ignore")
    return "\ufffd" in text or any(is_invisible(character) and character not in "\t\n\r" for character in text)


_MARKUP = re.compile(rb"</|/>|&#|&[a-z]+;|=\"|://|href|www\.|\.(?:com|html?|php|js|css)\b")


def _is_run(data: bytes) -> bool:
    text = data.decode(errors="replace").strip(" ")
    return len(text) >= 4 and not any(map(str.isalnum, text)) and len(set(text)) <= 2


# Of the kinds that fit, all are reported: a token may be strange in several ways.
_STRANGE: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("parts of characters", _is_partial),
    ("control, invisible and replacement characters", _has_control),
    ("numbers of three digits and more", lambda data: bool(re.fullmatch(rb" ?[0-9]{3,}", data))),
    ("markup and addresses", lambda data: bool(_MARKUP.search(data))),
    ("runs of signs or spaces", lambda data: _is_run(data) or (len(data) >= 4 and not data.strip())),
)


def _kinds(learned: list[int], vocabulary: list[bytes], counts: dict[int, dict[str, Any]]) -> Rows:
    """Learned tokens that are no words of a language, and those that the text hardly uses."""
    never = [token for token in learned if not _occurrences(token, counts)]
    rare = [token for token in learned if 0 < _occurrences(token, counts) < RARE]
    found = [("never used: only steps on the way to longer ones", never), (f"used less than {RARE} times", rare)]
    found += [(name, [token for token in learned if fits(vocabulary[token])]) for name, fits in _STRANGE]
    return [_kind(name, tokens, vocabulary, counts) for name, tokens in found]


def _kind(name: str, tokens: list[int], vocabulary: list[bytes], counts: dict[int, dict[str, Any]]) -> dict[str, Any]:
    used = sum(_occurrences(token, counts) for token in tokens)
    shown = sorted(tokens, key=lambda token: (-_occurrences(token, counts), -len(vocabulary[token]), token))[:TOP_EXAMPLES]
    examples = [_token_row(token, vocabulary, counts) for token in shown]
    return {"name": name, "tokens": len(tokens), "occurrences": used, "examples": examples}


def _of_hosts(store: Store, vocabulary: list[bytes]) -> Rows:
    """Hosts that tokens come from almost alone, the most surprising first: much use, far beyond the host's share of all."""
    hosts: dict[str, dict[str, Any]] = {}
    for row in store.rows(_OF_HOSTS, FEWEST, DOMINATED, DOMINATED):
        if row["token"] >= len(vocabulary) or len(vocabulary[row["token"]]) < 2:
            continue
        host = hosts.setdefault(
            row["host"], {"host": row["host"], "of_all": row["of_all"], "tokens": 0, "surprise": 0.0, "examples": []}
        )
        host["tokens"] += 1
        host["surprise"] += row["share"] * row["occurrences"] * math.log(row["share"] / row["of_all"])
        if len(host["examples"]) < TOP_EXAMPLES:
            host["examples"].append({"bytes": vocabulary[row["token"]], "occurrences": row["occurrences"], "share": row["share"]})
    return sorted(hosts.values(), key=lambda host: (-host["surprise"], host["host"]))[:TOP_HOSTS]


def _supports(learned: list[int], vocabulary: list[bytes], counts: dict[int, dict[str, Any]]) -> Rows:
    """Merges that a single page, or one page and its copies, gave the vocabulary."""
    once = [token for token in learned if token in counts and counts[token]["documents"] == 1]
    copies = [token for token in learned if token in counts and counts[token]["documents"] > 1 == counts[token]["clusters"]]
    return [
        _kind("a single document", once, vocabulary, counts),
        _kind("several documents, all near copies of one another", copies, vocabulary, counts),
    ]
