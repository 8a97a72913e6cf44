"""Counts of the corpus as if it had never had the removed pages, and whether its tokenizer would be another one then."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.files.tables import folder_of
from jobs.corpus.folder import Corpus, Tables
from jobs.corpus.shards import read_shard
from jobs.corpus.views import batches, connect, rows
from pipeline.blocks import StoredFile
from pipeline.tables import TABLES, TOKEN_COUNTS
from pipeline.urls import host_of
from tokenizer.bpe.count import HOST_COUNTS, WORDS_PER_FILE, count_by_host, exchange
from tokenizer.bpe.languages import exchange_languages, weighted_counts
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import tokenizer_json
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.token_counts import PARTIAL, count_partition

# Documents of the shards by host; a cluster is named where several of its documents are curated
# (jobs/stages/tokens/count_tokens.py: places).
BY_HOST = """
WITH listed AS (SELECT doc_id, keeper_id, cluster_id FROM duplicates WHERE kind <> 'record'),
     members AS (SELECT doc_id, cluster_id FROM listed UNION SELECT keeper_id, cluster_id FROM listed),
     clusters AS (SELECT doc_id, min(cluster_id) AS cluster FROM members GROUP BY doc_id),
     placed AS (SELECT spans.shard, spans.start, spans.length, host, coalesce(cluster, doc_id) AS cluster
                FROM curated JOIN spans USING (doc_id) JOIN first_documents USING (doc_id) LEFT JOIN clusters USING (doc_id))
SELECT shard, start, length, host, CASE WHEN count(*) OVER (PARTITION BY cluster) > 1 THEN cluster END AS cluster
FROM placed ORDER BY host NULLS LAST, shard, start
"""


class Words(NamedTuple):
    """New tables of words; by_language is null where the tokenizer weights no languages."""

    words: pa.Table
    by_language: pa.Table | None


def exchanged_words(
    database: duckdb.DuckDBPyConnection, corpus: Corpus, removed: list[str], restored: pa.Table, settings: TokenizerSettings
) -> Words:
    """Word counts without the removed documents of `curated`, with the restored ones (doc_id, url, language, text)."""
    gone = "SELECT * FROM curated SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id)"
    of_removed = f"SELECT DISTINCT host FROM ({gone}) JOIN documents USING (doc_id)"
    hosts = {row["host"] for row in rows(database, of_removed, [removed])}
    hosts |= {host_of(url) for url in restored["url"].to_pylist()}
    others = (
        "SELECT curated.* FROM curated JOIN first_documents USING (doc_id) WHERE "
        "(host IN (SELECT unnest($2)) OR (host IS NULL AND $3)) AND doc_id NOT IN (SELECT unnest($1))"
    )
    named = [removed, sorted(host for host in hosts if host is not None), None in hosts]
    counted = [
        _host_counts(batches(database, gone, [removed]), settings),
        _host_counts(restored.to_batches(), settings),
        _host_counts(batches(database, others, named), settings),
    ]
    words, by_language = whole(corpus, "word_counts"), None
    if corpus.files("language_counts"):
        by_language = exchange_languages(whole(corpus, "language_counts"), counted[0], counted[1])
    return Words(exchange(words, *counted), by_language)


def whole(corpus: Corpus, table: str) -> pa.Table:
    """Every row of a table that fits into memory."""
    groups = [group for one in corpus.files(table) for group in read_groups(corpus.root, one)]
    return pa.concat_tables([TABLES[table].empty_table(), *groups])


def _host_counts(pages: Iterable[pa.RecordBatch], settings: TokenizerSettings) -> pa.Table:
    """HOST_COUNTS of (…, url, language, text), equal keys added up as they come."""
    total = HOST_COUNTS.empty_table()
    for batch in pages:
        hosts = pa.array([host_of(url) for url in batch.column("url").to_pylist()], pa.string())
        languages = batch.column("language") if settings.language_temperature != 1 else None
        counted = count_by_host(batch.column("text"), hosts, languages, settings.max_word_bytes, settings.words)
        both = pa.concat_tables([total, pa.Table.from_batches([counted])])
        summed = both.group_by(["word", "host", "language"], use_threads=False).aggregate(
            [("count", "sum"), ("documents", "sum")]
        )
        total = summed.rename_columns({"count_sum": "count", "documents_sum": "documents"}).select(HOST_COUNTS.names)
    return total


def stored_words(corpus: Corpus, words: Words) -> Tables:
    """Both tables, sorted by word, in files of a fixed number of rows."""
    tables: Tables = {}
    for name, table in (("word_counts", words.words), ("language_counts", words.by_language)):
        starts = range(0, table.num_rows, WORDS_PER_FILE) if table is not None else ()
        parts = [(number, table.slice(start, WORDS_PER_FILE)) for number, start in enumerate(starts)]  # type: ignore[union-attr]
        tables[name] = [stored_rows(corpus, name, number, rows) for number, rows in parts]
    return tables


def stored_rows(corpus: Corpus, table: str, number: int, rows: pa.Table) -> StoredFile:
    """File `number` of a table."""
    return store_table(corpus.root, part(folder_of(table), number), rows.combine_chunks().to_batches(), TABLES[table])


def same_merges(words: Words, tokenizer: str, settings: TokenizerSettings) -> bool:
    """Whether learning from these counts gives the words, merges and ids there are; one from elsewhere owes them nothing."""
    if settings.from_ is not None:
        return True
    counts = words.words
    if words.by_language is not None:
        counts = weighted_counts(words.by_language, settings.language_temperature)
    merges = learn(counts["word"], counts["count"], settings)
    return _model(tokenizer_json(merges, settings.words, settings.special_tokens)) == _model(tokenizer)


def _model(tokenizer: str) -> list[Any]:
    """Words, merges and ids, without what is put around a text: that may be another in another version."""
    content = json.loads(tokenizer)
    return [content[part] for part in ("model", "pre_tokenizer", "added_tokens")]


def token_counts(corpus: Corpus, manifest: ShardManifest) -> pa.Table:
    """TOKEN_COUNTS of the curated documents' tokens, counted anew: hosts and clusters are no sums that could be taken back."""
    parts = list(count_partition(_tokens_by_host(corpus, manifest), manifest.dtype))
    partial = pa.Table.from_batches(parts, PARTIAL)
    sums = [(name, "sum") for name in ("occurrences", "documents", "hosts", "clusters")]
    summed = partial.group_by("token", use_threads=False).aggregate([*sums, ("cluster", "count_distinct")])
    most_first = [("top_host_occurrences", "descending"), ("top_host", "ascending")]
    tops = partial.filter(pc.is_valid(partial["top_host"])).sort_by(most_first)
    tops = tops.group_by("token", use_threads=False).aggregate([("top_host", "first"), ("top_host_occurrences", "first")])
    joined = summed.join(tops, "token", join_type="left outer").sort_by("token")
    columns = {
        "token": joined["token"],
        **{name: joined[f"{name}_sum"] for name in ("occurrences", "documents", "hosts")},
        "clusters": pc.add(joined["clusters_sum"], joined["cluster_count_distinct"]),
        "top_host": joined["top_host_first"],
        "top_host_occurrences": pc.fill_null(joined["top_host_occurrences_first"], 0),
    }
    return pa.table(columns).cast(TOKEN_COUNTS)


def _tokens_by_host(corpus: Corpus, manifest: ShardManifest) -> Iterator[pa.RecordBatch]:
    shards = [read_shard(corpus.root, shard) for shard in manifest.shards]
    with connect(corpus) as database:
        for batch in batches(database, BY_HOST):
            places = zip(*(batch.column(name).to_pylist() for name in ("shard", "start", "length")), strict=True)
            ids = (shards[shard][start : start + length] for shard, start, length in places)
            tokens = [one[one != manifest.removed].tobytes() for one in ids]  # of pages that lost passages
            yield pa.record_batch([pa.array(tokens, pa.binary()), batch.column("host"), batch.column("cluster")],
                                  names=["tokens", "host", "cluster"])  # fmt: skip
