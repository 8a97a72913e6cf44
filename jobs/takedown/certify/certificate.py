"""What a takedown leaves for whoever asked for it: certificate.json for machines, certificate.html for people.

Both are made from what the corpus keeps on record, request.json and the evidence, and from nothing else; the corpus keeps their
sha256 too. jobs/takedown/certify/claims.py makes the same certificate again, and looks at what it says on disk.
"""

import hashlib
import importlib.metadata
import json
import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.corpus.files.stored import store
from jobs.corpus.files.sweep import hidden_versions
from jobs.corpus.folder import Corpus, changing
from jobs.corpus.removals import EVIDENCE, Evidence, Redaction, RunPart, RunState, read_evidence, read_redaction
from jobs.corpus.tombstones import FOLDER
from jobs.report.pages import rendered
from jobs.takedown.certify.figures import drawn
from pipeline.blocks import stored_file
from pipeline.errors import BrokenPromise
from pipeline.shipped import shipped

FORMAT = 4
HASHES = ("model_sha256", "optimizer_sha256")
RECOMPUTED, RECORDED, ASSERTED = "recomputed", "recorded", "asserted"

# How `winnow verify` looks at each part: recomputed from what lies on disk; recorded when it was done, and held against those
# records; asserted, and taken on trust. The longest name that begins a field's own decides.
KINDS = {
    "format": RECOMPUTED,
    "request": RECORDED,
    "request.name": RECOMPUTED,
    "request.case": ASSERTED,
    "request.reference": ASSERTED,
    "made_at": ASSERTED,
    "complete": RECOMPUTED,
    "documents": RECOMPUTED,
    "restored": RECORDED,
    "passages": RECORDED,
    "cuts": RECORDED,
    "cuts.tokens": RECOMPUTED,
    "held_back": RECORDED,
    "corpus": RECORDED,
    "corpus.fingerprint": RECOMPUTED,
    "corpus.spans": RECOMPUTED,
    "corpus.words": RECOMPUTED,
    "corpus.tokenizer_exact": RECOMPUTED,
    "corpus.tombstones": RECOMPUTED,
    "exports": RECORDED,
    "runs": RECOMPUTED,
    "method": RECORDED,
    "exact": RECOMPUTED,
    "model_sha256": RECOMPUTED,
    "optimizer_sha256": RECOMPUTED,
    "oracle_files": RECOMPUTED,
    "run": RECORDED,
    "run.purged": RECOMPUTED,
    "audit": RECORDED,
    "definitions": ASSERTED,
    "versions": RECORDED,
    "conditions": ASSERTED,
    "caveats": ASSERTED,
    "proves": ASSERTED,
    "kinds": ASSERTED,
}
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
    "Pages that say the same in other words are not removed. Those that hold 50 words in a row of a removed page are listed, or "
    "lose these words.",
    "What stays was curated with the pages among the others: lines that are cut as their host's furniture, and places that hosts "
    "have under a bound, are counted anew only by `winnow curate` with --again. Findings that several pages make together stand, "
    "and are named where a removed page had a part in them.",
)
PROVES = (
    "The pages' text is in no table, shard, count or export on record of this corpus, and their tokens are written over; where "
    "`exact` says yes, the run's weights and optimizer are, bit for bit, those of a run that never saw the pages. "
    "It does not prove that no copy was made elsewhere, that another page does not say the same in other words, or that the "
    "tokenizer never saw the pages unless it says so. What is recorded and not recomputed rests on whoever ran it.",
)


def certificate(redaction: Redaction, evidence: Evidence) -> dict[str, Any]:
    """certificate.json. `exact` is true only where an oracle was trained and both of its hashes are those of the replay."""
    part = evidence.part
    certificate: dict[str, Any] = {
        "format": FORMAT,
        "request": {"name": redaction.name, "case": evidence.case, "reference": evidence.reference, **redaction.request},
        "made_at": evidence.made_at,
        "complete": evidence.complete,
        "documents": redaction.pages,
        "restored": redaction.restored,
        "passages": redaction.elsewhere,
        "cuts": redaction.cuts,
        "held_back": {"texts": redaction.held_back, **redaction.differing},
        "corpus": {
            "fingerprint": {"before": redaction.fingerprint_before, "after": redaction.fingerprint_after},
            "shards_sha256": {"before": redaction.shards_before, "after": redaction.shards_after},
            "superseded": [{"before": one["before"], "after": one["after"]} for one in redaction.superseded],
            "spans": redaction.spans,
            "words": {"before": redaction.words_before, "after": redaction.words_after},
            "tokenizer_exact": redaction.same_merges,
            "tombstones": len(redaction.pages),
        },
        "exports": evidence.exports,
        "runs": [asdict(one) for one in evidence.runs],
        "method": part.entry["method"] if part else "redaction",
        "exact": False,
        **{name: {"before": None, "after": None, "oracle": None} for name in HASHES},
        "oracle_files": {one["file"]: one["sha256"] for one in part.oracle_files} if part else {},
        "run": None,
        "audit": part.audit if part else None,
        "definitions": part.definitions if part else {},
        "versions": evidence.versions,
        "conditions": list(CONDITIONS) if part else [],
        "caveats": list(CAVEATS),
        "proves": list(PROVES),
        "kinds": KINDS,
    }
    return certificate | _of_run(part) if part else certificate


def _of_run(part: RunPart) -> dict[str, Any]:
    entry = part.entry
    hashes = {
        name: {
            "before": entry["before"].get(name),
            "after": entry["after"].get(name),
            "oracle": (part.oracle or {}).get(name),
        }
        for name in HASHES
    }
    equal = all(hashes[name]["after"] is not None and hashes[name]["after"] == hashes[name]["oracle"] for name in HASHES)
    run = {
        "folder": part.folder, "device": part.device, "plan": part.plan, "oracle_seconds": part.oracle_seconds,
        "training_tokens_per_second": part.training_tokens_per_second,
        **{name: value for name, value in entry.items() if name not in ("request", "before", "after", "method")},
    }  # fmt: skip
    return {"exact": entry["method"] == "exact" and equal, **hashes, "run": run}


def gathered(
    corpus: Corpus, name: str, part: RunPart | None, exports: dict[str, list[str]], runs: list[RunState],
    case: str | None = None, reference: str | None = None,
) -> Evidence:  # fmt: skip
    """The evidence for a certificate that is made now. A second run's certificate stands beside the first one's, by its name."""
    first, stem = read_evidence(corpus, name, "certificate"), "certificate"
    if part is not None and first is not None and first.part is not None and first.part.folder != part.folder:
        stem = f"certificate-{Path(part.folder).name}"
    versions = {"winnow": importlib.metadata.version("winnow"), "python": platform.python_version()}
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    evidence = Evidence(stem, made_at, case, reference, exports, runs, part, versions)
    earlier = read_evidence(corpus, name, stem)
    return evidence if earlier is None else _with_earlier(evidence, earlier)


def _with_earlier(evidence: Evidence, earlier: Evidence) -> Evidence:
    """What was measured before of the same weights and cannot be now: the pages' text is gone by then."""
    kept = replace(evidence, case=evidence.case or earlier.case, reference=evidence.reference or earlier.reference)
    now, before = evidence.part, earlier.part
    if now is None or before is None or now.entry["after"] != before.entry["after"]:
        return kept
    if now.audit is None:
        now = replace(now, audit=before.audit, definitions=before.definitions)
    if now.oracle is None:
        now = replace(now, oracle=before.oracle, oracle_seconds=before.oracle_seconds, oracle_files=before.oracle_files)
    return replace(kept, part=now)


def write_certificate(root: str, name: str, evidence: Evidence) -> tuple[dict[str, Any], str]:
    """Both files, and their sha256 in the corpus; (what certificate.json says, where the HTML is).

    Raises BrokenPromise where the store keeps what was replaced.
    """
    with changing(root) as corpus:
        corpus.store.forget_versions()
        if left := hidden_versions(root):
            raise BrokenPromise(f"{root} still holds versions of {len(left)} files, first {min(left)}: nothing is certified")
        found = certificate(read_redaction(corpus, name), evidence)
        hashes = {}
        for ending, text in (("json", as_json(found)), ("html", as_html(found))):
            path = f"{FOLDER}/{name}/{evidence.certificate}.{ending}"
            corpus.store.put(path, text.encode())
            hashes[path] = hashlib.sha256(text.encode()).hexdigest()
        record = json.dumps(asdict(evidence), indent=1, ensure_ascii=False) + "\n"
        stored = store(corpus.root, f"{FOLDER}/{name}/evidence-HASH.json", record.encode())
        oracle = [stored_file(one) for one in evidence.part.oracle_files] if evidence.part else []
        known = {one.file: one for one in (*corpus.files(EVIDENCE), *oracle)} | {stored.file: stored}
        certificates = corpus.manifest.get("certificates", {}) | hashes
        corpus.publish({EVIDENCE: list(known.values())}, corpus.manifest | {"certificates": certificates})
        return found, corpus.path(FOLDER, name, f"{evidence.certificate}.html")


def as_json(certificate: dict[str, Any]) -> str:
    return json.dumps(certificate, indent=1, ensure_ascii=False) + "\n"


def as_html(certificate: dict[str, Any]) -> str:
    contents = {"certificate": certificate, "comparison": _comparison(certificate["audit"]), **drawn(certificate)}
    return rendered(shipped("jobs/takedown/certify/certificate.html"), contents)


def _comparison(audit: dict[str, dict[str, float]] | None) -> list[tuple[str, list[float | None]]]:
    """(measure, [before, after, oracle]) of every measure."""
    if not audit:
        return []
    measures = [measure for measure in audit["before"] if measure not in ("documents", "tokens")]
    return [(one, [audit.get(when, {}).get(one) for when in ("before", "after", "oracle")]) for one in measures]
