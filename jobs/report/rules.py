"""The rules of a corpus as bits of a mask, and what each of them took: pages, characters, tokens; first and alone."""

from typing import TYPE_CHECKING, Any

import duckdb

from pipeline.errors import RecipeError
from pipeline.quality.rules import Rule, RuleSettings, resolve

if TYPE_CHECKING:
    from jobs.report.store import Store

MOST_RULES = 127  # bits of the mask, as duckdb counts them


def rules_of(manifest: dict[str, Any]) -> tuple[Rule, ...]:
    """The rules as the corpus's recipe resolves them; none when the recipe is of another version."""
    try:
        return resolve(RuleSettings(**manifest["recipe"]["rules"]))
    except (KeyError, TypeError, RecipeError):
        return ()


def number_rules(connection: duckdb.DuckDBPyConnection, rules: tuple[Rule, ...]) -> None:
    """The table `rule_bits` (rule, stage, place, bit): those of the recipe in their order, then others that a verdict names."""
    known = {rule.name: rule.stage for rule in rules}
    found = connection.execute(
        "select rule, min(stage) from verdicts where rule is not null group by rule order by rule"
    ).fetchall()
    named = [*known.items(), *((rule, stage) for rule, stage in found if rule not in known)][:MOST_RULES]
    connection.execute("create table rule_bits (rule varchar, stage varchar, place integer, bit uhugeint)")
    rows = [[rule, stage, place, 1 << place] for place, (rule, stage) in enumerate(named)]
    if rows:
        connection.executemany("insert into rule_bits values (?, ?, ?, ?)", rows)


def broken_rules(store: "Store") -> list[dict[str, Any]]:
    """Per rule that a page breaks: pages, characters and expected tokens, of all that break it, that it decides, of it alone.

    `alone`: pages that break nothing else, and so would pass the rules without it. A record met twice counts once.
    """
    sums = ", ".join(
        f"count(*) filter ({which}) as {name}, coalesce(sum(text_chars) filter ({which}), 0)::bigint as {name}_characters, "
        f"coalesce(sum(expected_tokens) filter ({which}), 0)::bigint as {name}_tokens"
        for name, which in (("breaks", "true"), ("decides", "decided"), ("alone", "broken = bit"))
    )
    return store.rows(f"""
        with broken_by as (select bits.rule, bits.stage, bits.bit, pages.broken, text_chars, expected_tokens,
                                  pages.outcome = 'filtered' and pages.reason = bits.rule as decided
                           from pages join rule_bits bits on pages.broken & bits.bit <> 0 where not pages.repeated)
        select stage, rule, {sums} from broken_by group by stage, rule order by decides desc, breaks desc, rule
        """)
