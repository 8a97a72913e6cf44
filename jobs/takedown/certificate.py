"""What a takedown leaves for whoever asked for it: certificate.json for machines, certificate.html for people, and its check."""

import importlib.metadata
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.corpus import Corpus, file_sha256, open_corpus
from jobs.ledger import Check
from jobs.report import wording
from jobs.tables_view import connect, rows
from jobs.takedown.figures import drawn
from jobs.takedown.redact import Redaction, read_redaction, redactions
from jobs.tombstones import FOLDER
from pipeline.errors import CorpusError
from tokenizer.shards import MANIFEST, read_manifest

FORMAT = 1
HERE = Path(__file__).parent
HASHES = ("model_sha256", "optimizer_sha256")

CONDITIONS = (
    "Equal hashes mean equal bits for this code, these library versions, this device and this number of threads and processes.",
    "Never having seen the pages means: trained by the same plan on the same shards with the pages' tokens written over in "
    "place. Their places in the rows stay, so their lengths in tokens can still be told.",
)
CAVEATS = (
    "The pages' addresses stay in this record and in the corpus' tables: they say what was removed. Their text does not.",
    "The crawl that the corpus was made from is not changed. Tombstones keep the pages out of corpora made from it later.",
    "Whoever holds both the weights before and the weights after can learn from the difference. Copies of the old weights, of "
    "old exports, of logits and of samples made before are out of reach: they are to be destroyed where they are.",
    "Pages that quote the removed ones, or say the same in other words, are not removed.",
)


@dataclass(frozen=True)
class RunPart:
    """What became of one run: an entry of its run.json (jobs/runs/replay.py), and what was measured around it."""

    folder: str
    entry: dict[str, Any]
    plan: dict[str, Any]
    device: str
    oracle: dict[str, str] | None           # hashes, where one was trained
    oracle_seconds: float | None
    training_tokens_per_second: float | None  # median of the run, for comparison with the replay's
    audit: dict[str, dict[str, float]] | None  # {before, after, oracle: {measure: value}}
    definitions: dict[str, str]             # of the measures, with the publication that each follows


def certificate(redaction: Redaction, run: RunPart | None, exports: dict[str, list[str]]) -> dict[str, Any]:
    """certificate.json. `exact` is true only where an oracle was trained and both of its hashes are those of the replay."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "request": {"name": redaction.name, **redaction.request},
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "documents": redaction.pages,
        "restored": redaction.restored,
        "corpus": {
            "fingerprint": {"before": redaction.fingerprint_before, "after": redaction.fingerprint_after},
            "shards_sha256": {"before": redaction.shards_before, "after": redaction.shards_after},
            "spans": redaction.spans,
            "words": {"before": redaction.words_before, "after": redaction.words_after},
            "tokenizer_exact": redaction.same_merges,
        },
        "exports": exports,
        "method": run.entry["method"] if run else "redaction",
        "exact": False,
        "run": None,
        "audit": None,
        "definitions": {},
        "versions": {"winnow": importlib.metadata.version("winnow"), "python": platform.python_version()},
        "conditions": list(CONDITIONS) if run else [],
        "caveats": list(CAVEATS),
    }
    for name in HASHES:
        told[name] = {"before": None, "after": None, "oracle": None}
    if run is not None:
        entry = run.entry
        for name in HASHES:
            oracle = (run.oracle or {}).get(name)
            told[name] = {"before": entry["before"].get(name), "after": entry["after"].get(name), "oracle": oracle}
        agree = all(told[name]["after"] is not None and told[name]["after"] == told[name]["oracle"] for name in HASHES)
        told["exact"] = entry["method"] == "exact" and agree
        told["audit"], told["definitions"] = run.audit, run.definitions
        told["run"] = {
            "folder": run.folder, "device": run.device, "plan": run.plan, "oracle_seconds": run.oracle_seconds,
            "training_tokens_per_second": run.training_tokens_per_second,
            **{name: value for name, value in entry.items() if name not in ("request", "before", "after", "method")},
        }  # fmt: skip
    return told


def with_earlier(told: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """What an earlier certificate of the same weights measured and this one could not: the pages' text is gone by then."""
    if any(told[name]["after"] != earlier[name]["after"] for name in HASHES):
        return told
    kept = dict(told)
    if told["audit"] is None:
        kept |= {name: earlier[name] for name in ("audit", "definitions")}
    if told[HASHES[0]]["oracle"] is None and told["run"] is not None and earlier["run"] is not None:
        kept |= {name: earlier[name] for name in (*HASHES, "exact")}
        kept["run"] = told["run"] | {"oracle_seconds": earlier["run"]["oracle_seconds"]}
    return kept


def write_certificate(corpus: Corpus, told: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """Both files; (what certificate.json says, where the HTML is). A second run's stands beside the first one's, by its name."""
    folder = Path(corpus.path(FOLDER, told["request"]["name"]))
    name = "certificate"
    first = folder / "certificate.json"
    if told["run"] and first.exists():
        of = read_certificate(first)["run"]
        if of and of["folder"] != told["run"]["folder"]:
            name = f"certificate-{Path(told['run']['folder']).name}"
    if (folder / f"{name}.json").exists():
        told = with_earlier(told, read_certificate(folder / f"{name}.json"))
    environment = Environment(
        loader=FileSystemLoader([HERE, HERE.parent / "report"]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update({one: getattr(wording, one) for one in ("number", "size", "duration", "visible", "share")})
    page = environment.get_template("certificate.html").render(
        told=told, comparison=_comparison(told["audit"]), **drawn(told)
    )
    for ending, text in (("json", json.dumps(told, indent=1, ensure_ascii=False) + "\n"), ("html", page)):
        aside = folder / f".{name}.{ending}.tmp"
        aside.write_text(text, "utf-8")
        aside.replace(folder / f"{name}.{ending}")
    return told, folder / f"{name}.html"


def _comparison(audit: dict[str, dict[str, float]] | None) -> list[tuple[str, list[float | None]]]:
    """(measure, [before, after, oracle]) of every measure."""
    if not audit:
        return []
    measures = [measure for measure in audit["before"] if measure not in ("documents", "tokens")]
    return [(one, [audit.get(when, {}).get(one) for when in ("before", "after", "oracle")]) for one in measures]


def check_certificate(path: Path) -> Iterator[Check]:
    """Every claim of a certificate that can be looked at: the corpus, the shards, the run's last checkpoint, what was purged."""
    told = read_certificate(path)
    corpus = open_corpus(str(path.resolve().parent.parent.parent))
    redaction = read_redaction(corpus, told["request"]["name"])
    yield from _corpus_checks(corpus, redaction, told)
    if told["run"] is not None:
        carried_out = [one.fingerprint_after for one in redactions(corpus)]
        since = carried_out[carried_out.index(redaction.fingerprint_after) :]
        yield from _run_checks(Path(told["run"]["folder"]), told, since)
    agree = all(told[name]["after"] == told[name]["oracle"] is not None for name in HASHES)
    claimed = "replay and oracle, trained from scratch, have equal hashes" if told["exact"] else "makes no claim to be exact"
    yield Check("certificate", claimed, agree or not told["exact"], "says exact, and its hashes differ")


def _corpus_checks(corpus: Corpus, redaction: Redaction, told: dict[str, Any]) -> Iterator[Check]:
    same = [page["doc_id"] for page in told["documents"]] == redaction.doc_ids
    yield Check("certificate", "names the documents that were removed", same, "request.json names others")
    with connect(corpus) as database:
        of_them = "SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id) WHERE"
        back = rows(database, f"SELECT doc_id FROM outcomes {of_them} outcome <> 'removed'", [redaction.doc_ids])
        left = rows(database, f"SELECT doc_id FROM documents {of_them} text || hidden_text <> ''", [redaction.doc_ids])
    yield Check("certificate", f"{len(redaction.doc_ids)} documents have the outcome removed", not back, str(back[:3]))
    yield Check("certificate", "none of them has any text left", not left, str(left[:3]))
    manifest = read_manifest(Path(corpus.path("shards", MANIFEST)).read_text("utf-8"))
    last = corpus.read_manifest()["takedowns"][-1] == redaction.name
    if last:
        wrong = manifest.fingerprint != told["corpus"]["fingerprint"]["after"]
        yield Check("certificate", "the shards are those it describes", not wrong, f"fingerprint is {manifest.fingerprint}")
    wide = {"uint16": 2, "uint32": 4}[manifest.dtype]
    spans = told["corpus"]["spans"]
    holding = [span for span in spans if _tokens(corpus, manifest, span, wide) != {manifest.removed}]
    yield Check("certificate", f"{len(spans)} spans hold <|removed|> alone", not holding, str(holding[:3]))


def _tokens(corpus: Corpus, manifest: Any, span: dict[str, Any], wide: int) -> set[int]:
    import numpy as np

    from tokenizer.shards import HEADER_BYTES

    with Path(corpus.path("shards", manifest.shards[span["shard"]].file)).open("rb") as file:
        file.seek(HEADER_BYTES + span["start"] * wide)
        return set(np.frombuffer(file.read(span["length"] * wide), np.dtype(manifest.dtype).newbyteorder("<")).tolist())


def _run_checks(run: Path, told: dict[str, Any], since: list[str]) -> Iterator[Check]:
    """`since`: fingerprints that the shards have had from this takedown on."""
    try:
        record = json.loads((run / "run.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        yield Check("certificate", "the run is there", False, f"{run}: {error}")
        return
    entries = [one for one in record.get("takedowns", []) if one["request"] == told["request"]["name"]]
    agreed = bool(entries) and all(entries[-1]["after"].get(name) == told[name]["after"] for name in HASHES)
    yield Check("certificate", "run.json tells of the same weights", agreed, f"{run / 'run.json'} has {entries[-1:]}")
    last = record["takedowns"][-1]["after"] == {name: told[name]["after"] for name in HASHES} if entries else False
    folder = run / f"step-{told['run']['final']:07d}"
    if last and folder.exists():
        for file, name in (("model.safetensors", HASHES[0]), ("optimizer.safetensors", HASHES[1])):
            found = file_sha256(folder / file)
            yield Check("certificate", f"sha256 of {folder.name}/{file}", found == told[name]["after"], f"it is {found}")
    old = [step for step in told["run"]["purged"] if _saw_it(run / f"step-{step:07d}", since)]
    yield Check("certificate", "no checkpoint that saw the pages is left", not old, f"steps {old} are of before")


def _saw_it(folder: Path, since: list[str]) -> bool:
    """A checkpoint made before the takedown names the shards of then."""
    state = folder / "state.json"
    return state.exists() and json.loads(state.read_text("utf-8"))["corpus"] not in since


def read_certificate(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["format"] > FORMAT:
            raise CorpusError(f"{path} has format {told['format']}, this version reads up to {FORMAT}: upgrade winnow")
        return dict(told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path} is no certificate of a takedown: {error}") from error
