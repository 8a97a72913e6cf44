"""The rules of a corpus as bits of a mask, and what each of them took: pages, characters, tokens; first and alone."""

from typing import TYPE_CHECKING, Any

import duckdb

from pipeline.errors import RecipeError
from pipeline.quality.rules import Rule, RuleSettings, resolve

if TYPE_CHECKING:
    from jobs.report.store import Store

MOST_RULES = 127  # bits of the mask, as duckdb counts them


COUNTED = ("breaks", "decides", "alone")
NOTHING: dict[str, Any] = {f"{name}{unit}": 0 for name in COUNTED for unit in ("", "_characters", "_tokens")}
EXAMPLES, TOP_RULES = 3, 12


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
        for name, which in zip(COUNTED, ("true", "decided", "broken = bit"), strict=True)
    )
    return store.rows(f"""
        with broken_by as (select bits.rule, bits.stage, bits.bit, pages.broken, text_chars, expected_tokens,
                                  pages.outcome = 'filtered' and pages.reason = bits.rule as decided
                           from pages join rule_bits bits on pages.broken & bits.bit <> 0 where not pages.repeated)
        select stage, rule, {sums} from broken_by group by stage, rule order by decides desc, breaks desc, rule
        """)


def dropped_pages(store: "Store") -> list[dict[str, Any]]:
    """Of the rules that decide most: a few pages each that they dropped, by hash, so the same ones each time."""
    return store.rows(f"""
        with top as (select reason, count(*) as pages from pages where outcome = 'filtered' and not repeated group by reason
                     order by pages desc, reason limit {TOP_RULES}),
             chosen as (select p.reason, p.url, p.language, p.text_chars, p.broken, top.pages,
                             row_number() over (partition by p.reason order by hash(p.doc_id), p.doc_id) as place
                      from pages p join top on p.reason = top.reason where p.outcome = 'filtered' and not p.repeated)
        select reason, pages, url, language, text_chars, bit_count(broken::hugeint)::int - 1 as others
        from chosen where place <= {EXAMPLES}
        order by pages desc, reason, place
        """)
