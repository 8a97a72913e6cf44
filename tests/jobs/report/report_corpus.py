"""A made-up corpus on disk for the report's tests: every table, no stage run."""

import hashlib
import random
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.corpus.folder import open_corpus
from jobs.report import report_of
from pipeline import tables
from tests.jobs.stored import put
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import tokenizer_json

HOSTILE = "<script>alert(1)</script>&\u202e\u200b'\"\U000e0041"
Rows = list[dict[str, Any]]


def write_table(corpus: Path, name: str, rows: Rows) -> None:
    """Rows lack columns freely: what is missing is null."""
    put(corpus, {name: rows})


def write_manifest(corpus: Path, stages: tuple[str, ...], recipe: dict[str, Any] | None = None) -> None:
    facts = {
        "publishes": [],
        "seconds": 12.5,
        "records_per_second": 321.0,
        "peak_memory_bytes": 300 << 20,
        "counts": {"records": 10},
    }
    made = dict.fromkeys(stages, facts)
    put(corpus, recipe=recipe or {"rules": {}}, versions={"winnow": "0.1.0"}, stages=made)


def report(corpus: Path) -> str:
    return report_of(open_corpus(str(corpus)))


def make_corpus(corpus: Path, documents: int = 40, text: str = "A line of text.\n" * 20, host: str = "", rule: str = "") -> None:
    """`host` and `rule` stand where the crawl has its say; half of the documents are lost, each in one of four ways."""
    rng = random.Random(7)
    pages = [_page(number, rng, text, host) for number in range(documents)]
    fates = [_fate(number, page, pages, rule) for number, page in enumerate(pages)]
    rejects = [_reject(documents + number, kind, reason) for number, (kind, reason) in enumerate(_lost(documents))]
    records = len(pages) + len(rejects)
    write_table(
        corpus,
        "files",
        [
            {
                "path": "crawl.warc.gz",
                "bytes": 123_456,
                "records": records,
                "documents": documents,
                "rejects": len(rejects),
                "damaged_bytes": 77,
            },
            {
                "path": "gone.warc.gz",
                "bytes": 0,
                "records": 0,
                "documents": 0,
                "rejects": 0,
                "damaged_bytes": 0,
                "error": "no such file",
            },
        ],
    )
    write_table(corpus, "documents", pages)
    write_table(corpus, "measures", pages)
    write_table(corpus, "rejects", rejects)
    write_table(
        corpus,
        "outcomes",
        [
            place(page) | {"doc_id": page["doc_id"], "outcome": fate, "reason": why}
            for page, (fate, why) in zip(pages, fates, strict=True)
        ]
        + [place(row) | {"outcome": "rejected", "reason": row["reason"]} for row in rejects],
    )
    _write_judgements(corpus, pages, fates)
    kept = [page for page, (fate, _) in zip(pages, fates, strict=True) if fate == "kept"]
    write_table(
        corpus, "curated", [{key: page[key] for key in ("doc_id", "url", "language", "text")} | {"n_tokens": 90} for page in kept]
    )
    write_table(
        corpus, "spans", [{"doc_id": page["doc_id"], "shard": 0, "start": 91 * n, "length": 90} for n, page in enumerate(kept)]
    )
    merges = learn(pa.array([b" hum", b" mum"], pa.binary()), pa.array([9, 5]), TokenizerSettings(vocabulary_size=260))
    put(corpus, texts={"tokenizer": tokenizer_json(merges)})
    write_manifest(corpus, ("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard"))


def place(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("warc_file", "warc_offset", "record_id")}


def _page(number: int, rng: random.Random, text: str, host: str) -> dict[str, Any]:
    name = host or f"host{int(rng.expovariate(0.2))}.test"
    page = {
        "doc_id": hashlib.md5(str(number).encode()).hexdigest(),
        "url": f"http://{name}/page/{number}",
        "host": name,
        "warc_file": "crawl.warc.gz",
        "warc_offset": 1000 * number,
        "warc_length": 900,
        "record_id": f"urn:uuid:{number}",
        "digest_ok": number % 9 != 0 or None,
        "charset": "utf-8",
        "charset_source": rng.choice(["http", "meta", "detected"]),
        "language": rng.choice(["en", "en", "en", "de", "fr", "ja", "ru", "zh"]),
        "page_type": ["article", "forum", None][number % 3],
        "text": text,
        "hidden_text": "",
        "markup_text": "",
        "title": name,
    }
    for measure, kind in tables.MEASURES.items():
        page[measure] = rng.betavariate(2, 9) if pa.types.is_floating(kind) else int(rng.lognormvariate(5, 1.4))
    return page


def _fate(number: int, page: dict[str, Any], pages: Rows, rule: str) -> tuple[str, str | None]:
    """Every other page is kept; the others are filtered (twice as often), copies or poisoned in turn."""
    if number % 2 == 0:
        return "kept", None
    lost = (number // 2) % 4
    if lost == 2:
        return "duplicate", pages[0]["doc_id"]
    return ("poisoned", "tag_characters") if lost == 3 else ("filtered", rule or ("few_words" if lost else "long_lines"))


def _lost(documents: int) -> list[tuple[str | None, str]]:
    kinds: list[tuple[str | None, str]] = [
        ("warcinfo", "warcinfo"),
        ("response", "http_status"),
        ("response", "mime"),
        (None, "damaged"),
    ]
    return kinds + [("request", "request")] * documents


def _reject(number: int, kind: str | None, reason: str) -> dict[str, Any]:
    return {
        "warc_file": "crawl.warc.gz",
        "warc_offset": 1000 * number,
        "warc_length": 77,
        "record_id": f"urn:uuid:{number}",
        "record_type": kind,
        "url": None,
        "reason": reason,
        "detail": "404" if reason == "http_status" else "",
    }


def _write_judgements(corpus: Path, pages: Rows, fates: list[tuple[str, str | None]]) -> None:
    verdicts, copies, findings, edits = [], [], [], []
    for number, (page, (fate, why)) in enumerate(zip(pages, fates, strict=True)):
        judged = {"doc_id": page["doc_id"]}
        if fate == "filtered":
            verdicts.append(judged | {"stage": "gopher_quality", "rule": why, "value": 3.0, "bound": 50.0})
            if number % 3 == 0:  # a third of them break a second rule too
                verdicts.append(judged | {"stage": "gopher_quality", "rule": "another_rule", "value": 0.5, "bound": 0.3})
        elif fate == "duplicate":
            near = 0.8 + (number % 20) / 100
            copies.append(place(page) | judged | {"keeper_id": why, "cluster_id": why, "kind": "near", "similarity": near})
        elif fate == "poisoned":
            findings.append(
                judged
                | {
                    "rule": why,
                    "attack": "unicode",
                    "severity": "severe",
                    "field": "text",
                    "start": 0,
                    "end": 4,
                    "excerpt": f"{HOSTILE} {number}",
                    "decoded": f"obey\u200b {number}",
                    "reason": "letters that spell\u2060 a message",
                }
            )
        else:
            if number % 7 == 0:
                finding = {"attack": "artefact", "severity": "note", "field": "text", "start": 0, "end": 4, "excerpt": "delve"}
                findings.append(judged | finding | {"rule": "model_vocabulary"})
            edits.append(judged | {"start": 0, "end": 9, "replacement": "", "reason": "policy_line"})
    for name, rows in (
        ("verdicts", verdicts),
        ("duplicates", [{k: v for k, v in c.items() if k != "record_id"} for c in copies]),
        ("findings", findings),
        ("edits", edits),
    ):
        write_table(corpus, name, rows)
