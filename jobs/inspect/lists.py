"""What the overview and the lists say: outcomes, hosts, languages, findings. Each function asks one question."""

from typing import Any

from jobs.report.store import Store
from pipeline.invisible import is_invisible

Rows = list[dict[str, Any]]
PAGE_ROWS, LOST = 50, 3
HOST_SORTS = {"documents": "documents", "kept": "kept", "tokens": "tokens", "lost": "documents - kept"}
SEVERITIES = ("severe", "warn", "note")
SUMS = """count(*) as documents, count(*) filter (outcome = 'kept') as kept, coalesce(sum(text_chars), 0)::bigint as characters,
          coalesce(sum(text_chars) filter (outcome = 'kept'), 0)::bigint as kept_characters,
          coalesce(sum(tokens), 0)::bigint as tokens"""


def outcomes(store: Store) -> Rows:
    """Every outcome with its records and, of documents, characters and expected tokens."""
    return store.rows("""
        with records as (select outcome, count(*) as records from outcomes group by outcome),
             measured as (select outcome, coalesce(sum(text_chars), 0)::bigint as characters,
                                 coalesce(sum(expected_tokens), 0)::bigint as tokens from pages group by outcome)
        select outcome, records, characters, tokens from records left join measured using (outcome)
        order by outcome <> 'kept', outcome = 'rejected', records desc, outcome
        """)


def head(store: Store) -> dict[str, Any]:
    return store.row("""
        select (select coalesce(sum(records), 0)::bigint from files) as records, (select count(*) from files) as files,
               (select count(*) from pages) as documents, (select count(*) from pages where outcome = 'kept') as kept,
               (select coalesce(sum(tokens), 0)::bigint from pages) as tokens,
               (select count(distinct host) from pages) as hosts, (select count(distinct language) from pages) as languages,
               (select coalesce(sum(text_chars), 0)::bigint from pages) as characters
        """)


def hosts(store: Store, search: str, sort: str, page: int) -> tuple[Rows, int]:
    """(hosts with the reasons that took most from each, how many there are)."""
    rows = store.rows(
        f"""
        with found as (select host, {SUMS} from pages where contains(lower(coalesce(host, 'none')), ?) group by host)
        select *, count(*) over () as hosts from found order by {HOST_SORTS[sort]} desc, host
        limit {PAGE_ROWS} offset {page * PAGE_ROWS}
        """,
        search.lower(),
    )
    names = [row["host"] for row in rows]
    lost = dict[Any, Rows]()
    for one in store.rows(
        f"""
        with lost as (select host, case when outcome = 'duplicate' then outcome else coalesce(reason, outcome) end as reason,
                             outcome, count(*) as documents
                      from pages where outcome <> 'kept' and list_contains(?::varchar[], coalesce(host, '')) group by all)
        select * from lost qualify row_number() over (partition by host order by documents desc, reason) <= {LOST}
        order by documents desc, reason
        """,
        [name or "" for name in names],
    ):
        lost.setdefault(one["host"], []).append(one)
    return [row | {"lost": lost.get(row["host"], [])} for row in rows], rows[0]["hosts"] if rows else 0


def languages(store: Store) -> Rows:
    """Every language; `confidence` is the median of what the model says."""
    return store.rows(f"""
        select language, {SUMS}, count(distinct host) as hosts, quantile_disc(language_confidence, .5) as confidence
        from pages group by language order by documents desc, language
        """)


def finding_groups(store: Store) -> Rows:
    return store.rows("""
        select attack, rule, severity, field, count(*) as spans, count(distinct doc_id) as documents, min(reason) as reason
        from all_findings group by attack, rule, severity, field
        order by list_position(['severe', 'warn', 'note'], severity), documents desc, rule, field
        """)


def findings(store: Store, rule: str, severity: str, page: int) -> Rows:
    """Single spans, with the page they stand on; one more than are shown, where there are more."""
    parts = [(name, value) for name, value in (("f.rule", rule), ("f.severity", severity)) if value]
    condition = " and ".join(["true", *(f"{name} = ?" for name, _ in parts)])
    return store.rows(
        f"""
        with found as (select * from all_findings f where {condition} order by doc_id, field, start, rule
                       limit {PAGE_ROWS + 1} offset {page * PAGE_ROWS})
        select found.*, p.url, p.outcome from found left join pages p on p.doc_id = found.doc_id and not p.repeated
        order by doc_id, field, start, rule
        """,
        *(value for _, value in parts),
    )


def choices(store: Store, column: str) -> list[str]:
    """Values of a narrow column, for a form; the most frequent first. One with characters without ink cannot be asked for."""
    rows = store.rows(
        f"select {column} as name from pages where ({column}) is not null group by 1 order by count(*) desc, 1 limit 60"
    )
    return [row["name"] for row in rows if not any(map(is_invisible, row["name"]))]
