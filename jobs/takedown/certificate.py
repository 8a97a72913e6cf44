"""What a takedown leaves for whoever asked for it: certificate.json for machines, certificate.html for people."""

import importlib.metadata
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.corpus.folder import Corpus
from jobs.corpus.removals import Redaction, RunPart
from jobs.corpus.tombstones import FOLDER
from jobs.report.pages import rendered
from jobs.takedown.claims import FORMAT, HASHES, read_certificate
from jobs.takedown.figures import drawn
from pipeline.shipped import shipped

CONDITIONS = (
    "Equal hashes mean equal bits for this code, these library versions, this device and this number of threads and processes.",
    "Never having seen the pages means: trained by the same plan on the same shards with the pages' tokens written over in "
    "place. Their places in the rows stay, so their lengths in tokens can still be read.",
)
CAVEATS = (
    "The pages' addresses stay in this record and in the corpus' tables: they say what was removed. Their text does not.",
    "The crawl that the corpus was made from is not changed. Tombstones keep the pages out of corpora made from it later.",
    "Whoever holds both the weights before and the weights after can learn from the difference. Copies of the old weights, of "
    "old exports, of logits and of samples made before are out of reach: they are to be destroyed where they are.",
    "Pages that quote the removed ones, or say the same in other words, are not removed.",
)


def certificate(redaction: Redaction, run: RunPart | None, exports: dict[str, list[str]]) -> dict[str, Any]:
    """certificate.json. `exact` is true only where an oracle was trained and both of its hashes are those of the replay."""
    certificate: dict[str, Any] = {
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
        certificate[name] = {"before": None, "after": None, "oracle": None}
    if run is not None:
        entry = run.entry
        for name in HASHES:
            oracle = (run.oracle or {}).get(name)
            certificate[name] = {"before": entry["before"].get(name), "after": entry["after"].get(name), "oracle": oracle}
        agree = all(
            certificate[name]["after"] is not None and certificate[name]["after"] == certificate[name]["oracle"]
            for name in HASHES
        )
        certificate["exact"] = entry["method"] == "exact" and agree
        certificate["audit"], certificate["definitions"] = run.audit, run.definitions
        certificate["run"] = {
            "folder": run.folder, "device": run.device, "plan": run.plan, "oracle_seconds": run.oracle_seconds,
            "training_tokens_per_second": run.training_tokens_per_second,
            **{name: value for name, value in entry.items() if name not in ("request", "before", "after", "method")},
        }  # fmt: skip
    return certificate


def with_earlier(certificate: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """What an earlier certificate of the same weights measured and this one could not: the pages' text is gone by then."""
    if any(certificate[name]["after"] != earlier[name]["after"] for name in HASHES):
        return certificate
    kept = dict(certificate)
    if certificate["audit"] is None:
        kept |= {name: earlier[name] for name in ("audit", "definitions")}
    if certificate[HASHES[0]]["oracle"] is None and certificate["run"] is not None and earlier["run"] is not None:
        kept |= {name: earlier[name] for name in (*HASHES, "exact")}
        kept["run"] = certificate["run"] | {"oracle_seconds": earlier["run"]["oracle_seconds"]}
    return kept


def write_certificate(corpus: Corpus, certificate: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """Both files; (what certificate.json says, where the HTML is). A second run's stands beside the first one's, by its name."""
    folder = Path(corpus.path(FOLDER, certificate["request"]["name"]))
    name = "certificate"
    first = folder / "certificate.json"
    if certificate["run"] and first.exists():
        of = read_certificate(first)["run"]
        if of and of["folder"] != certificate["run"]["folder"]:
            name = f"certificate-{Path(certificate['run']['folder']).name}"
    if (folder / f"{name}.json").exists():
        certificate = with_earlier(certificate, read_certificate(folder / f"{name}.json"))
    contents = {"certificate": certificate, "comparison": _comparison(certificate["audit"]), **drawn(certificate)}
    page = rendered(shipped("jobs/takedown/certificate.html"), contents)
    for ending, text in (("json", json.dumps(certificate, indent=1, ensure_ascii=False) + "\n"), ("html", page)):
        aside = folder / f".{name}.{ending}.tmp"
        aside.write_text(text, "utf-8")
        aside.replace(folder / f"{name}.{ending}")
    return certificate, folder / f"{name}.html"


def _comparison(audit: dict[str, dict[str, float]] | None) -> list[tuple[str, list[float | None]]]:
    """(measure, [before, after, oracle]) of every measure."""
    if not audit:
        return []
    measures = [measure for measure in audit["before"] if measure not in ("documents", "tokens")]
    return [(one, [audit.get(when, {}).get(one) for when in ("before", "after", "oracle")]) for one in measures]
