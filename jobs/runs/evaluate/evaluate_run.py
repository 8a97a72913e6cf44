"""`winnow evaluate`: bits per byte on held-out documents, by language and host."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs.corpus.folder import open_corpus
from jobs.corpus.views import connect, rows
from jobs.runs.loaded import load_model
from jobs.runs.record import held_out_loaders, open_run_loaders
from jobs.runs.train.train_model import token_bytes
from model.evaluate import bits_per_byte, piece_losses
from model.network.transformer import Transformer
from model.training.parallel import device_of
from tokenizer.shards.loader import Loader
from tokenizer.shards.splits import VALIDATION

DOCUMENTS_AT_ONCE = 10_000  # asked of the corpus in one query


@dataclass
class Cost:
    """What predicting some text took."""

    documents: int = 0
    nats: float = 0.0
    tokens: int = 0
    bytes: int = 0

    def add(self, other: "Cost") -> None:
        self.documents += other.documents
        self.nats += other.nats
        self.tokens += other.tokens
        self.bytes += other.bytes

    def as_json(self) -> dict[str, Any]:
        bits = bits_per_byte(self.nats, self.bytes) if self.bytes else None
        return asdict(self) | {"bits_per_byte": bits, "nats_per_token": self.nats / self.tokens if self.tokens else None}


def evaluate_run(
    run: Path, step: int | None = None, at_most: int | None = None, device: torch.device | None = None
) -> dict[str, Any]:
    """{"all": …, "language": {name: …}, "host": {name: …}, "corpus": {folder: …}}; each as `Cost.as_json`.

    Of a run on several corpora `at_most` is of each.
    """
    model, record, chosen = load_model(run, step, device or device_of())
    sizes = token_bytes(record.corpus, record.tokenizer_sha256)
    named = {one.corpus_fingerprint: one.corpus for one in record.sources}  # a loader may read copies of a corpus' files
    total = Cost()
    groups: dict[str, dict[str, Cost]] = {kind: defaultdict(Cost) for kind in ("language", "host", "corpus")}
    for loader in held_out_loaders(run, record) or open_run_loaders(run, record, VALIDATION):
        for cost, language, host in _placed(loader.corpus, document_costs(model, loader, sizes, at_most)):
            total.add(cost)
            corpus = named.get(loader.manifest.fingerprint, loader.corpus)
            for kind, name in (("language", language), ("host", host), ("corpus", corpus)):
                groups[kind][name].add(cost)
    by_group = {kind: {name: cost.as_json() for name, cost in sorted(group.items())} for kind, group in groups.items()}
    return {"step": chosen, "all": total.as_json(), **by_group}


def document_costs(model: Transformer, loader: Loader, sizes: np.ndarray, at_most: int | None = None) -> dict[str, Cost]:
    """doc_id -> cost, of a split's rows or the first so many of a shuffled epoch of them."""
    read = loader.rows_at(np.arange(min(loader.rows, at_most or loader.rows)))
    costs: dict[str, Cost] = {}
    for row, pieces in groupby(piece_losses(model, loader, read, sizes), key=lambda piece: piece.row):
        spans = loader.spans(row)
        for piece in pieces:
            known = costs.setdefault(spans[piece.piece].doc_id, Cost(documents=1))
            known.add(Cost(0, piece.nats, piece.tokens, piece.bytes))
    return costs


def _placed(corpus: str, costs: dict[str, Cost]) -> Iterator[tuple[Cost, str, str]]:
    """(cost, language, host) of each document."""
    doc_ids = sorted(costs)
    with connect(open_corpus(corpus)) as database:
        for at in range(0, len(doc_ids), DOCUMENTS_AT_ONCE):
            part = doc_ids[at : at + DOCUMENTS_AT_ONCE]
            query = (
                "SELECT DISTINCT ON (doc_id) doc_id, language, host FROM measures JOIN documents USING (doc_id) "
                "WHERE doc_id IN (SELECT unnest($1))"
            )
            for row in rows(database, query, [part]):
                yield costs[row["doc_id"]], row["language"] or "–", row["host"] or "–"


def groups_table(groups: dict[str, Any], most: int = 20) -> tuple[list[str], list[list[object]]]:
    """Columns and lines: all, then corpora where there are several, languages and hosts with the most text."""
    lines: list[list[object]] = [["all", "", *_numbers(groups["all"])]]
    for kind in (*(["corpus"] if len(groups.get("corpus", ())) > 1 else []), "language", "host"):
        largest = sorted(groups[kind].items(), key=lambda item: (-item[1]["bytes"], item[0]))[:most]
        lines += [[kind, name, *_numbers(cost)] for name, cost in largest]
    return ["group", "name", "documents", "bytes", "bits per byte", "nats per token"], lines


def _numbers(cost: dict[str, Any]) -> list[object]:
    return [cost["documents"], cost["bytes"], cost["bits_per_byte"], cost["nats_per_token"]]
