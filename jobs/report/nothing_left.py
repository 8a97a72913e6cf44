"""What to say where no page is left: what took most, and which rules would have to move."""

from jobs.corpus.folder import Corpus
from jobs.report.rules import broken_rules
from jobs.report.store import open_store

MOST_RULES = 3


def why_nothing_is_left(corpus: Corpus) -> str:
    """One line, from outcomes and verdicts."""
    with open_store(corpus) as store:
        reasons = store.rows(
            "select outcome, reason, count(*) as records from outcomes where outcome <> 'rejected' group by all "
            "order by records desc, outcome, reason"
        )
        rules = broken_rules(store)
    report = corpus.path("report.html")
    if not reasons:
        return f"no documents are left: no record read gave a page ({report} counts why); is it the crawl you meant?"
    alone = sorted((row for row in rules if row["alone"]), key=lambda row: (-row["alone"], row["rule"]))[:MOST_RULES]
    named = ", ".join(f"{row['rule']} ({row['alone']} break nothing else)" for row in alone)
    broken_most = min(rules, key=lambda row: (-row["breaks"], row["rule"]))["rule"] if rules else ""
    moved = f"to keep some, move {named}" if named else f"every page breaks several rules, most {broken_most}" if rules else ""
    return (
        f"no documents are left: '{reasons[0]['reason']}' ({reasons[0]['outcome']}) took most, {reasons[0]['records']} records; "
        f"{moved + '; ' if moved else ''}--set or --recipe moves a rule (`winnow recipe` shows all); {report} has the rest"
    )
