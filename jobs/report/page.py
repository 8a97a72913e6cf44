"""The page itself: figures and numbers handed to one template that escapes whatever it is given."""

import json
import posixpath
from typing import Any

from jobs.corpus.folder import Corpus
from jobs.corpus.stages import NAMES
from jobs.report import figures, numbers, tokens, wording
from jobs.report.measures import distributions
from jobs.report.pages import rendered
from jobs.report.rules import NOTHING, broken_rules, dropped_pages, rules_of
from jobs.report.store import Store
from pipeline.blocked.settings import BLOCKED
from pipeline.quality.rules import Rule
from pipeline.shipped import shipped
from tokenizer.bpe.vocabulary import read_tokenizer

LARGEST_TOKENIZER_BYTES = 64 << 20
LONGEST_RECIPE = 40_000  # characters; a block list of a million hosts is no reading
LONGEST_LIST = 20
LANGUAGES_TOLD = 8
COMMON = ("en", "ru", "de", "es", "ja", "fr", "pt", "zh")  # of the web, by the pages of Common Crawl
RULES_SHOWN = 40


def render(store: Store, corpus: Corpus) -> str:
    """The whole page as text."""
    return rendered(shipped("jobs/report/template.html"), _contents(store, corpus))


def _contents(store: Store, corpus: Corpus) -> dict[str, Any]:
    manifest, counts = corpus.manifest, numbers.totals(store)
    rules = rules_of(manifest)
    near, sizes = numbers.similarities(store), numbers.cluster_sizes(store)
    return {
        "name": posixpath.basename(corpus.root),
        "present": store.present,
        "done": frozenset(manifest["stages"]),
        "counts": counts,
        "funnel": numbers.funnel(counts),
        "outcome_names": numbers.OUTCOMES,
        "rules": _rules(store, rules),
        "rules_shown": RULES_SHOWN,
        "rejects": numbers.rejects(store),
        "groups": numbers.groups(store),
        "dropped": dropped_pages(store),
        "distributions": [(found, figures.distribution(found)) for found in distributions(store, rules)],
        "languages": numbers.languages(store),
        "page_types": numbers.page_types(store),
        "hosts": numbers.hosts(store),
        "duplicate_kinds": numbers.duplicate_kinds(store),
        "near": numbers.near_copies(store, manifest.get("recipe", {}), manifest["stages"]),
        "clusters": numbers.largest_clusters(store),
        "similarity_chart": figures.similarity(near) if near else None,
        "cluster_chart": figures.clusters(sizes) if sizes else None,
        "findings": numbers.findings(store),
        "authenticity": numbers.authenticity(store),
        "edits": numbers.edits(store),
        "repeats": numbers.repeats(store),
        "charsets": numbers.charsets(store),
        "digests": numbers.digests(store),
        "files": numbers.files(store),
        "tokenizer": _tokenizer(store, corpus),
        "token_languages": tokens.by_language(store),
        "token_hosts": tokens.by_host(store),
        "dominated": (tokens.DOMINATED, tokens.FEWEST),
        "shards": numbers.shards(store),
        "stages": _stages(manifest),
        "longest_stage": max((facts.get("seconds") or 0 for facts in manifest["stages"].values()), default=0),
        "versions": manifest.get("versions", {}),
        "recipe": _recipe(manifest),
    }


def _rules(store: Store, rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """Broken rules with what their recipe says of them, then those that no document broke."""
    known = {rule.name: rule for rule in rules}
    broken = broken_rules(store)
    seen = {row["rule"] for row in broken}
    idle = [NOTHING | {"rule": rule.name, "stage": rule.stage} for rule in rules if rule.name not in seen and _bound(rule)]
    return [row | _rule_row(row["rule"], known.get(row["rule"])) for row in broken + idle]


def _rule_row(name: str, rule: Rule | None) -> dict[str, str]:
    if name.startswith(BLOCKED):
        return {"bound": f"address on the list {name.removeprefix(BLOCKED)}", "languages": "", "source": "a list of the recipe"}
    if rule is None:  # the recipe is of another version
        return {"bound": "", "languages": "", "source": ""}
    only = f"only {_told(rule.languages)}" if rule.languages is not None else ""
    exempt = [f"not {_told(names)}" for names in (rule.exempt_languages, rule.exempt_page_types) if names]
    return {"bound": _bound(rule), "languages": "; ".join(filter(None, (only, *exempt))), "source": rule.source}


def _told(languages: frozenset[str]) -> str:
    """The most used first, and how many more there are: "ar, bg, …" would hide English."""
    order = sorted(languages, key=lambda one: (COMMON.index(one) if one in COMMON else len(COMMON), one))
    more = f" and {len(order) - LANGUAGES_TOLD} more" if len(order) > LANGUAGES_TOLD else ""
    return f"{', '.join(order[:LANGUAGES_TOLD])}{more}"


def _bound(rule: Rule) -> str:
    """`50 ≤ word count ≤ 100 000`; empty for a rule that the recipe leaves without any bound."""
    if rule.values:
        return f"{wording.spelled(rule.measure)}: a list of {wording.number(len(rule.values))}"
    if rule.measure == "language":
        return "a language that the model knows"
    low = f"{wording.number(rule.minimum)} ≤ " if rule.minimum is not None else ""
    high = f" ≤ {wording.number(rule.maximum)}" if rule.maximum is not None else ""
    return f"{low}{wording.spelled(rule.measure)}{high}" if low or high else ""


def _tokenizer(store: Store, corpus: Corpus) -> dict[str, Any] | None:
    """Its size and its single tokens; None when there is no tokenizer yet."""
    if not corpus.has("tokenizer") or corpus.files("tokenizer")[0].bytes > LARGEST_TOKENIZER_BYTES:
        return None
    content = corpus.text("tokenizer")
    vocabulary = read_tokenizer(content).tokens
    return {
        "vocabulary": len(vocabulary),
        "merges": len(json.loads(content)["model"]["merges"]),
        "special": [special["content"] for special in json.loads(content).get("added_tokens", [])],
        "longest": sorted(vocabulary, key=lambda token: (-len(token.decode(errors="replace")), token))[: tokens.TOP_LONGEST],
        "looked_at": tokens.looked_at(store, vocabulary),
    }


def _stages(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """In the order of the work; a stage that has not run is None."""
    finished = manifest["stages"]
    names = [name for name in (*NAMES, *finished) if name != "report"]  # the report itself is being made
    return [{"name": name, "facts": finished.get(name)} for name in dict.fromkeys(names)]


def _recipe(manifest: dict[str, Any]) -> str:
    text = json.dumps(_shortened(manifest.get("recipe", {})), indent=2, ensure_ascii=True)
    return text if len(text) <= LONGEST_RECIPE else text[:LONGEST_RECIPE] + "\n… cut here; corpus.json has all of it"


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(one) for key, one in value.items()}
    if isinstance(value, list) and len(value) > LONGEST_LIST:
        return [*map(_shortened, value[:LONGEST_LIST]), f"… and {len(value) - LONGEST_LIST} more"]
    return value
