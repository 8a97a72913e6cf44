"""`winnow verify CERTIFICATE.json`: what the certificate says, made again from the records and looked at on disk.

Three questions, in this order. Is the file the one that the corpus keeps the sha256 of? Does it say what the records of the
takedown say, field by field? And is what it says so: pages, spans, counts and tombstones, looked at anew? What it says of runs is
looked at by jobs/runs/unlearn/claims.py.
"""

import hashlib
import json
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobs.ask.check_shards import tokens_of
from jobs.ask.verify import Check
from jobs.corpus.files.parquet import read_groups
from jobs.corpus.files.sweep import hidden_versions, unnamed
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.removals import CertificatePlace, Redaction, place_of_certificate, read_evidence, read_redaction, redactions
from jobs.corpus.shards import shards_of
from jobs.corpus.stores.opened import store_of
from jobs.corpus.views import connect, looked_up, rows
from jobs.takedown.certify.certificate import FORMAT, as_html, certificate
from jobs.takedown.reach.request import name_of
from jobs.takedown.without.counts import Words, same_merges, whole
from pipeline.errors import CorpusError
from pipeline.tables import PAGE_TEXTS

SHOWN = 3


def read_certificate(path: str | Path) -> dict[str, Any]:
    """Raises CorpusError where the file is no certificate, or one of another format; `path` may be a URL."""
    place = place_of_certificate(path)
    try:
        found = json.loads(store_of(place.root).read(place.file("json")))
        if found["format"] != FORMAT:
            raise CorpusError(
                f"{path} has format {found['format']} and this winnow reads format {FORMAT} alone: use the winnow that wrote it"
            )
        return dict(found)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorpusError(f"{path} is no certificate of a takedown: {error!r}") from error


def check_certificate(path: str | Path) -> Iterator[Check]:
    """Every question in turn. Raises CorpusError where the file is no certificate, or lies in no corpus."""
    found, place = read_certificate(path), place_of_certificate(path)
    corpus, name = open_corpus(place.root), place.request
    yield from _kept_hashes(corpus, place)
    listed = name in corpus.manifest.get("takedowns", [])
    yield _check("the corpus knows of the takedown", listed, f"corpus.json lists no takedown {name}")
    evidence = read_evidence(corpus, name, place.name) if listed else None
    yield _check("the corpus keeps what it was made from", evidence is not None, f"no evidence of {place.name} is on record")
    if evidence is None:
        return
    redaction = read_redaction(corpus, name)
    expected = certificate(redaction, evidence)
    different = list(differences(json.loads(json.dumps(expected)), found))
    yield _check("every field says what the records say", not different, "; ".join(different[:SHOWN]))
    page = place.file("html")
    same = _content(corpus, page) == as_html(expected).encode()
    yield _check(f"{posixpath.basename(page)} shows the same", same, f"{corpus.path(page)} is another page")
    yield from _pages(corpus, redaction)
    yield from _counts(corpus, redaction)


def differences(expected: Any, found: Any, name: str = "") -> Iterator[str]:
    """Where two JSON values differ, by the names of the fields."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            inner = f"{name}.{key}" if name else str(key)
            if key not in expected or key not in found:
                yield f"{inner} is {'not there' if key in expected else 'on no record'}"
            else:
                yield from differences(expected[key], found[key], inner)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{name}[{number}]")
    elif expected != found:
        yield f"{name} is {str(found)[:60]!r} and was {str(expected)[:60]!r}"


def _check(what: str, holds: bool, difference: str) -> Check:
    return Check("certificate", what, holds, "" if holds else difference)


def _content(corpus: Corpus, file: str) -> bytes | None:
    return None if corpus.store.entry(file) is None else corpus.store.read(file)


def _kept_hashes(corpus: Corpus, place: CertificatePlace) -> Iterator[Check]:
    for file in (place.file("json"), place.file("html")):
        content, shown = _content(corpus, file), posixpath.basename(file)
        found = "missing" if content is None else hashlib.sha256(content).hexdigest()
        known = corpus.manifest.get("certificates", {}).get(file)
        yield _check(f"{shown} is the one that the corpus keeps the sha256 of", found == known, f"it is {found}, not {known}")


def _pages(corpus: Corpus, redaction: Redaction) -> Iterator[Check]:
    """The request against the pages found, and that nothing of them is left."""
    name = name_of(redaction.request)
    yield _check("the takedown's name is the hash of its request", name == redaction.name, f"it would be {name}")
    with connect(corpus) as database:
        asked = [(column, redaction.request[f"{column}s"]) for column in ("url", "host", "doc_id")]
        wanted = {row["doc_id"] for column, values in asked for row in looked_up(database, "documents", "doc_id", column, values)}
        missing = sorted(wanted - set(redaction.doc_ids))
        yield _check("every page that was asked for is among the documents", not missing, str(missing[:SHOWN]))
        of_them = "SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id) WHERE"
        back = rows(database, f"SELECT doc_id FROM outcomes {of_them} outcome <> 'removed'", [redaction.doc_ids])
        yield _check(f"{len(redaction.doc_ids)} documents have the outcome removed", not back, str(back[:SHOWN]))
        left = rows(
            database, f"SELECT doc_id FROM documents {of_them} concat({', '.join(PAGE_TEXTS)}) <> ''", [redaction.doc_ids]
        )
        yield _check("none of them has any text left", not left, str(left[:SHOWN]))
        curated = rows(database, f"SELECT doc_id FROM curated {of_them} true", [redaction.doc_ids])
        yield _check("none of them is curated", not curated, str(curated[:SHOWN]))
        if _is_last(corpus, redaction):
            spans = looked_up(database, "spans", "doc_id, shard, start, length", "doc_id", redaction.doc_ids)
            same = sorted(map(_key, spans)) == sorted(map(_key, redaction.spans))
            yield _check("the spans are those that the corpus has of them", same, f"the corpus has {len(spans)}")
    orphans = unnamed(corpus.root, corpus.manifest) | hidden_versions(corpus.root)
    yield _check("nothing lies in the corpus that nobody names", not orphans, str(sorted(orphans)[:SHOWN]))


def _key(span: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(span[name] for name in ("doc_id", "shard", "start", "length"))


def _is_last(corpus: Corpus, redaction: Redaction) -> bool:
    """Whether the shards are still those that this takedown left."""
    return corpus.has("shards") and corpus.files("shards")[0].sha256 == redaction.fingerprint_after


def _counts(corpus: Corpus, redaction: Redaction) -> Iterator[Check]:
    """Shards, word counts, tombstones and the tokenizer, as far as a later takedown or stage has not changed them."""
    stones = [group for one in corpus.files("tombstones") for group in read_groups(corpus.root, one, ["doc_id", "request"])]
    named = {row["doc_id"] for group in stones for row in group.to_pylist() if row["request"] == redaction.name}
    missing = sorted(set(redaction.doc_ids) - named)
    yield _check("each of them has a tombstone", not missing, f"none for {missing[:SHOWN]}")
    if not _is_last(corpus, redaction):
        chain = {one.fingerprint_before for one in redactions(corpus)} | set(corpus.manifest.get("redacted_shards", {}))
        known = redaction.fingerprint_after in chain or not corpus.has("shards")
        what = "the shards that it left have been changed by later takedowns alone, or made anew"
        yield _check(what, known or corpus.has("shards"), redaction.fingerprint_after)
        return
    manifest = shards_of(corpus)
    written_over = [*redaction.spans, *redaction.cut_spans]
    faulty = [span for span in written_over if (tokens_of(corpus, manifest, span) != manifest.removed).any()]
    yield _check(f"{len(written_over)} spans hold <|removed|> alone", not faulty, str(faulty[:SHOWN]))
    words = corpus.rows("word_counts")
    yield _check(f"{redaction.words_after:,} distinct words are counted", words == redaction.words_after, f"it is {words:,}")
    by_language = whole(corpus, "language_counts") if corpus.files("language_counts") else None
    settings = build_recipe(corpus.manifest["recipe"]).tokenizer
    same = same_merges(Words(whole(corpus, "word_counts"), by_language), corpus.text("tokenizer"), settings)
    claimed = "is" if redaction.same_merges else "is not"
    what = f"the tokenizer {claimed} the one that the corpus gives without them"
    yield _check(what, same == redaction.same_merges, "learned again, it is the other way round")
