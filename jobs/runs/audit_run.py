"""`winnow audit`: what a run has memorised, whether its documents can be told from others, and whether it equals oracles.

Oracles are runs retrained without the texts in question. Fewer than five are shown beside the run but decide nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import torch

from jobs.runs.folder import RunRecord, load_model, open_run_loader, read_tokenizer_json
from jobs.runs.sampled_documents import Sampled, sampled
from model import checkpoint
from model.audit.compare import ORACLES, equivalence
from model.audit.documents import METRICS, Audited, AuditSettings, audit_each, mean_values, texts_of
from model.audit.membership import reference_score
from model.audit.scores import score_texts
from model.audit.separation import auroc, bootstrap, privleak, true_positives_at
from model.texts import Text
from model.transformer import Transformer
from pipeline.errors import InputError, UsageError
from tokenizer.encode import Encoder

ATTACKS = {
    "loss": "mean log p (Yeom et al. 2018)",
    "zlib": "mean log p by compressed size (Carlini et al. 2021)",
    "min_k": "Min-K % (Shi et al. 2024)",
    "min_k_plus_plus": "Min-K %++ (Zhang et al. 2025)",
    "reference": "mean log p beyond a reference model's (Carlini et al. 2021)",
}
AUROC_MARGIN = 0.05
TRAINING, GIVEN, HELD_OUT = "training documents", "given texts", "held-out documents"


@dataclass(frozen=True)
class Row:
    """A line of the audit. Means of oracles are null without any, `equivalent` with fewer than five."""

    of: str
    measure: str
    value: float
    low: float | None            # 95 % bootstrap interval
    high: float | None
    oracles: float | None        # mean
    difference_low: float | None  # 90 % interval of value - oracles
    difference_high: float | None
    margin: float | None
    equivalent: bool | None
    definition: str


class Known(NamedTuple):
    """What was measured of one model."""

    groups: dict[str, list[Audited]]
    attacks: dict[str, dict[str, np.ndarray]]  # group -> attack -> score of each document


Decode = Callable[[np.ndarray], bytes]


def audit_run(
    run: Path,
    *,
    step: int | None = None,
    oracles: Sequence[Path] = (),
    reference: Path | None = None,
    texts: Path | None = None,
    documents: int = 100,
    seed: int = 0,
    settings: AuditSettings | None = None,
) -> dict[str, Any]:
    """{"run", "step", "documents", "held_out_by", "oracles", "identical_to", "equivalent", "settings", "rows"}; rows as `Row`."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model, record, chosen = load_model(run, step, device)
    settings = replace(settings or AuditSettings(), context=record.train_plan.row_tokens)
    loader = open_run_loader(run, record)
    encoder = Encoder(read_tokenizer_json(record.corpus))
    drawn = sampled(record.corpus, loader.manifest, documents, seed)
    groups = _groups(drawn, texts, encoder, record, settings)
    decode = decoder_of(encoder)
    others = [_other(path, record, device) for path in oracles]
    referred = None if reference is None else _other(reference, record, device)[0]
    ours = measure(model, groups, decode, settings, referred)
    theirs = [measure(other, groups, decode, settings, referred) for other, _ in others]
    rows = [*_attack_rows(ours, theirs, seed), *_memory_rows(ours, theirs), *_privleak_rows(ours, theirs)]
    sha256 = checkpoint.read_state(run, chosen).model_sha256
    identical = [str(path) for path, (_, its) in zip(oracles, others, strict=True) if its == sha256]
    verdicts = [row.equivalent for row in rows if row.equivalent is not None]
    return {
        "run": str(run),
        "step": chosen,
        "documents": {name: len(group) for name, group in groups.items()},
        "held_out_by": loader.manifest.validation_unit,
        "oracles": [str(path) for path in oracles],
        "identical_to": identical,
        "equivalent": True if identical else (all(verdicts) if verdicts else None),
        "settings": asdict(settings),
        "rows": [asdict(row) for row in rows],
    }


def decoder_of(encoder: Encoder) -> Decode:
    """Tokens to bytes; nothing for the rows that round the vocabulary up."""
    return lambda ids: encoder.decode(ids[ids < len(encoder.vocabulary)])


def _groups(
    drawn: Sampled, texts: Path | None, encoder: Encoder, record: RunRecord, settings: AuditSettings
) -> dict[str, list[Text]]:
    groups = {TRAINING: texts_of(drawn.members, settings), HELD_OUT: texts_of(drawn.held_out, settings)}
    if texts is not None:
        ids = [encoder.encode(pa.array([text])).ids for text in read_texts(texts)]
        groups[GIVEN] = texts_of([np.concatenate([[record.end_of_text], one]) for one in ids], settings)
    return groups


def read_texts(path: Path) -> list[str]:
    """"text" of each line of a JSONL file."""
    try:
        found = [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f'{path} cannot be read ({error!r}): each line is {{"text": …}}') from error
    if not found or not all(isinstance(text, str) and text.strip() for text in found):
        raise InputError(f"{path} has {len(found)} texts: give one at least, and none empty")
    return found


def _other(run: Path, record: RunRecord, device: torch.device) -> tuple[Transformer, str]:
    """(newest model, its sha256) of a run with the same tokenizer."""
    model, other, step = load_model(run, None, device)
    if read_tokenizer_json(other.corpus) != read_tokenizer_json(record.corpus):
        raise UsageError(f"{run} has another tokenizer, so its numbers cannot be compared: name a run on the same tokenizer")
    return model, checkpoint.read_state(run, step).model_sha256


def measure(
    model: Transformer, groups: dict[str, list[Text]], decode: Decode, settings: AuditSettings, reference: Transformer | None
) -> Known:
    audited = {
        name: audit_each(model, texts, decode, settings, answered=name != HELD_OUT) for name, texts in groups.items()
    }
    attacks = {
        name: {attack: np.array([one.attacks[attack] for one in found]) for attack in found[0].attacks}
        for name, found in audited.items()
    }
    if reference is not None:
        for name, texts in groups.items():
            pairs = zip(score_texts(model, texts), score_texts(reference, texts), strict=True)
            attacks[name]["reference"] = np.array([reference_score(ours.logs, its.logs) for ours, its in pairs])
    return Known(audited, attacks)


def _attack_rows(ours: Known, theirs: list[Known], seed: int) -> list[Row]:
    rows = []
    for group in (name for name in ours.attacks if name != HELD_OUT):
        for attack, members in ours.attacks[group].items():
            others = ours.attacks[HELD_OUT][attack]
            of_oracles = [auroc(one.attacks[group][attack], one.attacks[HELD_OUT][attack]) for one in theirs]
            found = bootstrap(members, others, auroc, seed=seed)
            rows.append(_row(group, f"AUROC, {attack}", found, of_oracles, AUROC_MARGIN, ATTACKS[attack]))
            for share in (0.01, 0.05):
                name = f"TPR at {share:.0%} FPR, {attack}"
                told = "true positives at few false ones (Carlini et al. 2022)"
                reached = bootstrap(members, others, lambda a, b, share=share: true_positives_at(a, b, share), seed=seed)  # type: ignore[misc]
                rows.append(_row(group, name, reached, [], None, told))
    return rows


def _memory_rows(ours: Known, theirs: list[Known]) -> list[Row]:
    rows = []
    for group in (name for name in ours.groups if name != HELD_OUT):
        means, of_oracles = mean_values(ours.groups[group]), [mean_values(one.groups[group]) for one in theirs]
        for name, metric in METRICS.items():
            values = [one[name] for one in of_oracles]
            rows.append(_row(group, metric.title, (means[name], None, None), values, metric.margin, metric.definition))
    return rows


def _privleak_rows(ours: Known, theirs: list[Known]) -> list[Row]:
    """PrivLeak of given texts, which the oracles have not seen; the mean over oracles."""
    if GIVEN not in ours.attacks or not theirs:
        return []
    scores = [(one.attacks[GIVEN]["min_k"], one.attacks[HELD_OUT]["min_k"]) for one in (ours, *theirs)]
    values = [privleak(*scores[0], *its) for its in scores[1:]]
    definition = "AUC of Min-K % against the oracles' (MUSE 3.1), percent"
    return [_row(GIVEN, "PrivLeak", (float(np.mean(values)), None, None), [], None, definition)]


def _row(
    of: str, measure: str, value: Sequence[float | None], oracles: list[float], margin: float | None, definition: str
) -> Row:
    mean = float(np.mean(oracles)) if oracles else None
    told = value[0]
    assert told is not None
    if len(oracles) < ORACLES or margin is None:
        return Row(of, measure, told, value[1], value[2], mean, None, None, margin if oracles else None, None, definition)
    found = equivalence([told], oracles, margin)
    return Row(of, measure, told, value[1], value[2], mean, found.low, found.high, margin, found.equivalent, definition)


def broken(told: dict[str, Any]) -> list[str]:
    """Measures by which a run is no oracle; empty where it is one, or where too few oracles were given to say."""
    if told["identical_to"]:
        return []
    return [f"{row['measure']} of {row['of']}" for row in told["rows"] if row["equivalent"] is False]


def audit_table(told: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
    """Columns and lines for people; what compares with oracles only where there are any."""
    columns = ["of", "measure", "value", "95 % interval"]
    columns += ["oracles", "difference, 90 %", "within", "equal"] if told["oracles"] else []
    lines = []
    for row in told["rows"]:
        line = [row["of"], row["measure"], row["value"], _interval(row["low"], row["high"])]
        if told["oracles"]:
            line += [row["oracles"], _interval(row["difference_low"], row["difference_high"]), row["margin"], row["equivalent"]]
        lines.append([*line, row["definition"]])
    return [*columns, "definition"], lines


def _interval(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else f"{low:.3g} to {high:.3g}"
