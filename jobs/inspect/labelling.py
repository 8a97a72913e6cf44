"""The one thing in the view that writes: what somebody says of a page, from a form of ours, into the file beside the corpus."""

import hmac
from typing import Any
from urllib.parse import parse_qsl

from jobs.inspect.index import Index
from jobs.inspect.questions import BadQuestion, NoSuchPage, given, one_of
from jobs.quality.labels import DROP, KEEP, Label, agreements, check, decided
from jobs.report.store import Store
from pipeline.errors import UsageError

LABELS = "/labels"  # the address that takes the form
LARGEST_FORM = 4_000  # bytes
FIELDS = ("token", "doc_id", "person", "label", "reason")
CHOICES = {"keep": KEEP, "drop": DROP, "none": None}
NEXT, RECENT = 20, 50

# By hash, so that all who label come upon the same pages in the same order; half of them kept, where there are so many. Of each
# half only those are placed that can be among the first NEXT once those judged ($1, $2 of them) are left out.
HALF = (
    "(select doc_id, url, title, language, lot, outcome from pages where not repeated and {half} order by lot limit $2 + {next})"
)
WAITING = f"""
with halves as ({HALF.format(half="outcome = 'kept'", next=NEXT)} union all {HALF.format(half="outcome <> 'kept'", next=NEXT)}),
     placed as (select *, row_number() over (partition by outcome = 'kept' order by lot) as place from halves)
select doc_id, url, title, language from placed anti join (select unnest($1::varchar[]) as doc_id) using (doc_id)
order by place, doc_id limit {NEXT}
"""


class Forbidden(Exception):
    """The form is none that this process gave out."""


def read(index: Index, body: bytes) -> Label:
    """The label in a form's body. Raises Forbidden without the token, BadQuestion for what means nothing."""
    try:
        items = parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=2 * len(FIELDS))
    except ValueError as error:
        raise BadQuestion("this is no form of this page") from error
    values = given(items, FIELDS)
    if not hmac.compare_digest(values.get("token", "").encode(), index.token.encode()):
        raise Forbidden("this form is of an earlier start of the view: go back, load the page again, and send it once more")
    label = CHOICES[one_of(values, "label", CHOICES, "none")]
    made = Label(values.get("doc_id", ""), values.get("person", ""), label, values.get("reason", ""))
    try:
        check(made)
    except UsageError as error:
        raise BadQuestion(str(error)) from error
    return made


def write(index: Index, label: Label) -> None:
    """Raises NoSuchPage where the corpus has no such page, UsageError where it is not on this machine."""
    known = index.ask(lambda opened: opened.store.rows("select 1 as known from pages where doc_id = ? limit 1", label.doc_id))
    if not known:
        raise NoSuchPage(f"no document of this corpus is {label.doc_id}")
    if index.labels is None:
        raise UsageError("labels lie beside a corpus on this machine: this one is elsewhere")
    index.labels.add(label)


def of_page(index: Index, doc_id: str, person: str) -> dict[str, Any] | None:
    """What has been said of a page, and by `person`; none where nothing can be said."""
    if index.labels is None:
        return None
    said = index.labels.of_page(doc_id)
    return {
        "said": said,
        "person": person,
        "own": next((one for one in said if one.person == person), None),
        "token": index.token,
    }


def overview(index: Index, store: Store, person: str) -> dict[str, Any]:
    """Who said what, how far they agree, and which pages `person` may look at next."""
    every = index.labels.all() if index.labels is not None else []
    chosen, ties = decided(every)
    people = sorted({one.person for one in every})
    mine = [one.doc_id for one in every if one.person == person]
    recent = every[-RECENT:][::-1]
    addresses = {
        row["doc_id"]: row["url"]
        for row in store.rows("select doc_id, any_value(url) as url from pages where list_contains($1, doc_id) group by doc_id",
                              [one.doc_id for one in recent])
    }  # fmt: skip
    counts = [(name, sum(one.person == name for one in every), sum(one.person == name and one.label == KEEP for one in every))
              for name in people]  # fmt: skip
    waiting = store.rows(WAITING, mine, len(mine)) if person else []
    return {
        "can": index.labels is not None, "person": person, "people": counts, "agreements": agreements(every),
        "good": sum(chosen.values()), "bad": len(chosen) - sum(chosen.values()), "ties": ties, "count": len(every),
        "recent": [(one, addresses.get(one.doc_id)) for one in recent], "next": waiting,
    }  # fmt: skip
