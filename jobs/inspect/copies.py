"""Clusters of copies: who is in one, how alike, and why the one that is kept won."""

from typing import Any

from jobs.report.store import Store

Rows = list[dict[str, Any]]
PAGE_ROWS, MEMBERS = 30, 100
ORDERS = {"members": "members desc", "unlike": "least asc nulls last"}


def listed(store: Store, kind: str, order: str, page: int) -> tuple[Rows, int]:
    """(clusters with their keeper's address, how many there are)."""
    found = _summed(store, kind)
    rows = store.rows(
        f"""
        with shown as (select *, (select count(*) from {found}) as clusters from {found} order by {ORDERS[order]}, cluster_id
                       limit {PAGE_ROWS} offset {page * PAGE_ROWS})
        select shown.*, any_value(p.url) as keeper_url, any_value(p.title) as keeper_title
        from shown left join pages p on p.doc_id = shown.keeper_id and not p.repeated
        group by all order by {ORDERS[order]}, cluster_id
        """
    )
    return rows, rows[0]["clusters"] if rows else 0


def _summed(store: Store, kind: str) -> str:
    """The name of a table with a row per cluster, made when it is first asked for; `kind` is one of those a view knows, or ""."""
    name = f"clusters_{kind or 'all'}"
    which = f"kind = '{kind}'" if kind else "kind <> 'earlier'"
    store.connection.execute(
        f"""
        create temp table if not exists {name} as
        select cluster_id, count(*) + count(distinct keeper_id) as members, count(distinct keeper_id) as keepers,
               min(similarity) as least, min(keeper_id) as keeper_id, list(distinct kind order by kind) as kinds
        from duplicates where {which} group by cluster_id
        """
    )
    return name


def kinds(store: Store) -> Rows:
    return store.rows("select kind, count(*) as records from duplicates group by kind order by records desc, kind")


def cluster(store: Store, cluster_id: str) -> list[dict[str, Any]]:
    """The keepers of a cluster, each with its copies: [{"keeper": page or None, "keeper_id", "copies", "members"}]."""
    copies = store.rows(
        f"""select *, count(*) over (partition by keeper_id) as members from duplicates where cluster_id = ?
            order by keeper_id, similarity desc nulls last, doc_id limit {MEMBERS}""",
        cluster_id,
    )
    described = _described(store, copies)
    copies = [copy | described[copy["warc_file"], copy["warc_offset"]] for copy in copies]
    groups = dict[str, dict[str, Any]]()
    for copy in copies:
        group = groups.setdefault(
            copy["keeper_id"], {"keeper_id": copy["keeper_id"], "keeper": None, "copies": [], "members": copy["members"]}
        )
        group["copies"].append(copy)
    for group in groups.values():
        group["keeper"] = _keeper(store, group["keeper_id"])
        for copy in group["copies"]:
            copy["why"] = why(group["keeper"], copy)
    return list(groups.values())


def _described(store: Store, copies: Rows) -> dict[tuple[str, int], dict[str, Any]]:
    """What is said of these records, by place. Tables are asked for doc_ids: joined by place, each would be read whole."""
    rows = store.rows(
        """
        with asked as (select distinct unnest(?::varchar[]) as doc_id),
             d as (select * from documents semi join asked using (doc_id)),
             o as (select * from outcomes semi join asked using (doc_id))
        select d.warc_file, d.warc_offset, d.url, d.title, d.fetched_at, p.text_chars, o.outcome, p.language
        from d left join o using (warc_file, warc_offset) left join pages p on p.doc_id = d.doc_id and not p.repeated
        """,
        [copy["doc_id"] for copy in copies],
    )
    unknown = dict.fromkeys(("url", "title", "fetched_at", "text_chars", "outcome", "language"))
    found = {(copy["warc_file"], copy["warc_offset"]): unknown for copy in copies}
    return found | {(row["warc_file"], row["warc_offset"]): {name: row[name] for name in unknown} for row in rows}


def _keeper(store: Store, keeper_id: str) -> dict[str, Any] | None:
    """None where the keeper stands in an earlier corpus."""
    found = store.rows(
        """select d.doc_id, d.url, d.title, d.fetched_at, p.text_chars, p.outcome, p.language
           from first_documents d left join pages p on p.doc_id = d.doc_id and not p.repeated
           where d.doc_id = ? limit 1""",
        keeper_id,
    )
    return found[0] if found else None


def why(keeper: dict[str, Any] | None, copy: dict[str, Any]) -> str:
    """What decided between the two, in the order that jobs/stages/duplicates/drop_duplicates.py asks."""
    if copy["kind"] == "record":
        return "the same record, met again at another place"
    if keeper is None:
        return "the keeper stands in an earlier corpus"
    if copy["kind"] == "url":
        newer = (copy["fetched_at"] or "") != (keeper["fetched_at"] or "")
        return (
            "the keeper was fetched later, and is the newest of this address"
            if newer
            else "fetched at once: the longer, then the first"
        )
    longer = (keeper["text_chars"] or 0) - (copy["text_chars"] or 0)
    if longer > 0:
        return f"the keeper's text is {longer:,} characters longer"
    if longer < 0:
        return "it was joined to the keeper by a page between them, or the keeper has the longer text at that place"
    if (keeper["fetched_at"] or "") != (copy["fetched_at"] or ""):
        return "equally long; the keeper was fetched earlier"
    return "equally long and old; the smaller doc_id decides"
