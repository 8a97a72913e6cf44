"""A certificate compared with what lies on disk: `winnow verify CERTIFICATE.json`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobs.ask.check_shards import tokens_of
from jobs.ask.verify import Check
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.removals import Redaction, read_redaction, redactions
from jobs.corpus.shards import shards_of
from jobs.corpus.views import connect, rows
from pipeline.errors import CorpusError
from pipeline.hashing import file_sha256
from pipeline.tables import PAGE_TEXTS

FORMAT = 1
HASHES = ("model_sha256", "optimizer_sha256")
FILES = ("model.safetensors", "optimizer.safetensors")
CLAIMED = {"request", "documents", "corpus", "run", "exact", "audit", "definitions", *HASHES}


def read_certificate(path: Path) -> dict[str, Any]:
    """Raises CorpusError where the file is no certificate, or one of another format."""
    try:
        certificate = json.loads(path.read_text("utf-8"))
        if certificate["format"] != FORMAT:
            raise CorpusError(
                f"{path} has format {certificate['format']} and this winnow reads format {FORMAT} alone: "
                "use the winnow that wrote it"
            )
        missing = sorted(CLAIMED - set(certificate))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path} is no certificate of a takedown: {error}") from error
    if missing:
        raise CorpusError(f"{path} is no certificate of a takedown: it has no {missing[0]}")
    return dict(certificate)


def check_certificate(path: Path) -> Iterator[Check]:
    """Every claim that can be looked at: the corpus, the shards, the run's last checkpoint, what was purged."""
    certificate = read_certificate(path)
    corpus = open_corpus(str(path.resolve().parent.parent.parent))
    redaction = read_redaction(corpus, certificate["request"]["name"])
    later = [one.name for one in redactions(corpus)]
    if redaction.name not in later:
        yield Check("certificate", "the corpus knows of the takedown", False, "corpus.json does not list it")
        return
    since = redactions(corpus)[later.index(redaction.name) :]
    yield from _corpus_checks(corpus, redaction, certificate, last=len(since) == 1)
    if certificate["run"] is not None:
        yield from _run_checks(Path(certificate["run"]["folder"]), certificate, [one.fingerprint_after for one in since])
    agree = all(certificate[name]["after"] == certificate[name]["oracle"] is not None for name in HASHES)
    claimed = (
        "replay and oracle, trained from scratch, have equal hashes" if certificate["exact"] else "makes no claim to be exact"
    )
    yield Check("certificate", claimed, agree or not certificate["exact"], "says exact, and its hashes differ")


def _corpus_checks(corpus: Corpus, redaction: Redaction, certificate: dict[str, Any], *, last: bool) -> Iterator[Check]:
    same = [page["doc_id"] for page in certificate["documents"]] == redaction.doc_ids
    yield Check("certificate", "names the documents that were removed", same, "request.json names others")
    with connect(corpus) as database:
        of_them = "SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id) WHERE"
        back = rows(database, f"SELECT doc_id FROM outcomes {of_them} outcome <> 'removed'", [redaction.doc_ids])
        texts = ", ".join(PAGE_TEXTS)
        left = rows(database, f"SELECT doc_id FROM documents {of_them} concat({texts}) <> ''", [redaction.doc_ids])
    yield Check("certificate", f"{len(redaction.doc_ids)} documents have the outcome removed", not back, str(back[:3]))
    yield Check("certificate", "none of them has any text left", not left, str(left[:3]))
    manifest = shards_of(corpus)
    if last:
        wrong = manifest.fingerprint != certificate["corpus"]["fingerprint"]["after"]
        yield Check("certificate", "the shards are those it describes", not wrong, f"fingerprint is {manifest.fingerprint}")
    faulty = [span for span in redaction.spans if (tokens_of(corpus, manifest, span) != manifest.removed).any()]
    yield Check("certificate", f"{len(redaction.spans)} spans hold <|removed|> alone", not faulty, str(faulty[:3]))


def _run_checks(run: Path, certificate: dict[str, Any], since: list[str]) -> Iterator[Check]:
    """`since`: fingerprints that the shards have had from this takedown on."""
    try:
        record = json.loads((run / "run.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        yield Check("certificate", "the run is there", False, f"{run}: {error}")
        return
    entries = [one for one in record.get("takedowns", []) if one["request"] == certificate["request"]["name"]]
    after = {name: certificate[name]["after"] for name in HASHES}
    agreed = bool(entries) and all(entries[-1]["after"].get(name) == after[name] for name in HASHES)
    yield Check("certificate", "run.json tells of the same weights", agreed, f"{run / 'run.json'} has {entries[-1:]}")
    if agreed and after[HASHES[0]] is not None and record["takedowns"][-1]["after"] == after:  # else a later one changed them
        yield from _weight_checks(run, certificate["run"]["final"], after)
    old = [step for step in certificate["run"]["purged"] if _saw_it(_folder(run, step), since)]
    yield Check("certificate", "no checkpoint that saw the pages is left", not old, f"steps {old} are of before")


def _weight_checks(run: Path, final: int, after: dict[str, str]) -> Iterator[Check]:
    """The checkpoint itself, unless the run has gone on since and left it behind."""
    folder = _folder(run, final)
    if not folder.exists() and any(path.name > folder.name for path in run.glob("step-*")):
        return
    for file, name in zip(FILES, HASHES, strict=True):
        found = file_sha256(folder / file) if (folder / file).exists() else "missing"
        yield Check("certificate", f"sha256 of {folder.name}/{file}", found == after[name], f"it is {found}")


def _folder(run: Path, step: int) -> Path:
    return run / f"step-{step:07d}"  # as model/checkpoint.py has it, which needs torch


def _saw_it(folder: Path, since: list[str]) -> bool:
    """A checkpoint made before the takedown names the shards of then."""
    state = folder / "state.json"
    return state.exists() and json.loads(state.read_text("utf-8"))["corpus"] not in since
