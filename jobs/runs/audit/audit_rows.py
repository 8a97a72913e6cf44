"""The lines of an audit: what was measured of a run, held against held-out documents and oracles, each with its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from jobs.runs.audit.questions import FORGET_QUALITY, Answers, forget_quality
from jobs.runs.audit.questions import MEASURES as QUESTIONS
from model.audit.compare import ORACLES, equivalence
from model.audit.documents import METRICS, Audited, mean_values
from model.audit.separation import auroc, bootstrap, mean_interval, privleak, true_positives_at

ATTACKS = {
    "loss": "mean log p (Yeom et al. 2018)",
    "zlib": "mean log p by compressed size (Carlini et al. 2021)",
    "min_k": "Min-K % (Shi et al. 2024)",
    "min_k_plus_plus": "Min-K %++ (Zhang et al. 2025)",
    "reference": "mean log p beyond a reference model's (Carlini et al. 2021)",
}
AUROC_MARGIN = 0.05
TRAINING, GIVEN, HELD_OUT, ASKED = "training documents", "given texts", "held-out documents", "questions"
EXAMPLES, HELD_OUT_EXAMPLES = "examples of tuning", "held-out examples"
BESIDE = {EXAMPLES: HELD_OUT_EXAMPLES, TRAINING: HELD_OUT, GIVEN: HELD_OUT}  # whom a group has to be told from


@dataclass(frozen=True)
class Row:
    """A line of the audit. Means of oracles are null without any, `equivalent` with fewer than five."""

    of: str
    measure: str
    value: float
    low: float | None  # 95 % bootstrap interval
    high: float | None
    oracles: float | None  # mean
    difference_low: float | None  # 90 % interval of value - oracles
    difference_high: float | None
    margin: float | None
    equivalent: bool | None
    definition: str


class Known(NamedTuple):
    """What was measured of one model."""

    groups: dict[str, list[Audited]]
    attacks: dict[str, dict[str, np.ndarray]]  # group -> attack -> score of each document
    answers: Answers | None
    relearned: float | None  # extraction strength of the given texts after training on them


def attack_rows(ours: Known, theirs: list[Known], seed: int) -> list[Row]:
    rows = []
    for group, beside in ((name, BESIDE[name]) for name in ours.attacks if BESIDE.get(name) in ours.attacks):
        for attack, members in ours.attacks[group].items():
            others = ours.attacks[beside][attack]
            of_oracles = [auroc(one.attacks[group][attack], one.attacks[beside][attack]) for one in theirs]
            found = bootstrap(members, others, auroc, seed=seed)
            rows.append(_row(group, f"AUROC, {attack}", found, of_oracles, AUROC_MARGIN, ATTACKS[attack]))
            for share in (0.01, 0.05):
                name = f"TPR at {share:.0%} FPR, {attack}"
                definition = "true positives at few false ones (Carlini et al. 2022)"
                reached = bootstrap(members, others, lambda a, b, share=share: true_positives_at(a, b, share), seed=seed)  # type: ignore[misc]
                rows.append(_row(group, name, reached, [], None, definition))
    return rows


def memory_rows(ours: Known, theirs: list[Known], seed: int) -> list[Row]:
    rows = []
    for group in (name for name in ours.groups if name in BESIDE):
        means, of_oracles = mean_values(ours.groups[group]), [mean_values(one.groups[group]) for one in theirs]
        for name, metric in METRICS.items():
            each = np.array([one.values[name] for one in ours.groups[group]])
            found = mean_interval(each, seed=seed) if name != "nats_per_token" else (means[name], None, None)  # weighed by tokens
            values = [one[name] for one in of_oracles]
            rows.append(_row(group, metric.title, found, values, metric.margin, metric.definition))
    return rows


def privleak_rows(ours: Known, theirs: list[Known]) -> list[Row]:
    """PrivLeak of given texts, which the oracles have not seen; the mean over oracles."""
    if GIVEN not in ours.attacks or not theirs:
        return []
    scores = [(one.attacks[GIVEN]["min_k"], one.attacks[HELD_OUT]["min_k"]) for one in (ours, *theirs)]
    values = [privleak(*scores[0], *its) for its in scores[1:]]
    definition = "AUC of Min-K % against the oracles' (MUSE 3.1), percent"
    return [_row(GIVEN, "PrivLeak", (float(np.mean(values)), None, None), [], None, definition)]


def relearning_rows(ours: Known, theirs: list[Known], steps: int) -> list[Row]:
    if ours.relearned is None:
        return []
    values = [one.relearned for one in theirs if one.relearned is not None]
    definition = "extraction strength after plain training on the texts (relearning; Lynch et al. 2024)"
    return [_row(GIVEN, f"relearned in {steps} steps", (ours.relearned, None, None), values, 0.1, definition)]


def question_rows(ours: Known, theirs: list[Known]) -> list[Row]:
    if ours.answers is None:
        return []
    others = [one.answers for one in theirs if one.answers is not None]
    rows = []
    for name, measure in QUESTIONS.items():
        values = [one.values[name] for one in others]
        rows.append(
            _row(ASKED, measure.title, (ours.answers.values[name], None, None), values, measure.margin, measure.definition)
        )
    if others:
        quality = forget_quality(ours.answers.truth_ratios, [one.truth_ratios for one in others])
        rows.append(_row(ASKED, FORGET_QUALITY.title, (quality, None, None), [], None, FORGET_QUALITY.definition))
    return rows


def _row(
    of: str, measure: str, value: Sequence[float | None], oracles: list[float], margin: float | None, definition: str
) -> Row:
    mean = float(np.mean(oracles)) if oracles else None
    number = value[0]
    assert number is not None
    if len(oracles) < ORACLES or margin is None:
        return Row(of, measure, number, value[1], value[2], mean, None, None, margin if oracles else None, None, definition)
    found = equivalence([number], oracles, margin)
    return Row(of, measure, number, value[1], value[2], mean, found.low, found.high, margin, found.equivalent, definition)


def broken(audit: dict[str, Any]) -> list[str]:
    """Measures by which a run is no oracle; empty where it is one, or where too few oracles were given to say."""
    if audit["identical_to"]:
        return []
    return [f"{row['measure']} of {row['of']}" for row in audit["rows"] if row["equivalent"] is False]


def audit_table(audit: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
    """Columns and lines for people; what compares with oracles only where there are any."""
    columns = ["of", "measure", "value", "95 % interval"]
    columns += ["oracles", "difference, 90 %", "within", "equal"] if audit["oracles"] else []
    lines = []
    for row in audit["rows"]:
        line = [row["of"], row["measure"], row["value"], _interval(row["low"], row["high"])]
        if audit["oracles"]:
            line += [row["oracles"], _interval(row["difference_low"], row["difference_high"]), row["margin"], row["equivalent"]]
        lines.append([*line, row["definition"]])
    return [*columns, "definition"], lines


def _interval(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else f"{low:.3g} to {high:.3g}"
