"""The schema of every table of a corpus: one line per column, what it means beside it.

`doc_id` is 32 hex digits; offsets and lengths are bytes in the file as stored (compressed); `start` and `end` count
Unicode code points in the text they speak of, end exclusive.
"""

import pyarrow as pa

STRING, COUNT, INT, SHARE = pa.string(), pa.int64(), pa.int32(), pa.float32()

FILES = pa.schema(
    [
        ("path", STRING),  # as the user named it, globs and folders expanded
        ("bytes", COUNT),  # size as stored
        ("records", COUNT),  # rows this file has in `outcomes`, damaged stretches included
        ("documents", COUNT),
        ("rejects", COUNT),
        ("damaged_bytes", COUNT),  # bytes that belong to no readable record
        ("error", STRING),  # why nothing of it was read (--skip-bad-inputs, or "skipped: …"), else null
    ]
)

RECORD = [
    ("warc_file", STRING),  # = files.path
    ("warc_offset", COUNT),  # first byte of the record's gzip member, or of the record where nothing is compressed
    # further records of a shared member are numbered on from there
    ("warc_length", COUNT),
    ("record_id", STRING),  # WARC-Record-ID without its angle brackets
]

# What pipeline/quality/measures.py takes of every text; pipeline/quality/rules.py says which rule looks at which.
MEASURES: dict[str, pa.DataType] = {
    "text_chars": INT,
    "word_count": INT,
    "mark_count": INT,  # punctuation marks and symbols; datatrove divides by words + marks, and so does "per word" here
    "mean_word_chars": SHARE,
    "hashes_per_word": SHARE,  # "#"
    "ellipses_per_word": SHARE,  # "..." and "…"
    "bullet_line_share": SHARE,
    "ellipsis_line_share": SHARE,
    "alphabetic_word_share": SHARE,
    "stop_word_count": INT,  # different ones; null where the language has no list
    "repeated_paragraph_share": SHARE,
    "repeated_paragraph_char_share": SHARE,
    "repeated_line_share": SHARE,
    "repeated_line_char_share": SHARE,
    **{f"top_{n}_gram_char_share": SHARE for n in (2, 3, 4)},
    **{f"duplicate_{n}_gram_char_share": SHARE for n in (5, 6, 7, 8, 9, 10)},
    "kept_line_count": INT,  # from here on over the lines that C4's line rules leave
    "kept_sentence_count": INT,
    "lorem_ipsum_line_count": INT,
    "curly_bracket_line_count": INT,
    "terminal_line_share": SHARE,
    "short_line_share": SHARE,
    "repeated_char_share": SHARE,
    "newlines_per_word": SHARE,
}

DOCUMENTS = pa.schema(
    [
        ("doc_id", STRING),  # hash of (record_id, url, fetched_at); survives repackaging
        ("url", STRING),
        ("host", STRING),  # lower case, without port
        ("fetched_at", STRING),  # as found; comparisons take its instant (pipeline/instants.py)
        *RECORD,
        ("repeated", pa.bool_()),  # the same record stands at a smaller (warc_file, warc_offset) too
        ("payload_digest", STRING),  # "sha1:…" as found in the record, else computed "sha256:…"
        ("digest_ok", pa.bool_()),  # null where the record carries none
        ("truncated", STRING),  # WARC-Truncated: length, time, disconnect, …; null: whole
        ("http_status", pa.int32()),
        ("mime", STRING),
        ("charset", STRING),
        ("charset_source", STRING),  # bom, http, meta, detected; declared: a row of JSON or Parquet
        ("language", STRING),  # ISO 639-1 where there is one, else 639-3
        ("language_confidence", pa.float32()),
        ("title", STRING),
        ("text", STRING),
        ("hidden_text", STRING),  # what a reader of the page would not see
        ("markup_text", STRING),  # what its markup says: comments, alt and title, metadata, JSON-LD; one paragraph a value
        ("metadata", STRING),  # the other columns of a row of JSON or Parquet, a JSON object
        *((name, kind) for name, kind in MEASURES.items()),
    ]
)

PAGE_TEXTS = (
    "title",
    "text",
    "hidden_text",
    "markup_text",
    "metadata",
)  # columns that hold words of the page: a takedown empties them

REJECTS = pa.schema(
    [
        *RECORD,
        ("record_type", STRING),  # warcinfo, request, response, revisit, …; null where damaged
        ("url", STRING),
        ("reason", STRING),  # pipeline/read/ingest.py lists them
        ("detail", STRING),
    ]
)

VERDICTS = pa.schema(
    [
        ("doc_id", STRING),
        ("stage", STRING),
        ("rule", STRING),
        ("value", pa.float64()),
        ("bound", pa.float64()),
    ]
)

DUPLICATES = pa.schema(
    [
        ("doc_id", STRING),
        ("warc_file", STRING),
        ("warc_offset", COUNT),
        ("keeper_id", STRING),
        ("cluster_id", STRING),  # smallest doc_id of the component
        ("kind", STRING),  # record, url, exact, near, earlier
        ("similarity", pa.float32()),  # Jaccard over word 5-grams with the keeper; 1 for record and exact
    ]
)

FINDINGS = pa.schema(
    [
        ("doc_id", STRING),
        ("rule", STRING),
        ("attack", STRING),  # unicode, hidden, instruction, encoded, backdoor, campaign, trigger, provenance, …
        ("severity", STRING),  # note, warn, severe
        ("field", STRING),  # text, hidden, url, markup
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("excerpt", STRING),  # invisible characters spelled out as <U+200B>
        ("decoded", STRING),  # what was spelled invisibly or encoded; "" or null where nothing was
        ("reason", STRING),  # why the rule says so, in a few words
    ]
)

EDITS = pa.schema(
    [
        ("doc_id", STRING),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("replacement", STRING),
        ("reason", STRING),
    ]
)

OUTCOMES = pa.schema(
    [
        ("warc_file", STRING),
        ("warc_offset", COUNT),
        ("record_id", STRING),
        ("doc_id", STRING),  # null where the record gave no document
        ("outcome", STRING),  # kept, rejected, filtered, duplicate, poisoned, removed
        ("reason", STRING),  # the rule, or the keeper's doc_id
    ]
)

CURATED = pa.schema(
    [
        ("doc_id", STRING),
        ("url", STRING),
        ("language", STRING),
        ("text", STRING),
        ("n_tokens", COUNT),  # null until the shard stage
    ]
)

SPANS = pa.schema(
    [
        ("doc_id", STRING),
        ("shard", pa.int32()),
        ("start", COUNT),  # index of the first token in the shard
        ("length", COUNT),
    ]
)

TABLES = {
    "files": FILES,
    "documents": DOCUMENTS,
    "rejects": REJECTS,
    "verdicts": VERDICTS,
    "duplicates": DUPLICATES,
    "findings": FINDINGS,
    "edits": EDITS,
    "outcomes": OUTCOMES,
    "curated": CURATED,
    "spans": SPANS,
}
