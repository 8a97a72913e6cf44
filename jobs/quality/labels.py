"""What people say of pages: keep or drop, and why; in a file beside the corpus, which no table and no stage reads.

CORPUS.labels.jsonl has a line for each time that somebody judged a page, {"doc_id", "person", "label", "reason"}, the last one
counts: 1 keep, 0 drop, null taken back. It holds no text and no address of a page. It is local, as whoever judges is.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from jobs.corpus.folder import Corpus
from pipeline.errors import EnvironmentProblem, UsageError
from pipeline.quality.evaluate import cohens_kappa

SUFFIX = ".labels.jsonl"
KEEP, DROP = 1, 0
LONGEST_PERSON, LONGEST_REASON = 40, 200  # characters
MOST_BYTES = 32 << 20  # of the file: some 200,000 judgements


@dataclass(frozen=True)
class Label:
    """What one person says of one page."""

    doc_id: str
    person: str
    label: int | None
    reason: str


class Agreement(NamedTuple):
    """Two people on the pages that both judged. `kappa` is null where chance alone would have them agree."""

    first: str
    second: str
    pages: int
    agree: int
    kappa: float | None


class Labels:
    """The labels of one corpus, read again whenever the file has grown."""

    def __init__(self, root: str) -> None:
        self.path = labels_path(root)
        self._lock, self._state, self._known = threading.Lock(), (0, 0), dict[tuple[str, str], Label]()

    def all(self) -> list[Label]:
        """The last word of each person on each page, in the order in which they first spoke."""
        with self._lock:
            return list(self._read().values())

    def of_page(self, doc_id: str) -> list[Label]:
        return [one for one in self.all() if one.doc_id == doc_id]

    def add(self, label: Label) -> None:
        """Raises UsageError for a label that is none, EnvironmentProblem where it cannot be written, or the file is full."""
        check(label)
        line = json.dumps(asdict(label), ensure_ascii=False).encode() + b"\n"
        with self._lock:
            try:
                with self.path.open("ab") as file:
                    if file.tell() + len(line) > MOST_BYTES:
                        raise EnvironmentProblem(f"{self.path} is full ({MOST_BYTES:,} bytes): move it away, and begin another")
                    if not _ends_whole(self.path):
                        line = b"\n" + line  # after one that was cut off
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise EnvironmentProblem(
                    f"{self.path} cannot be written: {error.strerror}; labels lie beside the corpus"
                ) from error

    def _read(self) -> dict[tuple[str, str], Label]:
        try:
            found = self.path.stat()
            state = (found.st_mtime_ns, found.st_size)
            if state != self._state:
                self._known = {(one.doc_id, one.person): one for one in _lines(self.path)}
                self._known = {key: one for key, one in self._known.items() if one.label is not None}
                self._state = state
        except FileNotFoundError:
            self._known, self._state = {}, (0, 0)
        except OSError as error:
            raise EnvironmentProblem(f"{self.path} cannot be read: {error.strerror}; see to its rights") from error
        return self._known


def labels_path(root: str) -> Path:
    """Raises UsageError for a corpus that is not on this machine."""
    if "://" in root:
        raise UsageError(f"{root} is not on this machine: labels lie beside a corpus that is")
    return Path(f"{root.rstrip('/')}{SUFFIX}")


def check(label: Label) -> None:
    person_fits = 0 < len(label.person) <= LONGEST_PERSON and label.person.isprintable() and label.person == label.person.strip()
    if not person_fits:
        raise UsageError(f"a person is named by 1 to {LONGEST_PERSON} characters")
    if len(label.doc_id) != 32 or set(label.doc_id) - set("0123456789abcdef"):
        raise UsageError("a page is named by its doc_id, 32 hexadecimal digits")
    if label.label not in (KEEP, DROP, None) or isinstance(label.label, bool):
        raise UsageError("a label is 1 (keep), 0 (drop) or null")
    if len(label.reason) > LONGEST_REASON or not (label.reason or " ").isprintable():
        raise UsageError(f"a reason has at most {LONGEST_REASON} characters, on one line")


def _lines(path: Path) -> Iterator[Label]:
    """Lines that are labels; one that a crash cut off is none."""
    with path.open("rb") as file:
        for line in file.read(MOST_BYTES + 1).splitlines():
            try:
                label = Label(**json.loads(line))
                check(label)
            except (ValueError, TypeError, RecursionError, UsageError):
                continue
            yield label


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        return size == 0 or (file.seek(size - 1) >= 0 and file.read(1) == b"\n")


def agreements(labels: Iterable[Label]) -> list[Agreement]:
    """Of every two people who judged a page in common, by their names."""
    by_person: dict[str, dict[str, int]] = {}
    for one in labels:
        if one.label is not None:
            by_person.setdefault(one.person, {})[one.doc_id] = one.label
    found = []
    for first, second in combinations(sorted(by_person), 2):
        common = sorted(by_person[first].keys() & by_person[second].keys())
        if common:
            pairs = [(by_person[first][page], by_person[second][page]) for page in common]
            found.append(Agreement(first, second, len(pairs), sum(one == other for one, other in pairs), cohens_kappa(pairs)))
    return found


def decided(labels: Iterable[Label]) -> tuple[dict[str, int], int]:
    """(the label that most people give, by doc_id; pages on which as many say keep as drop)"""
    votes: dict[str, list[int]] = {}
    for one in labels:
        if one.label is not None:
            votes.setdefault(one.doc_id, []).append(one.label)
    found = {doc_id: int(2 * sum(given) > len(given)) for doc_id, given in votes.items() if 2 * sum(given) != len(given)}
    return found, len(votes) - len(found)


def export_labels(corpus: Corpus, folder: Path) -> dict[str, int]:
    """Writes good.jsonl and bad.jsonl, {"id", "url", "text", "label"}, as `winnow quality train` reads them; how many of each.

    Texts are those of `documents`, which are what a score measures. Pages that a takedown removed since are left out.
    """
    from jobs.corpus.views import connect, looked_up

    corpus.require("select")
    chosen, ties = decided(Labels(corpus.root).all())
    with connect(corpus) as database:
        removed = (
            {row["doc_id"] for row in looked_up(database, "tombstones", "doc_id", "doc_id", chosen)}
            if corpus.has("tombstones")
            else set()
        )
        texts = looked_up(database, "first_documents", "doc_id, url, text", "doc_id", chosen.keys() - removed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, label in (("good.jsonl", KEEP), ("bad.jsonl", DROP)):
            rows = sorted((row for row in texts if chosen[row["doc_id"]] == label), key=lambda row: str(row["doc_id"]))
            lines = [{"id": row["doc_id"], "url": row["url"], "text": row["text"], "label": label} for row in rows]
            (folder / name).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror}; name another --output") from error
    good = sum(chosen[row["doc_id"]] for row in texts)
    return {"good": good, "bad": len(texts) - good, "undecided": ties, "gone": len(chosen) - len(texts)}
