"""What the documents state of a corpus, each statement a query of its tables; DuckDB's SQL, run as it stands here.

`first_documents` is `documents` without the records that were met twice (jobs/corpus/views.py).
"""

A_DATE = r"regexp_matches(fetched_at, '^(19|20)\d\d-\d\d-\d\dT')"  # as WARC writes it; what else a row calls a date is counted
DUMP = "regexp_extract({path}, 'crawl-data/(CC-[A-Z0-9-]{{4,60}})/', 1)"  # '' of what lies elsewhere

QUESTIONS: dict[str, str] = {
    # what was read
    "inputs": rf"""
SELECT {DUMP.format(path="path")} AS dump,
       regexp_extract(lower(path), '\.(warc|wet|parquet|jsonl|ndjson|json|jl)(\.[a-z0-9]+)?$', 1) AS kind,
       count(*) AS files, sum(bytes)::BIGINT AS bytes, sum(records)::BIGINT AS records, sum(documents)::BIGINT AS documents
FROM files WHERE error IS NULL GROUP BY ALL ORDER BY documents DESC, dump, kind""",
    "unread": r"""
SELECT count(*) FILTER (error LIKE 'skipped:%') AS skipped, count(*) FILTER (error NOT LIKE 'skipped:%') AS refused,
       coalesce(sum(damaged_bytes), 0)::BIGINT AS damaged_bytes FROM files""",
    "read_period": rf"""
SELECT min(fetched_at) FILTER ({A_DATE}) AS first, max(fetched_at) FILTER ({A_DATE}) AS last,
       count(*) FILTER (NOT coalesce({A_DATE}, false)) AS undated FROM documents""",
    "periods": rf"""
SELECT {DUMP.format(path="warc_file")} AS dump, min(fetched_at) FILTER ({A_DATE}) AS first,
       max(fetched_at) FILTER ({A_DATE}) AS last, count(*) AS documents
FROM curated JOIN first_documents USING (doc_id) GROUP BY ALL ORDER BY dump""",
    "outcomes": "SELECT outcome, count(*) AS records FROM outcomes GROUP BY ALL ORDER BY records DESC, outcome",
    # what is kept
    "kept": """
SELECT count(*) AS documents, coalesce(sum(strlen(text)), 0)::BIGINT AS bytes,
       coalesce(sum(length(text)), 0)::BIGINT AS characters FROM curated""",
    "tokens": """
SELECT coalesce(sum(length), 0)::BIGINT AS tokens, count(DISTINCT shard) AS shards FROM spans SEMI JOIN curated USING (doc_id)""",
    "languages": """
SELECT language, count(*) AS documents, sum(strlen(text))::BIGINT AS bytes FROM curated
GROUP BY ALL ORDER BY bytes DESC, language""",
    "mimes": """
SELECT coalesce(mime, 'unknown') AS mime, count(*) AS documents FROM curated JOIN first_documents USING (doc_id)
GROUP BY ALL ORDER BY documents DESC, mime""",
    "hosts": """
SELECT d.host, count(*) AS documents, sum(strlen(c.text))::BIGINT AS bytes FROM curated c JOIN first_documents d USING (doc_id)
GROUP BY ALL ORDER BY host""",
    # what pages say of their use
    "signals": """
SELECT count(*) AS documents, count(license) AS licence, count(robots) AS robots,
       count(*) FILTER (tdm_reservation = 1) AS tdm_reserved, count(tdm_policy) AS tdm_policy,
       count(license) FILTER (k.doc_id IS NOT NULL) AS kept_licence, count(robots) FILTER (k.doc_id IS NOT NULL) AS kept_robots,
       count(*) FILTER (tdm_reservation = 1 AND k.doc_id IS NOT NULL) AS kept_tdm_reserved,
       count(tdm_policy) FILTER (k.doc_id IS NOT NULL) AS kept_tdm_policy
FROM first_documents d LEFT JOIN (SELECT doc_id FROM curated) k USING (doc_id)""",
    "licences": """
SELECT license AS licence, count(*) AS documents, count(k.doc_id) AS kept
FROM first_documents d LEFT JOIN (SELECT doc_id FROM curated) k USING (doc_id)
WHERE license IS NOT NULL GROUP BY ALL ORDER BY kept DESC, documents DESC, licence""",
    "directives": """
SELECT directive, count(*) AS documents, count(k.doc_id) AS kept
FROM (SELECT doc_id, unnest(string_split(robots, ', ')) AS directive FROM first_documents WHERE robots IS NOT NULL)
LEFT JOIN (SELECT doc_id FROM curated) k USING (doc_id) GROUP BY ALL ORDER BY documents DESC, directive""",
    "opted_out": """
SELECT rule, count(DISTINCT doc_id) AS documents FROM verdicts WHERE stage = 'legal'
GROUP BY ALL ORDER BY documents DESC, rule""",
    # what was done to it
    "filters": """
SELECT reason AS rule, count(*) AS documents, coalesce(sum(text_chars), 0)::BIGINT AS characters
FROM outcomes LEFT JOIN (SELECT DISTINCT ON (doc_id) doc_id, text_chars FROM measures) USING (doc_id)
WHERE outcome = 'filtered' GROUP BY ALL ORDER BY documents DESC, rule""",
    "copies": "SELECT kind, count(*) AS documents FROM duplicates GROUP BY ALL ORDER BY documents DESC, kind",
    "edits": """
SELECT reason, count(*) AS spans, count(DISTINCT doc_id) AS documents FROM all_edits GROUP BY ALL ORDER BY spans DESC, reason""",
    "personal": """
SELECT rule AS kind, count(*) AS spans, count(DISTINCT f.doc_id) AS documents,
       count(DISTINCT f.doc_id) FILTER (k.doc_id IS NOT NULL) AS kept
FROM findings f LEFT JOIN (SELECT doc_id FROM curated) k USING (doc_id)
WHERE attack = 'personal' GROUP BY ALL ORDER BY spans DESC, kind""",
    "poison": """
SELECT attack, severity, count(*) AS spans, count(DISTINCT f.doc_id) AS documents,
       count(DISTINCT f.doc_id) FILTER (k.doc_id IS NOT NULL) AS kept
FROM findings f LEFT JOIN (SELECT doc_id FROM curated) k USING (doc_id)
WHERE attack NOT IN ('personal', 'contamination') GROUP BY ALL ORDER BY documents DESC, attack, severity""",
    "detected": """
SELECT detector, kind, count(*) AS spans, count(DISTINCT f.doc_id) AS documents,
       count(DISTINCT f.doc_id) FILTER (k.doc_id IS NOT NULL) AS kept
FROM own_findings f LEFT JOIN (SELECT doc_id FROM curated) k USING (doc_id)
GROUP BY ALL ORDER BY documents DESC, detector, kind""",
    "model_written": """
SELECT count(DISTINCT doc_id) AS documents FROM findings SEMI JOIN curated USING (doc_id) WHERE attack = 'artefact'""",
    "benchmarks": """
SELECT count(*) AS records FROM outcomes WHERE outcome = 'contaminated'""",
    "blocked": """
SELECT rule, count(DISTINCT doc_id) AS documents FROM verdicts WHERE rule LIKE 'blocked:%' OR stage = 'safety'
GROUP BY ALL ORDER BY documents DESC, rule""",
    "takedowns": "SELECT count(DISTINCT request) AS requests, count(*) AS documents FROM tombstones",
}
