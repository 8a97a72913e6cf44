"""A request carried out on a corpus: everything is written aside, proven there, and becomes visible in one step.

CORPUS/takedowns/REQUEST/request.json        what was asked, what was found, what changed
CORPUS/takedowns/REQUEST/tombstones.parquet  what keeps the pages from coming back
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus
from jobs.corpus.parquet import write_table
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.removals import RECORD, Redaction
from jobs.corpus.tombstones import FILE, FOLDER
from jobs.corpus.views import connect, rows
from jobs.report import write_report
from jobs.takedown.counts import Words, exchanged_words, same_merges, write_token_counts, write_words
from jobs.takedown.overlay import as_it_would_be, staged_names
from jobs.takedown.reach import Reach, addresses_that_stay, by_id
from jobs.takedown.replacements import Replacements, choose_replacements
from jobs.takedown.request import Request
from jobs.takedown.shards import append_spans, redact_shards, restore_shard, write_manifest
from jobs.takedown.tables import add_curated, change_tables, restored_pages
from pipeline.duplicates.tombstones import tombstones
from pipeline.errors import BrokenPromise, UsageError
from pipeline.urls import url_key
from tokenizer.shards.files import MANIFEST, ShardManifest, read_manifest

STAGE = "takedown"


def redact(
    corpus: Corpus, database: duckdb.DuckDBPyConnection, request: Request, reach: Reach, say: Callable[[str], None]
) -> Redaction:
    """Takes the pages out of every table, the shards, the counts and the report. The corpus must be locked (jobs/corpus).

    Raises BrokenPromise, with nothing changed, where the corpus would not keep its laws afterwards.
    """
    if not corpus.is_local:
        raise UsageError(f"{corpus.root} is not on this machine: copy it here, take the pages out, and copy it back")
    corpus.clear_staging(STAGE)
    staged = Path(corpus.staging(STAGE))
    recipe = build_recipe(corpus.read_manifest()["recipe"])
    before = read_manifest(Path(corpus.path("shards", MANIFEST)).read_text("utf-8"))
    tokenizer = Path(corpus.path("tokenizer", "tokenizer.json")).read_text("utf-8")

    replacements = (
        choose_replacements(database, reach, recipe.duplicates) if request.similar == "restore" else Replacements([], {})
    )
    say(f"{len(reach.pages)} documents to remove, {len(reach.spans)} of them in shards; {len(replacements.restored)} come back")
    restored = restored_pages(database, replacements)
    change_tables(corpus, database, staged, request.name, reach.doc_ids, replacements, restored)
    redacted = redact_shards(Path(corpus.path("shards")), staged / "shards", before, reach.spans)
    after, spans = restore_shard(staged / "shards", redacted, restored, tokenizer)
    write_manifest(staged / "shards", after)
    append_spans(corpus, staged, spans)
    add_curated(corpus, staged, restored, spans)

    say("counting words and tokens without them")
    words = exchanged_words(database, corpus, [page.doc_id for page in reach.kept], restored, recipe.tokenizer)
    write_words(words, staged / "tokenizer")
    with as_it_would_be(corpus, staged) as overlay:
        write_token_counts(overlay, after, staged / "shards" / "token_counts")
    same = same_merges(words, tokenizer, recipe.tokenizer)
    redaction = _redaction(corpus, request, reach, replacements, (before, after), words, same)
    _write_record(database, staged / FOLDER / request.name, reach, redaction, recipe)

    manifest = _manifest_after(corpus, staged, request.name)
    with as_it_would_be(corpus, staged, manifest) as overlay:
        write_report(Path(overlay.root), staged / "report.html")
    say("proving the laws on what the corpus will be")
    with as_it_would_be(corpus, staged, manifest) as overlay:
        _prove(overlay)
    corpus.publish(STAGE, staged_names(staged), manifest)
    return redaction


def _redaction(
    corpus: Corpus,
    request: Request,
    reach: Reach,
    replacements: Replacements,
    shards: tuple[ShardManifest, ShardManifest],
    words: Words,
    same: bool,
) -> Redaction:
    before, after = shards
    changed = [(old, new) for old, new in zip(before.shards, after.shards, strict=False) if old != new]
    counted = Path(corpus.path("tokenizer", "word_counts")).glob("*.parquet")
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
        words_before=sum(pq.read_metadata(path).num_rows for path in counted),
        words_after=words.words.num_rows,
    )


def _write_record(database: duckdb.DuckDBPyConnection, folder: Path, reach: Reach, redaction: Redaction, recipe: Recipe) -> None:
    folder.mkdir(parents=True)
    (folder / RECORD).write_text(json.dumps(asdict(redaction), indent=1, ensure_ascii=False) + "\n", "utf-8")
    pages = by_id(database, "documents", "doc_id, url, host, charset_source, text", reach.doc_ids)
    shared = addresses_that_stay(database, pages)
    urls = [url if (url := pages[doc_id]["url"]) and url_key(url) not in shared else None for doc_id in reach.doc_ids]
    texts = [pages[doc_id]["text"] for doc_id in reach.doc_ids]
    stones = tombstones(reach.doc_ids, urls, pa.array(texts, pa.string()), redaction.name, recipe.duplicates)
    write_table(folder / FILE, stones)


def _manifest_after(corpus: Corpus, staged: Path, name: str) -> dict[str, Any]:
    manifest = corpus.read_manifest()
    manifest["takedowns"] = [*manifest.get("takedowns", []), name]
    counts = manifest["stages"]["select"]["counts"]
    with as_it_would_be(corpus, staged) as overlay, connect(overlay) as changed:
        tally = {row["outcome"]: row["n"] for row in rows(changed, "SELECT outcome, count(*) AS n FROM outcomes GROUP BY 1")}
    manifest["stages"]["select"]["counts"] = {"records": counts["records"], **tally}
    return manifest


def _prove(overlay: Corpus) -> None:
    broken = [check for check in verify(overlay, reread=False) if not check.holds]
    if broken:
        raise BrokenPromise(f"nothing was changed, as afterwards this would not hold: {broken[0].what}: {broken[0].difference}")
