"""What the page says, section by section: each function asks the store one question. All lists are cut at a top N."""

from typing import Any

import pyarrow as pa

from jobs.report.store import Store
from pipeline.duplicates.scope import input_of
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_excerpts
from pipeline.read.crawler_records import CRAWLER_RECORD

Rows = list[dict[str, Any]]

# Records that never were a page. Everything else among the rejects is a page that was lost.
PROTOCOL = ("request", "warcinfo", "metadata", "revisit", "continuation")
OUTCOMES = ("kept", "duplicate", "poisoned", "personal", "contaminated", "filtered", "sampled", "removed", "rejected")
TOP_HOSTS, TOP_LANGUAGES, TOP_REASONS, TOP_CLUSTERS, TOP_FILES, TOP_FINDINGS = 30, 30, 40, 8, 20, 24
MEMBERS_SHOWN, EXCERPTS_SHOWN = 4, 3
NEAR_BOUNDS = ("min_similarity", "min_keeper_similarity")

CLUSTER_STEPS = {2: "2", 3: "3", 4: "4–5", 6: "6–10", 11: "11–20", 21: "21–50", 51: "over 50"}

_PROTOCOL_LIST = ", ".join(f"'{kind}'" for kind in PROTOCOL)


def totals(store: Store) -> dict[str, Any]:
    """The figures at the head of the page, and the conservation law computed four ways."""
    fates = store.rows("select outcome, count(*) as records from outcomes group by all")
    outcomes = {row["outcome"]: row["records"] for row in fates}
    sizes = store.row(f"""
        select (select coalesce(sum(records), 0)::bigint from files) as records,
               (select coalesce(sum(bytes), 0)::bigint from files) as bytes,
               (select count(*) from files) as files, (select count(error) from files where error not like 'skipped:%') as unread,
               (select coalesce(sum(damaged_bytes), 0)::bigint from files) as damaged_bytes,
               (select count(*) from documents) as documents, (select count(*) from rejects) as rejects,
               (select count(*) from rejects where {_is_protocol()}) as protocol,
               (select count(distinct doc_id) from documents) as distinct_documents,
               (select coalesce(sum(text_bytes), 0)::bigint from pages) as text_bytes,
               (select count(*) from kept) as curated, (select coalesce(sum(text_bytes), 0)::bigint from kept) as kept_bytes,
               (select sum(tokens)::bigint from kept) as tokens, (select count(distinct host) from pages) as hosts,
               (select count(distinct language) from pages) as languages
        """)
    return sizes | {"outcomes": outcomes, "all_outcomes": sum(outcomes.values())}


def _is_protocol() -> str:
    """True for a record that is no page by its kind; a damaged stretch is lost whatever it was."""
    return f"(coalesce(record_type in ({_PROTOCOL_LIST}) and reason <> 'damaged', false) or reason = '{CRAWLER_RECORD}')"


def funnel(counts: dict[str, Any]) -> Rows:
    """Records narrowing down to what was kept: each step with what it took away."""
    outcomes = counts["outcomes"]
    left = counts["records"] or counts["documents"] + counts["rejects"]
    steps = [{"name": "records read", "left": left, "taken": 0, "by": "", "kind": ""}]
    for name, kind, taken, by in (
        ("pages among them", "protocol", counts["protocol"], "requests, revisits and other protocol records"),
        ("gave text", "rejected", counts["rejects"] - counts["protocol"], "rejected: errors, other media, no text, damage"),
        ("passed the rules", "filtered", outcomes.get("filtered", 0), "filtered by quality rules"),
        ("passed the scan", "poisoned", outcomes.get("poisoned", 0), "poisoned"),
        ("gave nobody away", "personal", outcomes.get("personal", 0), "dropped for personal data"),
        ("held no benchmark", "contaminated", outcomes.get("contaminated", 0), "contaminated by a benchmark"),
        ("without copies", "duplicate", outcomes.get("duplicate", 0), "duplicates"),
        ("drawn", "sampled", outcomes.get("sampled", 0), "lost the lot of select.sample, or beyond what one host may give"),
        ("kept", "removed", outcomes.get("removed", 0), "removed by takedown"),
    ):
        if not taken and kind in ("personal", "contaminated", "sampled"):  # most recipes drop no page for them
            continue
        left -= taken
        steps.append({"name": name, "left": left, "taken": taken, "by": by, "kind": kind})
    return steps


def rejects(store: Store) -> Rows:
    return store.rows(f"""
        select reason, record_type, count(*) as records, sum(warc_length)::bigint as bytes, {_is_protocol()} as protocol,
               mode(detail) as detail, min(url) as url
        from rejects group by reason, record_type, protocol order by protocol, records desc, reason limit {TOP_REASONS}
        """)


def languages(store: Store) -> Rows:
    """Kept bytes are those of the text as it goes into the shards, after edits."""
    return store.rows(f"""
        with found as (select language, count(*) as documents, count(*) filter (outcome = 'kept') as kept,
                              sum(text_bytes)::bigint as text_bytes from pages group by all),
             went_on as (select language, sum(text_bytes)::bigint as kept_bytes, sum(tokens)::bigint as tokens
                         from kept group by all)
        select found.*, went_on.kept_bytes, went_on.tokens, went_on.kept_bytes / nullif(went_on.tokens, 0) as bytes_per_token
        from found left join went_on using (language) order by documents desc, language limit {TOP_LANGUAGES}
        """)


def page_types(store: Store) -> Rows:
    """Pages of each type that was told of any, and those of none; nothing where none was told."""
    rows = store.rows("""
        select page_type, count(*) as documents, count(*) filter (outcome = 'kept') as kept,
               sum(text_chars)::bigint as characters, sum(tokens)::bigint as tokens
        from pages group by page_type order by page_type is null, documents desc, page_type
        """)
    return rows if any(row["page_type"] for row in rows) else []


def hosts(store: Store) -> Rows:
    """The largest hosts with the reasons that took most from each."""
    top = store.rows(f"""
        select host, count(*) as documents, count(*) filter (outcome = 'kept') as kept, sum(text_bytes)::bigint as text_bytes
        from pages group by all order by documents desc, host limit {TOP_HOSTS}
        """)
    lost: dict[Any, Rows] = {}
    for row in store.rows(f"""
        with top as (select host, count(*) as documents from pages group by all order by documents desc, host limit {TOP_HOSTS}),
             lost as (select host, case when outcome = 'duplicate' then 'duplicate' else coalesce(reason, outcome) end as reason,
                             count(*) as documents from pages where outcome <> 'kept' group by all)
        select lost.* from lost join top on lost.host is not distinct from top.host
        qualify row_number() over (partition by lost.host order by lost.documents desc, reason) <= 3
        order by lost.documents desc, reason
        """):
        lost.setdefault(row["host"], []).append(row)
    return [row | {"lost": lost.get(row["host"], [])} for row in top]


def duplicate_kinds(store: Store) -> Rows:
    return store.rows("""
        select kind, count(*) as records, avg(similarity) as similarity, min(similarity) as least from duplicates
        group by all order by records desc, kind
        """)


def near_copies(store: Store, recipe: dict[str, Any], stages: dict[str, Any]) -> dict[str, Any]:
    """Near copies, both bounds, how many are less like their keeper than a pair must be: copies of copies; and the undecided."""
    settings = recipe.get("duplicates") or {}
    bounds = {name: float(settings.get(name, getattr(DuplicateSettings, name))) for name in NEAR_BOUNDS}
    counts = store.row(
        """select count(*) as records, count(*) filter (similarity < ?::float) as below
           from duplicates where kind = 'near'""",
        bounds["min_similarity"],
    )
    undecided = stages.get("dedup", {}).get("counts", {}).get("undecided", 0)
    return bounds | counts | {"undecided": undecided, "inputs": _inputs(store) if settings.get("scope") == "input" else None}


def _inputs(store: Store) -> int:
    """That were deduplicated each by itself."""
    return len({input_of(row["path"]) for row in store.rows("select path from files where error is null")})


def groups(store: Store) -> dict[str, int]:
    """How many rows each list would have that is cut at its top."""
    found: dict[str, int] = store.row("""
        select (select count(*) from (select distinct reason, record_type from rejects)) as rejects,
               (select count(*) from (select distinct attack, rule, severity, field from all_findings)) as findings,
               (select count(distinct reason) from all_edits) as edits,
               (select count(distinct cluster_id) from duplicates where kind <> 'earlier') as clusters,
               (select count(*) from (select distinct charset_source, charset from pages)) as charsets,
               (select count(*) from (select distinct host from pages)) as hosts,
               (select count(*) from (select distinct language from pages)) as languages
        """)
    return found


def cluster_sizes(store: Store) -> Rows:
    """How many clusters have 2, 3, 4–5, … members, the kept one included."""
    step = " ".join(f"when members >= {least} then '{name}'" for least, name in reversed(CLUSTER_STEPS.items()))
    return store.rows(f"""
        with sizes as (select count(*) + 1 as members from duplicates where kind <> 'earlier' group by cluster_id)
        select case {step} end as members, count(*) as clusters, min(sizes.members) as least from sizes group by 1 order by least
        """)


def similarities(store: Store) -> Rows:
    """Near-duplicates by their true Jaccard similarity with the keeper, in steps of 0.02."""
    return store.rows("""
        select least(floor(similarity * 50), 49) / 50 as low, count(*) as records
        from duplicates where kind = 'near' group by all order by low
        """)


def largest_clusters(store: Store) -> Rows:
    clusters = store.rows(f"""
        select cluster_id, count(*) + 1 as members, min(similarity) as least, list(distinct kind order by kind) as kinds,
               any_value(keeper_id order by keeper_id) as keeper_id
        from duplicates where kind <> 'earlier' group by cluster_id order by members desc, cluster_id limit {TOP_CLUSTERS}
        """)
    for cluster in clusters:
        cluster["keeper_url"] = next(
            (r["url"] for r in store.rows("select url from pages where doc_id = ? limit 1", cluster["keeper_id"])), None
        )
        cluster["copies"] = store.rows(
            f"""select p.url, d.kind, d.similarity from duplicates d join documents p using (warc_file, warc_offset)
                where d.cluster_id = ? order by d.similarity, p.url limit {MEMBERS_SHOWN}""",
            cluster["cluster_id"],
        )
    return clusters


def findings(store: Store) -> Rows:
    """Groups of findings, the severe ones first, each with a few excerpts."""
    groups = store.rows(f"""
        select attack, rule, severity, field, count(*) as spans, count(distinct doc_id) as documents, min(reason) as reason
        from all_findings
        group by attack, rule, severity, field
        order by list_position(['severe', 'warn', 'note'], severity), documents desc, rule, field limit {TOP_FINDINGS}
        """)
    for group in groups:
        group["examples"] = store.rows(
            f"""select f.excerpt, nullif(f.decoded, '') as decoded, any_value(p.url order by p.url) as url
                from all_findings f join pages p using (doc_id)
                where f.attack = ? and f.rule = ? and f.severity = ? and f.field = ? and f.excerpt is not null
                group by all order by url, f.excerpt, decoded limit {EXCERPTS_SHOWN}""",
            group["attack"],
            group["rule"],
            group["severity"],
            group["field"],
        )
    return groups


def authenticity(store: Store) -> Rows:
    """Hosts with pages that read as if a model had written them, those with most first; `documents`: pages that were scanned."""
    return store.rows(f"""
        with scanned as (select distinct doc_id, host from pages where outcome <> 'filtered'),
             flagged as (select doc_id, bool_or(rule = 'model_vocabulary') as vocabulary,
                             bool_or(rule <> 'model_vocabulary') as left_over
                      from findings where attack = 'artefact' group by doc_id)
        select host, count(*) as documents, count(*) filter (vocabulary) as vocabulary, count(*) filter (left_over) as left_over
        from scanned left join flagged using (doc_id) group by host having count(flagged.doc_id) > 0
        order by count(flagged.doc_id) desc, documents, host limit {TOP_HOSTS}
        """)


def edits(store: Store) -> Rows:
    return store.rows(f"""
        select reason, count(*) as spans, count(distinct doc_id) as documents, sum("end" - start)::bigint as characters
        from all_edits group by all order by spans desc, reason limit {TOP_REASONS}
        """)


def repeats(store: Store) -> Rows:
    """The texts that stood on most pages, each as the page has it that keeps it; what is private in them is masked."""
    found = store.rows(f"""
        with kept as (select doc_id, start, "end" - start as length, reason, pages from repeats where kept
                      order by pages desc, doc_id, start limit {TOP_REASONS})
        select reason, kept.pages, any_value(host) as host,
               any_value(substring(text, kept.start + 1, least(kept.length, 200))) as text
        from kept join documents using (doc_id)
        group by kept.doc_id, kept.start, kept.length, reason, kept.pages order by kept.pages desc, kept.doc_id, kept.start
        """)
    shown = masked_excerpts(pa.array([row["text"] for row in found], pa.string()), PersonalSettings()).to_pylist()
    return [row | {"text": text} for row, text in zip(found, shown, strict=True)]


def charsets(store: Store) -> Rows:
    return store.rows(f"""
        select charset_source as source, charset, count(*) as documents from pages group by all
        order by documents desc, source, charset limit {TOP_FILES}
        """)


def digests(store: Store) -> dict[str, Any]:
    return store.row("""
        select count(*) filter (digest_ok) as agree, count(*) filter (not digest_ok) as differ,
               count(*) filter (digest_ok is null) as absent from pages
        """)


def files(store: Store) -> Rows:
    """Files with trouble first, then the largest."""
    return store.rows(f"""
        select path, bytes, records, documents, rejects, damaged_bytes, error from files
        order by error is null, damaged_bytes desc, bytes desc, path limit {TOP_FILES}
        """)


def shards(store: Store) -> dict[str, Any]:
    return store.row("""
        select count(distinct shard) as shards, count(*) as documents, coalesce(sum(length), 0)::bigint as tokens,
               quantile_disc(length, 0.5) as median, max(length) as longest from spans
        """)
