"""datatrove's filters of personal data and benchmarks beside ours on the same pages, each disagreement in its class."""

import json
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.contamination.index import build_index, table_of
from pipeline.contamination.overlap import places
from pipeline.contamination.settings import ContaminationSettings
from pipeline.personal.scan import personal
from pipeline.personal.settings import PersonalSettings
from pipeline.urls import is_under_known_suffix
from tests.bench.content.contamination import CHANGED, gsm8k, novel_pages, planted, texts_folder
from tests.bench.content.lines import pages_of

RESERVED = (".example", ".test", ".invalid", ".localhost", "example.com", "example.org", "example.net")
KINDS = {"email": "email", "ip": "ip_address"}
SCRIPT = Path(__file__).with_name("peer.py")
Span = tuple[int, int]


def bench_beside(warcs: list[Path], python: Path, items: int) -> dict[str, Any]:
    folder = texts_folder()
    if folder is None:
        raise SystemExit("../shared/text is not there: this part needs gsm8k and the novels")
    pages = [page["text"] for page in pages_of(warcs, main_content=False)]
    rows = gsm8k(folder, "test")
    questions = [row[3] for row in rows if row[2] == "question"]
    answers = [row[3] for row in rows if row[2] == "answer"]
    novels = novel_pages(folder, 3_000_000)
    kinds = {f"{share:.0%} changed": planted(questions[:items], novels, share, round(share * 100)) for share in CHANGED}
    kinds["clean"] = novels
    exam = [text for some in kinds.values() for text in some]
    told = run_peer(python, pages, exam, [{"query": q, "label": a} for q, a in zip(questions, answers, strict=True)])
    return {
        "versions": told[0],
        "personal": compared_spans(pages, told[1 : len(pages) + 1]),
        "contamination": compared_hits(kinds, told[len(pages) + 1 :], rows),
    }


def run_peer(python: Path, pages: list[str], exam: list[str], items: list[dict[str, str]]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="winnow-peer-") as name:
        folder = Path(name)
        looked = [{"text": text, "look_for": kind} for kind, some in (("personal", pages), ("exam", exam)) for text in some]
        for file, rows in (("pages.jsonl", looked), ("items.jsonl", items)):
            (folder / file).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        subprocess.run([str(python), str(SCRIPT), name], check=True)
        return [json.loads(line) for line in (folder / "peer.jsonl").read_text("utf-8").splitlines()]


def compared_spans(pages: list[str], told: list[dict[str, Any]]) -> dict[str, Any]:
    findings, _ = personal(
        pa.array(pages, pa.string()), pa.nulls(len(pages), pa.string()), PersonalSettings(max_findings_per_page=100_000)
    )
    ours: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for one in findings.to_pylist():
        ours[one["row"], one["rule"]].append((one["start"], one["end"]))
    result: dict[str, Any] = {}
    for kind, rule in KINDS.items():
        counts: Counter[str] = Counter()
        texts: dict[str, set[str]] = defaultdict(set)
        for row, (page, peer) in enumerate(zip(pages, told, strict=True)):
            for name, text in classes(page, ours[row, rule], [(start, end) for start, end in peer[kind]], kind):
                counts[name] += 1
                texts[name].add(text)
        result[kind] = {name: {"spans": counts[name], "different": len(texts[name])} for name in sorted(counts)}
    return result


def classes(page: str, ours: list[Span], theirs: list[Span], kind: str) -> Iterator[tuple[str, str]]:
    """(class, text) of each span of either side."""
    met = set()
    for start, end in theirs:
        overlapping = [one for one in ours if one[0] < end and start < one[1]]
        met |= set(overlapping)
        if (start, end) in overlapping:
            yield "both, same span", page[start:end]
        elif overlapping:
            yield "both, another border", page[start:end]
        else:
            why = why_not_address(page, start, end) if kind == "email" else why_not_ip(page, start, end)
            yield f"datatrove alone: {why}", page[start:end]
    for start, end in ours:
        if (start, end) not in met:
            text = page[start:end]
            yield f"winnow alone: {why_only_ours(text, kind)}", text


def why_only_ours(text: str, kind: str) -> str:
    if kind == "ip":
        return "IPv6" if ":" in text else "its digits go on in theirs"
    return (
        "their pattern ends before it"
        if re.search(r"[^ \])}]@[^ \[({]", text)
        else "with blanks, brackets or words for its marks"
    )


def why_not_address(page: str, start: int, end: int) -> str:
    text = page[start:end]
    domain = text.rpartition("@")[2].lower()
    if domain.endswith(RESERVED):
        return "a name reserved for documentation"
    if page[end : end + 1] == ":" or page[max(0, start - 3) : start] == "://":
        return "a login of a program, git@host:path"
    if not is_under_known_suffix(domain):
        return "no registry has the domain"
    return "a message's number, or another address that is none"


def why_not_ip(page: str, start: int, end: int) -> str:
    before, after = page[max(0, start - 1) : start], page[end : end + 2]
    if before.isalnum() or before in (".", "-", "_") or after[:1].isalnum() or (after[:1] == "." and after[1:].isdigit()):
        return "a part of a longer number or name"
    numbers = [int(one) for one in page[start:end].split(".")]
    if max(numbers) < 32:
        return "a version or a section"
    return "a network, a version, or a word that says so before it"


def compared_hits(
    kinds: dict[str, list[str]], told: list[dict[str, Any]], rows: list[tuple[str, int, str, str]]
) -> list[dict[str, Any]]:
    """By kind of page: how many each side flags, and how many only one of them does."""
    index, made, first = build_index(table_of(rows), ContaminationSettings()), [], 0
    for kind, texts in kinds.items():
        flagged = {one.row for one in places(pa.array(texts), index, ContaminationSettings())}
        row: dict[str, Any] = {"pages": kind, "number": len(texts), "winnow": len(flagged)}
        for name in ("answers", "answers_and_questions"):
            peer = {place for place, one in enumerate(told[first : first + len(texts)]) if one[name] is not None}
            row |= {name: len(peer), f"{name}_only": len(peer - flagged), f"winnow_only_beside_{name}": len(flagged - peer)}
        first += len(texts)
        made.append(row)
    return made
