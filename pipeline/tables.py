"""The schema of every table of a corpus: what it has a row for above it, what each column means beside it.

`doc_id` is 32 hex digits; offsets and lengths are bytes in the file as stored (compressed); `start` and `end` count
Unicode code points in the text they speak of, end exclusive.
"""

import pyarrow as pa

STRING, COUNT, INT, SHARE = pa.string(), pa.int64(), pa.int32(), pa.float32()

# One row per input file, skipped ones included.
FILES = pa.schema(
    [
        ("path", STRING),  # as the user named it, globs and folders expanded
        ("bytes", COUNT),  # size as stored
        ("records", COUNT),  # rows this file has in `outcomes`, damaged stretches included
        ("documents", COUNT),  # records that gave one
        ("rejects", COUNT),  # records that gave none
        ("damaged_bytes", COUNT),  # bytes that belong to no readable record
        ("error", STRING),  # why nothing of it was read (--skip-bad-inputs, or "skipped: …"), else null
    ]
)

RECORD = [
    ("warc_file", STRING),  # = files.path
    ("warc_offset", COUNT),  # first byte of the record's gzip member, or of the record where nothing is compressed;
    # further records of a shared member are numbered on from there
    ("warc_length", COUNT),  # bytes from there to the next record
    ("record_id", STRING),  # WARC-Record-ID without its angle brackets
]

# What pipeline/quality/measures.py takes of every text; pipeline/quality/rules.py says which rule looks at which.
MEASURES: dict[str, pa.DataType] = {
    "text_chars": INT,  # code points
    "word_count": INT,  # runs of letters, digits and marks; pipeline/quality/measures.py says how scripts without spaces count
    "mark_count": INT,  # punctuation marks and symbols; datatrove divides by words + marks, and so does "per word" here
    "mean_word_chars": SHARE,  # characters a word
    "hashes_per_word": SHARE,  # "#"
    "ellipses_per_word": SHARE,  # "..." and "…"
    "bullet_line_share": SHARE,  # of the lines, those that begin with a bullet
    "ellipsis_line_share": SHARE,  # of the lines, those that end in an ellipsis
    "alphabetic_word_share": SHARE,  # of the words, those with a letter
    "alphabetic_token_share": SHARE,  # of datatrove's tokens, marks among them, those with a letter; null where not English
    "stop_word_count": INT,  # different ones; null where the language has no list
    "stop_word_share": SHARE,  # of the words, those of the language's list; null where words are not set apart
    "capital_share": SHARE,  # of the letters A to Z, the capitals
    "digit_share": SHARE,  # of the characters, the digits 0 to 9
    "mean_line_chars": SHARE,  # characters a line
    "repeated_paragraph_share": SHARE,  # of the paragraphs, those that stood before
    "repeated_paragraph_char_share": SHARE,  # of the characters, those in such paragraphs
    "repeated_line_share": SHARE,  # of the lines, those that stood before
    "repeated_line_char_share": SHARE,  # of the characters, those in such lines
    **{f"top_{n}_gram_char_share": SHARE for n in (2, 3, 4)},  # of the characters, those in the most frequent n-gram of words
    **{f"duplicate_{n}_gram_char_share": SHARE for n in (5, 6, 7, 8, 9, 10)},  # of the characters, those in n-grams seen before
    "kept_line_count": INT,  # lines that C4's line rules leave; what follows is taken over them
    "kept_sentence_count": INT,  # sentences in kept lines
    "lorem_ipsum_line_count": INT,  # lines that say "lorem ipsum"
    "curly_bracket_line_count": INT,  # lines with "{"
    "terminal_line_share": SHARE,  # of the kept lines, those that end in a terminal mark
    "short_line_share": SHARE,  # of the kept lines, those of 30 characters or fewer
    "repeated_char_share": SHARE,  # of the kept characters, those in kept lines that stood before
    "newlines_per_word": SHARE,  # newlines among kept lines, by word and mark
    "mojibake_share": SHARE,  # of the characters, those encoded twice ("Ã©" for "é") that no edit repairs
    "quality": SHARE,  # how likely a careful reader keeps the page, 0 to 1, by the model that the recipe names; null without one
}

# What a page says of its use (pipeline/read/signals.py): columns of its document that rules judge too.
SIGNALS: dict[str, pa.DataType] = {
    "robots": STRING,  # directives of header and page for all crawlers, sorted: "noai, noindex"; for one: "ccbot: noindex"
    "license": STRING,  # SPDX names of Creative Commons' licences, others as found; several joined by " AND "
    "tdm_reservation": pa.int8(),  # 1: the rights to mine its text are reserved; 0: they are not
}

TAUGHT_TYPES = ("article", "forum", "documentation", "service", "listing", "collection", "product")  # those of a model
PAGE_TYPES = (*TAUGHT_TYPES, "navigation")

# Columns of a document that rules judge beside what is measured of its text.
JUDGED_COLUMNS: dict[str, pa.DataType] = {
    "page_type": STRING,  # one of PAGE_TYPES, by a model or its build; null where none could be told, and of what is no HTML
    **SIGNALS,
}

# What pipeline/quality/safety.py takes of every text; null where the recipe names no list of its language.
SAFETY_MEASURES: dict[str, pa.DataType] = {
    "safety_word_count": INT,  # places where a word or phrase of the language's list stands
    "safety_word_share": SHARE,  # that number, by tokens of the text
}

# One row per extracted page.
DOCUMENTS = pa.schema(
    [
        ("doc_id", STRING),  # hash of (record_id, url, fetched_at); survives repackaging
        ("url", STRING),  # as it was fetched; of a row its own, or null
        ("host", STRING),  # lower case, without port
        ("fetched_at", STRING),  # as found; comparisons take its instant (pipeline/instants.py)
        *RECORD,
        ("payload_digest", STRING),  # "sha1:…" as found in the record, else computed "sha256:…"
        ("digest_ok", pa.bool_()),  # block and payload agree with the record's digests; null where it carries none
        ("digest_failed", STRING),  # which of them does not: block, payload, or "block, payload"; else null
        ("truncated", STRING),  # WARC-Truncated: length, time, disconnect, …; null: whole
        ("http_status", pa.int32()),  # null where there was no HTTP
        ("mime", STRING),  # media type, lower case, without parameters
        ("charset", STRING),  # that the text was decoded with
        ("charset_source", STRING),  # bom, http, meta, detected; declared: a row of JSON or Parquet
        ("title", STRING),  # of the page, else null
        ("text", STRING),  # what a reader of the page is there for; before any edit
        ("hidden_text", STRING),  # what a reader of the page would not see
        ("markup_text", STRING),  # what its markup says: comments, alt and title, metadata, JSON-LD; one paragraph a value
        *JUDGED_COLUMNS.items(),
        ("license_source", STRING),  # what names the licence: rel, json-ld, meta, link
        ("tdm_policy", STRING),  # address of the policy on mining its text
        ("canonical_url", STRING),  # the address that the page says is its own
        ("published_at", STRING),  # as found; comparisons take its instant
        ("metadata", STRING),  # JSON object: other columns of a JSON or Parquet row; the language that the maker of a WET found
    ]
)

# One row per extracted page: what is measured of it, so that a bound changes without its text being read again.
PAGE_MEASURES = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id; a record that was met twice has two equal rows
        ("url", STRING),  # = documents.url: rules judge it too
        *JUDGED_COLUMNS.items(),  # = those of documents
        ("language", STRING),  # ISO 639-1 where there is one, else 639-3
        ("language_confidence", pa.float32()),  # how likely that is right, by the model that says so; 0 for none of its languages
        ("language_share", pa.float32()),  # of the letters in up to 8 parts, those in this language; null where none is sure
        *((name, kind) for name, kind in MEASURES.items()),
        *((name, kind) for name, kind in SAFETY_MEASURES.items()),
    ]
)

PAGE_TEXTS = (
    "title",
    "text",
    "hidden_text",
    "markup_text",
    "metadata",
)  # columns that hold words of the page: a takedown empties them

# One row per record that gave no document.
REJECTS = pa.schema(
    [
        *RECORD,
        ("record_type", STRING),  # warcinfo, request, response, revisit, …; null where damaged
        ("url", STRING),  # of the record, null where it has none
        ("reason", STRING),  # pipeline/read/ingest.py lists them
        ("detail", STRING),  # what exactly was met
    ]
)

# One row per page and measure that the recipe's plug-ins have of it: a changed bound calls none of them again.
OWN_MEASURES = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("measure", STRING),  # name of the function
        ("value", SHARE),  # a finite number; a page of which it gives none has no row
    ]
)

# One row per span that a detector of the recipe's own found: another consequence calls none of them again.
OWN_FINDINGS = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("detector", STRING),  # name of the function
        ("kind", STRING),  # what it calls what it found
        ("field", STRING),  # text, hidden, url, markup
        ("start", pa.int32()),  # of the span in that field
        ("end", pa.int32()),  # of the span, exclusive
        ("score", SHARE),  # 0 to 1; null where it gives none
        ("detail", STRING),  # what else it says
        ("excerpt", STRING),  # the span and what stands around it, as in findings
    ]
)

# One row per broken rule: all that a document breaks, in the order of the rules.
VERDICTS = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("stage", STRING),  # kind of rule: url, language, length, encoding, gopher_repetition, …, legal
        ("rule", STRING),  # docs/recipe.md lists them; blocked:NAME: the URL is on that list
        ("value", pa.float64()),  # of the measure that the rule bounds
        ("bound", pa.float64()),  # that it is beyond
    ]
)

# One row per document that is a copy of one that is kept.
DUPLICATES = pa.schema(
    [
        ("doc_id", STRING),  # of the copy
        ("warc_file", STRING),  # with warc_offset the copy's record: a record met twice has one doc_id
        ("warc_offset", COUNT),  # first byte of that record
        ("keeper_id", STRING),  # doc_id of the document that is kept for it
        ("cluster_id", STRING),  # smallest doc_id of the component
        ("kind", STRING),  # record, url, exact, near, earlier
        ("similarity", pa.float32()),  # Jaccard over word 5-grams with the keeper; 1 for record and exact
    ]
)

# One row per document that dedup left standing: what later crawls are compared with (`duplicates.against` of their recipe).
SKETCHES = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("fetched", pa.int64()),  # microseconds since 1970; null: unknown
        ("value", pa.float64()),  # of two copies the higher is the better
        ("url_key", pa.binary()),  # 128 bits of its address as it is compared; null: it has none, or none is compared
        ("text_key", pa.binary()),  # 128 bits that only equal texts share; null: no text, or none is compared
        ("bands", pa.list_(pa.int64())),  # MinHash: one equal band makes two documents a candidate pair; null: no words
    ]
)

# One row per span that looks planted, is private, or is a benchmark's.
FINDINGS = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("rule", STRING),  # the detector that found it
        ("attack", STRING),  # unicode, instruction, backdoor, campaign, provenance, …; personal; contamination
        ("severity", STRING),  # note, warn, severe
        ("field", STRING),  # text, hidden, url, markup
        ("start", pa.int32()),  # of the span in that field
        ("end", pa.int32()),  # of the span, exclusive
        ("excerpt", STRING),  # invisible characters spelled out as <U+200B>, personal data masked: of its own span all but two
        # characters and the marks
        ("decoded", STRING),  # what was spelled invisibly or encoded; "" or null where nothing was
        ("reason", STRING),  # why the rule says so, in a few words
    ]
)

# One row per span that is changed in the kept text.
EDITS = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("start", pa.int32()),  # of the span in documents.text
        ("end", pa.int32()),  # of the span, exclusive
        ("replacement", STRING),  # what stands there in curated.text, mostly nothing
        ("reason", STRING),  # the rule or finding that asks for it
    ]
)

# One row per span that goes from the kept text for a detector of the recipe's own.
OWN_EDITS = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("start", pa.int32()),  # of the span in documents.text
        ("end", pa.int32()),  # of the span, exclusive
        ("replacement", STRING),  # what stands there in curated.text: nothing, or <KIND>
        ("reason", STRING),  # DETECTOR.KIND
    ]
)

# One row per place of a text that pages repeat: a line of a host, a passage of a page, sentences. What is not kept is cut.
REPEATS = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("start", pa.int32()),  # of the span in documents.text
        ("end", pa.int32()),  # of the span, exclusive
        ("reason", STRING),  # host_line, common_line, repeated_passage, repeated_sentences
        ("repeat", COUNT),  # a hash: equal for all places that one of them is kept for; null for passages, kept further above
        ("pages", COUNT),  # that have it, of the host, or of the corpus; null for passages
        ("kept", pa.bool_()),  # it stays here, for all the others
    ]
)

# One row per record ever read.
OUTCOMES = pa.schema(
    [
        ("warc_file", STRING),  # = files.path
        ("warc_offset", COUNT),  # first byte of the record, as in documents
        ("record_id", STRING),  # WARC-Record-ID without its angle brackets
        ("doc_id", STRING),  # null where the record gave no document
        ("outcome", STRING),  # kept, rejected, filtered, poisoned, personal, contaminated, duplicate, sampled, removed
        ("reason", STRING),  # the rule, or the keeper's doc_id
    ]
)

# One row per kept document.
CURATED = pa.schema(
    [
        ("doc_id", STRING),  # = documents.doc_id
        ("url", STRING),  # as it was fetched, without user, and with e-mail and secrets masked as in the text
        ("language", STRING),  # = measures.language
        ("text", STRING),  # documents.text with its edits applied
        ("n_tokens", COUNT),  # null until the shard stage
    ]
)

# One row per document in a shard.
SPANS = pa.schema(
    [
        ("doc_id", STRING),  # = curated.doc_id
        ("shard", pa.int32()),  # its number in shards.json, from 0
        ("start", COUNT),  # index of the document's first token in the shard
        ("length", COUNT),  # tokens
    ]
)

# One row per distinct word.
WORD_COUNTS = pa.schema(
    [
        ("word", pa.binary()),  # UTF-8
        ("count", pa.int64()),  # occurrences
        ("documents", pa.int64()),  # documents that have it
        ("hosts", pa.int64()),  # distinct hosts of those documents
    ]
)

# One row per distinct word and language, where the tokenizer weights languages.
LANGUAGE_COUNTS = pa.schema(
    [
        ("word", pa.binary()),  # UTF-8
        ("language", pa.string()),  # "" where none was given
        ("count", pa.int64()),  # occurrences
    ]
)

# One row per token that occurs.
TOKEN_COUNTS = pa.schema(
    [
        ("token", pa.int32()),  # ids that never occur have no row
        ("occurrences", pa.int64()),  # of the token
        ("documents", pa.int64()),  # that hold the token
        ("hosts", pa.int64()),  # of those documents, as far as they have one
        ("clusters", pa.int64()),  # of those documents; a document without copies is a cluster of its own
        ("top_host", pa.string()),  # with the most occurrences, of equals the first by name; null where no document has a host
        ("top_host_occurrences", pa.int64()),  # of the token on that host
    ]
)

# One row per document that was removed: what keeps it from coming back.
TOMBSTONES = pa.schema(
    [
        ("doc_id", pa.string()),  # of the capture that was removed
        ("request", pa.string()),  # the takedown that removed it
        ("url_sha256", pa.string()),  # of the URL's key (pipeline/urls.py); null where it had none
        ("signature", pa.list_(pa.uint32())),  # MinHash of its shingles; null where it had no words
        ("shingle_words", pa.int32()),  # words of a shingle of that signature
        ("signature_seed", pa.int64()),  # of its permutations
        ("passages", pa.list_(pa.int64())),  # hashes of its runs of 50 words that were cut out of other pages
    ]
)

TABLES = {
    "files": FILES,
    "documents": DOCUMENTS,
    "measures": PAGE_MEASURES,
    "rejects": REJECTS,
    "own_measures": OWN_MEASURES,
    "own_findings": OWN_FINDINGS,
    "verdicts": VERDICTS,
    "duplicates": DUPLICATES,
    "sketches": SKETCHES,
    "findings": FINDINGS,
    "edits": EDITS,
    "repeats": REPEATS,
    "own_edits": OWN_EDITS,
    "outcomes": OUTCOMES,
    "curated": CURATED,
    "spans": SPANS,
    "word_counts": WORD_COUNTS,
    "language_counts": LANGUAGE_COUNTS,
    "token_counts": TOKEN_COUNTS,
    "tombstones": TOMBSTONES,
}
