"""The deciding reason of a page's fate as one sentence."""

from typing import Any

from jobs.corpus.views import Row
from pipeline.select import MAX_PER_HOST, SAMPLE

COPIES = {
    "record": "the same record was met at {keeper}, which stands: the earlier place of the two",
    "url": "a newer fetch of its URL is kept: {keeper}",
    "exact": "its text is that of {keeper}, which is kept: of equal texts the best page, then the one that was fetched first",
    "near": "a near copy (similarity {similarity:.2f}) of {keeper}, kept as the best page of those alike, or the earliest",
    "earlier": "an earlier corpus keeps it, or a page so alike (similarity {similarity:.2f}): {keeper}",
}

SAMPLED = {
    SAMPLE: "it lost the lot that its score weighs (select.sample); another select.seed draws other pages",
    MAX_PER_HOST: "its host gives select.max_per_host pages with a better score, or longer or earlier ones",
}


def because(outcome: Row, rules: list[Row], duplicates: list[Row], findings: list[Row]) -> str:
    """Of a page's outcome; `rules`, `duplicates` and `findings` as `explain` tells them."""
    reason, kind = outcome["reason"], outcome["outcome"]
    if kind == "kept":
        return "kept: it breaks no rule, nothing was found in it, and it is the copy that stands" + _pardons(rules)
    if kind == "filtered" and not any(one["rule"] == reason for one in findings):
        return f"filtered: {_rule(reason, rules)}"
    if kind == "duplicate":
        return f"duplicate: {_copy(outcome, duplicates)}"
    if kind == "rejected":
        return f"rejected: the record gave no page ({reason})"
    if kind == "removed":
        return f"removed: the takedown {reason} asked for it"
    if kind == "sampled":
        return f"sampled: {SAMPLED.get(reason, reason)}"
    return f"{kind}: {_finding(reason, findings)}"


def _pardons(rules: list[Row]) -> str:
    pardoned = [rule for rule in rules if rule.get("overruled_by") is not None]
    if not pardoned:
        return ""
    names = ", ".join(f"{rule['rule']} ({_against(rule)})" for rule in pardoned)
    return f"; its score {pardoned[0]['overruled_by']:.2f} overrules {names}"


def _rule(name: str | None, rules: list[Row]) -> str:
    rule = next((one for one in rules if one["rule"] == name), None)
    if rule is None:
        return f"{name}"
    others = sum(one["broken"] for one in rules) - 1
    more = f"; it breaks {others} more" if others > 0 else ""
    return f"{name}: {_against(rule)}{more}"


def _against(rule: Row) -> str:
    """`word_count 12 is below 50`."""
    value, low, high = rule["value"], rule["minimum"], rule["maximum"]
    measure = rule["measure"]
    if measure == "language":
        return "it is in none of the languages that are wanted, or in none that the model knows ('und')"
    if low is None and high is None:
        return f"its {measure} is listed, or is none of those wanted"
    if value is None:
        return f"{measure} is beyond its bound"
    side, bound = ("below", low) if low is not None and value < low else ("above", high)
    return f"{measure} {_number(value)} is {side} {_number(bound)}"


def _number(value: Any) -> str:
    return (
        f"{value:.3g}"
        if isinstance(value, float) and not float(value).is_integer()
        else f"{value:.0f}"
        if value is not None
        else "–"
    )


def _copy(outcome: Row, duplicates: list[Row]) -> str:
    """Of a record that was met twice, or of a document with a keeper."""
    own = [one for one in duplicates if one["doc_id"] == outcome["doc_id"]]
    again = [one for one in own if one["kind"] == "record" and one["warc_offset"] == outcome["warc_offset"]]
    found = next(iter(again or [one for one in own if one["kind"] != "record"] or own), None)
    if found is None:
        return f"a copy of {outcome['reason']}"
    keeper = found.get("keeper_url") or found["keeper_id"]
    within = f", among pages of {found['within'] or 'its folder'} alone" if found.get("within") is not None else ""
    return COPIES[found["kind"]].format(keeper=keeper, similarity=found.get("similarity") or 0.0) + within


def _finding(name: str | None, findings: list[Row]) -> str:
    found = next((one for one in findings if one["rule"] == name), None)
    return f"{name}: {found['reason']} (in its {found['field']})" if found else f"{name}"
