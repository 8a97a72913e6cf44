"""What other rules would do to the pages of a corpus: its measures are judged anew, and no text is read."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.corpus.folder import Corpus
from jobs.corpus.views import batches, connect, names_of_own, own_by_page
from pipeline.quality.rules import Rule, judge
from pipeline.tables import PAGE_MEASURES, SHARE

ROWS = 20_000  # that are judged together
MOST_LANGUAGES = 12  # that are told one by one


@dataclass
class Effect:
    """Pages that the filter takes before and after, by rule and by language. A record that was met twice counts twice."""

    pages: int = 0
    characters: int = 0
    filtered: list[int] = field(default_factory=lambda: [0, 0])  # before, after
    filtered_characters: list[int] = field(default_factory=lambda: [0, 0])
    rules: dict[str, list[int]] = field(default_factory=dict)  # pages that break it
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)  # (language, "more" | "fewer" | "pages") -> pages

    def as_json(self) -> dict[str, Any]:
        names = ("filtered", "filtered_characters")
        told = {name: {"before": getattr(self, name)[0], "after": getattr(self, name)[1]} for name in names}
        return {
            "pages": self.pages,
            "characters": self.characters,
            **told,
            "rules": {name: {"before": old, "after": new} for name, (old, new) in sorted(self.rules.items())},
            "languages": [
                {
                    "language": name,
                    "pages": pages,
                    "newly_filtered": self.languages[name, "more"],
                    "newly_passed": self.languages[name, "fewer"],
                }
                for name, pages in self.by_language()
            ],
        }

    def by_language(self) -> list[tuple[str, int]]:
        """The languages with the most pages whose verdict changes, and their pages."""
        changed = {name: self.languages[name, "more"] + self.languages[name, "fewer"] for name, _ in self.languages}
        named = sorted((name for name, count in changed.items() if count), key=lambda name: (-changed[name], name))
        return [(name, self.languages[name, "pages"]) for name in named[:MOST_LANGUAGES]]


def effect(corpus: Corpus, before: tuple[Rule, ...], now: tuple[Rule, ...]) -> Effect:
    """Reads the measures some rows at a time."""
    found = Effect(rules={rule.name: [0, 0] for rule in (*before, *now)})
    with connect(corpus) as database:
        own = names_of_own(database) if corpus.has("own_measures") else ()
        for group in batches(database, _with_own(own), size=ROWS) if corpus.files("measures") else ():
            _add(found, group.cast(pa.schema([*PAGE_MEASURES, *((name, SHARE) for name in own)])), before, now)
    return found


def _with_own(names: tuple[str, ...]) -> str:
    """Measures of every page, with a column for each that plug-ins have taken."""
    return "SELECT * FROM measures" + (f" LEFT JOIN ({own_by_page(names)}) USING (doc_id)" if names else "")


def _add(found: Effect, measures: pa.RecordBatch, before: tuple[Rule, ...], now: tuple[Rule, ...]) -> None:
    characters = measures.column("text_chars").to_numpy()
    found.pages += measures.num_rows
    found.characters += int(characters.sum())
    taken = []
    for place, rules in enumerate((before, now)):
        broken = judge(measures, rules)
        falls = np.zeros(measures.num_rows, bool)
        falls[broken.column("row").to_numpy()] = True
        taken.append(falls)
        found.filtered[place] += int(falls.sum())
        found.filtered_characters[place] += int(characters[falls].sum())
        for counted in pc.value_counts(broken.column("rule")).to_pylist():
            found.rules[counted["values"]][place] += counted["counts"]
    languages = np.array(pc.fill_null(measures.column("language"), "unknown").to_pylist(), dtype=object)
    kinds = (("pages", np.ones(measures.num_rows, bool)), ("more", taken[1] & ~taken[0]), ("fewer", taken[0] & ~taken[1]))
    for kind, rows in kinds:
        found.languages.update({(name, kind): count for name, count in Counter(languages[rows]).items()})
