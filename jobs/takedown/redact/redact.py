"""A request carried out on a corpus: new files are written, proven as the corpus that they will be, and published in one step.

CORPUS/takedowns/REQUEST/request-HASH.json        what was asked, what was found, what changed
CORPUS/takedowns/REQUEST/tombstones-HASH.parquet  what keeps the pages from coming back
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from jobs.ask.verify import verify
from jobs.corpus.files import readers
from jobs.corpus.files.journal import forget_all
from jobs.corpus.files.parquet import read_groups, store_table
from jobs.corpus.files.stored import store
from jobs.corpus.files.sweep import redacted
from jobs.corpus.folder import Corpus, Tables, with_tables
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.removals import RECORD, TABLE, Redaction
from jobs.corpus.shards import forget_copies, read_shard, read_shards, read_tokenizer_json, shards_of, store_shards
from jobs.corpus.tombstones import FILE, FOLDER
from jobs.corpus.views import connect, rows
from jobs.report import report_of
from jobs.takedown.reach.passages import as_json, runs_of_words
from jobs.takedown.reach.reach import Reach, addresses_that_stay, by_id
from jobs.takedown.reach.replacements import Replacements, chosen
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.cuts import tokens_with_passages
from jobs.takedown.redact.rewrite import among
from jobs.takedown.redact.shards import redacted_shards, with_restored_shard
from jobs.takedown.redact.tables import changed_tables, cut_pages, restored_pages, with_restored
from jobs.takedown.without.counts import Words, exchanged_words, same_merges, stored_rows, stored_words, token_counts
from jobs.takedown.without.differing import Effect, changes_of, effect, in_words
from pipeline.blocks import StoredFile
from pipeline.duplicates.passages import common_runs
from pipeline.duplicates.tombstones import tombstones
from pipeline.errors import BrokenPromise
from pipeline.tables import TOMBSTONES
from pipeline.urls import url_key
from tokenizer.bpe.vocabulary import read_tokenizer
from tokenizer.shards.files import ShardManifest


def redact(
    corpus: Corpus, database: duckdb.DuckDBPyConnection, request: Request, reach: Reach, say: Callable[[str], None]
) -> Redaction:
    """Takes the pages out of every table, the shards, the counts and the report. The corpus must be locked (jobs/corpus).

    Raises BrokenPromise, with nothing changed, where the corpus would not keep its laws afterwards.
    """
    recipe = build_recipe(corpus.manifest["recipe"])
    before, tokenizer = shards_of(corpus), corpus.text("tokenizer")

    replacements = chosen(database, reach, request, recipe.duplicates)
    changed_elsewhere = effect(database, changes_of(reach, replacements), recipe.repeats, recipe.campaigns)
    say(f"{len(reach.pages)} documents to remove, {len(reach.spans)} of them in shards; {len(replacements.restored)} come back")
    for line in in_words(changed_elsewhere, len(reach.held_back)):
        say(line)
    restored = restored_pages(database, replacements, recipe.personal)
    tables = changed_tables(corpus, database, request.name, reach.doc_ids, replacements, restored, reach.cuts)
    redacted_tokens = redacted_shards(corpus, before, [*reach.spans, *reach.cut_spans])
    after, spans = with_restored_shard(corpus, redacted_tokens, restored, tokenizer)
    tables["shards"], tables["spans"] = store_shards(corpus.root, after)
    tables["curated"] = with_restored(corpus, tables["curated"], restored, spans)

    say("counting words and tokens without them")
    shorter = cut_pages(database, reach.cuts)
    changed_pages = [*(page.doc_id for page in reach.kept), *shorter["doc_id"].to_pylist()]
    words = exchanged_words(database, corpus, changed_pages, pa.concat_tables([restored, shorter]), recipe.tokenizer)
    tables |= stored_words(corpus, words)
    changed = corpus.as_of(with_tables(corpus.manifest, tables))
    tables["token_counts"] = [stored_rows(corpus, "token_counts", 0, token_counts(changed, after))]
    passages = runs_of_words(database, reach.doc_ids)[1].hashes if reach.cuts else np.zeros(0, np.int64)
    superseded = [redact_superseded(corpus, one, reach, passages) for one in superseded_shards(corpus)]
    redaction = _redaction(corpus, request, reach, replacements, (before, after), words, superseded, changed_elsewhere,
                           same=same_merges(words, tokenizer, recipe.tokenizer))  # fmt: skip
    tables |= _records(corpus, database, reach, redaction, recipe)

    manifest = _manifest_after(corpus, tables, redaction)
    report = report_of(corpus.as_of(with_tables(manifest, tables)))
    tables["report"] = [store(corpus.root, "report/report-HASH.html", report.encode())]
    say("proving the laws on what the corpus will be")
    _prove(corpus.as_of(with_tables(manifest, tables)))
    forget_all(corpus.root)  # what a stage that was stopped has written of these pages goes with what nobody names
    corpus.publish(tables, manifest, at_once=True)
    forget_copies(corpus)
    return redaction


def superseded_shards(corpus: Corpus) -> list[str]:
    """Fingerprints of shards that the corpus no longer has, and that runs on record were trained on."""
    own = corpus.files("shards")[0].sha256
    found = {redacted(fingerprint, corpus.manifest) for fingerprint in readers.trained_on(corpus.root)}
    return sorted(one for one in found - {own} if readers.files_of_shards(corpus.root, one))


def redact_superseded(corpus: Corpus, fingerprint: str, reach: Reach, passages: np.ndarray) -> dict[str, Any]:
    """{before, after, spans} of other shards than the corpus': the same documents and passages written over there."""
    manifest = read_shards(corpus.root, fingerprint)
    spans = [span for shard in manifest.shards if shard.spans for span in _spans_in(corpus, shard.spans, reach.doc_ids)]
    spans += _cut_spans_in(corpus, manifest, [cut.doc_id for cut in reach.cuts], passages)
    if not spans:
        return {"before": fingerprint, "after": fingerprint, "spans": []}
    listing = store_shards(corpus.root, redacted_shards(corpus, manifest, spans))[0][0]
    return {"before": fingerprint, "after": listing.sha256, "spans": spans}


def _spans_in(corpus: Corpus, stored: StoredFile, doc_ids: list[str]) -> list[dict[str, Any]]:
    groups = read_groups(corpus.root, stored)
    return [row for group in groups for row in group.filter(among(group, doc_ids)).to_pylist()]


def _cut_spans_in(corpus: Corpus, manifest: ShardManifest, doc_ids: list[str], passages: np.ndarray) -> list[dict[str, Any]]:
    """Tokens of passages, found in what other shards have of these documents; their tokenizer is another one."""
    if not doc_ids:
        return []
    names = read_tokenizer(read_tokenizer_json(corpus.root, manifest.tokenizer_sha256)).tokens
    found = []
    for shard in manifest.shards:
        tokens = read_shard(corpus.root, shard)
        for span in _spans_in(corpus, shard.spans, doc_ids) if shard.spans else ():
            own = [names[token] for token in tokens[span["start"] : span["start"] + span["length"]].tolist()]
            places = tokens_with_passages(own, passages)
            found += [span | {"start": span["start"] + first, "length": stop - first} for first, stop in places]
    return found


def _redaction(
    corpus: Corpus,
    request: Request,
    reach: Reach,
    replacements: Replacements,
    shards: tuple[ShardManifest, ShardManifest],
    words: Words,
    superseded: list[dict[str, Any]],
    changed_elsewhere: Effect,
    *,
    same: bool,
) -> Redaction:
    before, after = shards
    changed = [(old, new) for old, new in zip(before.shards, after.shards, strict=False) if old != new]
    return Redaction(
        name=request.name,
        request=request.to_json(),
        pages=[page._asdict() for page in reach.pages],
        spans=reach.spans,
        restored=replacements.restored,
        fingerprint_before=before.fingerprint,
        fingerprint_after=after.fingerprint,
        shards_before={old.file: old.sha256 for old, _ in changed},
        shards_after={new.file: new.sha256 for _, new in changed},
        same_merges=same,
        words_before=corpus.rows("word_counts"),
        words_after=words.words.num_rows,
        elsewhere=as_json(reach.elsewhere),
        cuts=[cut.as_json() for cut in reach.cuts],
        superseded=superseded,
        held_back=[one._asdict() for one in reach.held_back],
        differing=changed_elsewhere._asdict(),
    )


def _records(corpus: Corpus, database: duckdb.DuckDBPyConnection, reach: Reach, redaction: Redaction, recipe: Recipe) -> Tables:
    """The tables `removals` and `tombstones` with a file more each."""
    folder = f"{FOLDER}/{redaction.name}"
    record = json.dumps(asdict(redaction), indent=1, ensure_ascii=False) + "\n"
    pages = by_id(database, "documents", "doc_id, url, host, charset_source, text", reach.doc_ids)
    shared = addresses_that_stay(database, pages)
    urls = [url if (url := pages[doc_id]["url"]) and url_key(url) not in shared else None for doc_id in reach.doc_ids]
    texts = [pages[doc_id]["text"] for doc_id in reach.doc_ids]
    holding = by_id(database, "documents", "doc_id, text", [cut.doc_id for cut in reach.cuts])
    cut = common_runs(*(pa.array(one, pa.string()) for one in (texts, [page["text"] for page in holding.values()])))
    stones = tombstones(reach.doc_ids, urls, pa.array(texts, pa.string()), cut, redaction.name, recipe.duplicates)
    return {
        TABLE: [*corpus.files(TABLE), store(corpus.root, f"{folder}/{RECORD}", record.encode())],
        "tombstones": [
            *corpus.files("tombstones"),
            store_table(corpus.root, f"{folder}/{FILE}", stones.combine_chunks().to_batches(), TOMBSTONES),
        ],
    }


def _manifest_after(corpus: Corpus, tables: Tables, redaction: Redaction) -> dict[str, Any]:
    manifest = corpus.manifest | {"takedowns": [*corpus.manifest.get("takedowns", []), redaction.name]}
    pairs = [(redaction.fingerprint_before, redaction.fingerprint_after)]
    pairs += [(one["before"], one["after"]) for one in redaction.superseded]
    replaced = {before: after for before, after in pairs if before != after}
    manifest["redacted_shards"] = corpus.manifest.get("redacted_shards", {}) | replaced
    select = corpus.stages["select"]
    with connect(corpus.as_of(with_tables(manifest, tables))) as changed:
        tally = {row["outcome"]: row["n"] for row in rows(changed, "SELECT outcome, count(*) AS n FROM outcomes GROUP BY 1")}
    counted = select | {"counts": {"records": select["counts"]["records"], **tally}}
    repeats = dict(corpus.stages.get("repeats", {}))
    repeats["held_back"] = repeats.get("held_back", 0) + redaction.differing["pages"]  # gone once the stage is made anew
    return manifest | {
        "stages": corpus.stages | {"select": counted, **({"repeats": repeats} if "repeats" in corpus.stages else {})}
    }


def _prove(changed: Corpus) -> None:
    broken = [check for check in verify(changed, reread=False) if not check.holds]
    if broken:
        raise BrokenPromise(f"nothing was changed, as afterwards this would not hold: {broken[0].what}: {broken[0].difference}")
