"""Each page: what its address asks, and what its template is given. Nothing here draws or writes."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jobs.ask.diff import diff
from jobs.corpus.folder import corpus_at, open_corpus
from jobs.corpus.progress import read_status
from jobs.inspect import copies, document, labelling, lists, what_if
from jobs.inspect.index import Index, Opened
from jobs.inspect.questions import (
    MOST_PAGES,
    MOST_TEXTS,
    PAGE_ROWS,
    SORTS,
    Filter,
    NoSuchPage,
    given,
    listed,
    number,
    one_of,
    whole,
)
from jobs.inspect.runs import MOST_STEPS, runs_that_read
from jobs.report import figures, tokens
from jobs.report.rules import broken_rules
from jobs.report.store import Store
from jobs.report.wording import spelled
from pipeline.errors import CorpusError
from pipeline.quality.rules import Rule

Query = Iterable[tuple[str, str]]
Contents = dict[str, Any]
View = Callable[[Index, Mapping[str, str], Query], Contents]
MOST_SEED, MOST_START, DRY_RUN_PAGES = 9_999, 10**9, 200


def overview(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    given(query, ())

    def ask(opened: Opened) -> Contents:
        return {
            "head": opened.kept("head", lists.head),
            "outcomes": opened.kept("outcomes", lists.outcomes),
            "rules": opened.kept("rules", broken_rules)[:5],
            "languages": opened.kept("languages", lists.languages)[:8],
            "stages": list(opened.corpus.stages),
        }

    return index.ask(ask)


def rules(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    given(query, ())

    def ask(opened: Opened) -> Contents:
        broken = opened.kept("rules", broken_rules)
        seen = {row["rule"] for row in broken}
        return {
            "rules": [row | {"about": opened.rules.get(row["rule"], (None, 0))[0]} for row in broken],
            "idle": [rule for name, (rule, _) in opened.rules.items() if name not in seen and rule is not None],
        }

    return index.ask(ask)


def rule(index: Index, path: Mapping[str, str], query: Query) -> Contents:
    values = given(query, ("minimum", "maximum", "seed"))
    bounds, seed = [number(values, name) for name in ("minimum", "maximum")], whole(values, "seed", 1, MOST_SEED)

    def ask(opened: Opened) -> Contents:
        store = opened.store
        if path["rule"] not in opened.rules:
            raise NoSuchPage(f"no rule of this corpus is called {path['rule'][:60]}")
        about, bit = opened.rules[path["rule"]]
        about = about or Rule(path["rule"], "", "", source="not in the recipe, or in that of another version")
        taken = next((row for row in opened.kept("rules", broken_rules) if row["rule"] == about.name), None)
        contents = {"rule": about, "taken": taken, "seed": seed, "asked": None}
        if about.minimum is None and about.maximum is None:
            return contents
        asked = what_if.what_if(about, bit, *bounds)
        samples, nearest = what_if.samples(store, asked, seed), what_if.nearest(store, asked)
        shown = [page["doc_id"] for rows in samples.values() for page in rows]
        spread = what_if.curve(store, asked)
        return contents | {
            "asked": asked,
            "sums": what_if.sums(store, asked),
            "languages": what_if.groups(store, asked, "language"),
            "hosts": what_if.groups(store, asked, "host"),
            "nearest": nearest,
            "samples": samples,
            "excerpts": document.excerpts(store, shown),
            "sliders": what_if.sliders(asked, spread[0].axis if spread else None),
            "spread": figures.distribution(spread[0]) if spread else None,
            "curve": _curve(asked, spread) if spread and spread[1] else None,
        }

    return index.ask(ask)


def _curve(asked: what_if.WhatIf, spread: Any) -> Any:
    found, rows = spread
    now, then = ((one.minimum if one.minimum is not None else one.maximum) for one in (asked.rule, asked.asked))
    return figures.passing(found.axis, rows, now, then if asked.is_changed else None, spelled(asked.rule.measure))


def documents(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    def ask(opened: Opened) -> Contents:
        store = opened.store
        wanted = Filter.read(query, store.measures)
        return {
            "filter": wanted,
            "found": listed(store, wanted),
            **opened.kept("choices", _choices),
            "sorts": [*dict.fromkeys([*SORTS, *store.measures])],
            "measures": [*store.measures],
            "most_texts": MOST_TEXTS,
            "last": MOST_PAGES * PAGE_ROWS,
        }

    return index.ask(ask)


def _choices(store: Store) -> dict[str, list[str]]:
    """What the lists of the form offer."""
    reasons = "case when outcome <> 'duplicate' then reason end"
    columns = {"languages": "language", "page_types": "page_type", "outcomes": "outcome", "reasons": reasons}
    return {name: lists.choices(store, column) for name, column in columns.items()}


def one_document(index: Index, path: Mapping[str, str], query: Query) -> Contents:
    values = given(query, ("field", "from", "person"))
    field = one_of(values, "field", document.FIELDS, "text")
    start = whole(values, "from", 0, MOST_START)

    def ask(opened: Opened) -> Contents:
        found = document.captures(opened.corpus, opened.store, path["doc_id"])
        first = next((one for one in found if one.document), None)
        if first is None or first.document is None:
            raise NoSuchPage(f"no document of this corpus is {path['doc_id']}")
        return {
            "doc_id": path["doc_id"],
            "page": first.document,
            "capture": first,
            "captures": found,
            "rules": document.judged(first.rules),
            "field": field,
            "texts": document.texts(opened.store, path["doc_id"], field, start),
            "labelling": labelling.of_page(index, path["doc_id"], values.get("person", "")),
        }

    return index.ask(ask)


def reads(index: Index, path: Mapping[str, str], query: Query) -> Contents:
    """Which steps of which run have read a document: computed from each run's plan, so on a page of its own."""
    given(query, ())

    def ask(opened: Opened) -> Contents:
        page = opened.store.rows("select url from pages where doc_id = ? limit 1", path["doc_id"])
        if not page:
            raise NoSuchPage(f"no document of this corpus is {path['doc_id']}")
        runs = runs_that_read(opened, path["doc_id"])
        return {"doc_id": path["doc_id"], "url": page[0]["url"], "runs": runs, "shown": MOST_STEPS}

    return index.ask(ask)


def against(index: Index, path: Mapping[str, str], query: Query) -> Contents:
    given(query, ())

    def ask(opened: Opened) -> Contents:
        found = document.compared(opened.store, path["doc_id"], path["other_id"])
        if found is None:
            raise NoSuchPage("one of these documents is not in this corpus")
        return found

    return index.ask(ask)


def clusters(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    values = given(query, ("kind", "order", "page"))
    kind = one_of(values, "kind", ("", "record", "url", "exact", "near"), "")
    order, page = one_of(values, "order", copies.ORDERS, "members"), whole(values, "page", 0, MOST_PAGES - 1)

    def ask(opened: Opened) -> Contents:
        rows, count = copies.listed(opened.store, kind, order, page)
        return {
            "clusters": rows, "count": count, "kind": kind, "order": order, "page": page, "page_rows": copies.PAGE_ROWS,
            "kinds": opened.kept("kinds", copies.kinds), "settings": opened.corpus.manifest["recipe"].get("duplicates", {}),
        }  # fmt: skip

    return index.ask(ask)


def cluster(index: Index, path: Mapping[str, str], query: Query) -> Contents:
    given(query, ())

    def ask(opened: Opened) -> Contents:
        groups = copies.cluster(opened.store, path["cluster_id"])
        if not groups:
            raise NoSuchPage(f"no cluster of copies is {path['cluster_id']}")
        return {"cluster_id": path["cluster_id"], "groups": groups, "shown": copies.MEMBERS,
                "settings": opened.corpus.manifest["recipe"].get("duplicates", {})}  # fmt: skip

    return index.ask(ask)


def findings(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    values = given(query, ("rule", "severity", "page"))
    severity = one_of(values, "severity", ("", *lists.SEVERITIES), "")
    name, page = values.get("rule", ""), whole(values, "page", 0, MOST_PAGES - 1)

    def ask(opened: Opened) -> Contents:
        rows = lists.findings(opened.store, name, severity, page)
        return {
            "groups": opened.kept("finding groups", lists.finding_groups), "rule": name, "severity": severity, "page": page,
            "spans": rows[: lists.PAGE_ROWS], "more": len(rows) > lists.PAGE_ROWS and page + 1 < MOST_PAGES,
        }  # fmt: skip

    return index.ask(ask)


def hosts(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    values = given(query, ("search", "sort", "page"))
    sort, page = one_of(values, "sort", lists.HOST_SORTS, "documents"), whole(values, "page", 0, MOST_PAGES - 1)

    def ask(opened: Opened) -> Contents:
        rows, count = lists.hosts(opened.store, values.get("search", ""), sort, page)
        return {"hosts": rows, "count": count, "search": values.get("search", ""), "sort": sort, "page": page,
                "page_rows": lists.PAGE_ROWS, "sorts": list(lists.HOST_SORTS)}  # fmt: skip

    return index.ask(ask)


def languages(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    given(query, ())
    return index.ask(lambda opened: {"languages": opened.kept("languages", lists.languages)})


def vocabulary(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    given(query, ())

    def ask(opened: Opened) -> Contents:
        return {"vocabulary": opened.vocabulary, "dominated": (tokens.DOMINATED, tokens.FEWEST)}

    return index.ask(ask)


def compare(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    given(query, ())
    if index.other is None:
        return {"difference": None}
    other = open_corpus(index.other)  # as it is now
    name = f"difference {other.manifest['checksum']}"  # a name for each state of it
    return index.ask(lambda opened: {"difference": opened.kept(name, lambda _: diff(opened.corpus, other))})


def labels(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    person = given(query, ("person",)).get("person", "")
    return index.ask(lambda opened: labelling.overview(index, opened.store, person))


def status(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    """The state of the work on the corpus, also while it runs."""
    given(query, ())
    try:
        found = read_status(corpus_at(index.root))
    except CorpusError as error:
        return {"status": None, "said": str(error)}
    return {"status": found, "said": "", "age": max(0.0, time.time() - found.updated_at)}


def takedown(index: Index, path: Mapping[str, str], query: Query) -> Contents:  # noqa: ARG001 - a View
    """What a takedown would reach. Nothing is changed here, nor can it be."""
    from jobs.takedown.reach.reach import find
    from jobs.takedown.reach.request import Request
    from pipeline.errors import BrokenPromise, UsageError

    values = given(query, ("url", "host", "doc", "passages"))
    urls, named_hosts, doc_ids = ((values[key],) if key in values else () for key in ("url", "host", "doc"))
    contents: Contents = {"values": values, "reach": None, "said": None, "shown": DRY_RUN_PAGES}
    if not (urls or named_hosts or doc_ids):
        return contents
    request = Request(urls=urls, hosts=named_hosts, doc_ids=doc_ids)
    wants_texts = one_of(values, "passages", ("", "yes"), "") == "yes"

    def ask(opened: Opened) -> Contents:
        try:
            reach = find(opened.corpus, opened.store.connection, request, read_texts=wants_texts)
        except (BrokenPromise, UsageError) as error:
            return {"said": str(error)}
        return {"reach": reach, "request": request.name}

    return contents | index.ask(ask)


VIEWS: dict[str, tuple[str, View]] = {  # address -> (template, view)
    "/": ("overview", overview),
    "/rules": ("rules", rules),
    "/rules/{rule}": ("rule", rule),
    "/documents": ("documents", documents),
    "/documents/{doc_id:doc_id}": ("document", one_document),
    "/documents/{doc_id:doc_id}/reads": ("reads", reads),
    "/documents/{doc_id:doc_id}/against/{other_id:doc_id}": ("against", against),
    "/clusters": ("clusters", clusters),
    "/clusters/{cluster_id:doc_id}": ("cluster", cluster),
    "/findings": ("findings", findings),
    "/hosts": ("hosts", hosts),
    "/languages": ("languages", languages),
    "/tokens": ("tokens", vocabulary),
    "/labels": ("labels", labels),
    "/compare": ("compare", compare),
    "/takedown": ("takedown", takedown),
    "/status": ("status", status),
}
__all__ = ["VIEWS", "NoSuchPage"]
