"""`winnow audit`: what a run has memorised, whether its documents stand out from others, and whether it equals oracles.

Oracles are runs retrained without the texts in question. Fewer than five are shown beside the run but decide nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from jobs.runs.audit.audit_rows import (
    BESIDE,
    GIVEN,
    HELD_OUT,
    TRAINING,
    Known,
    attack_rows,
    memory_rows,
    privleak_rows,
    question_rows,
    relearning_rows,
)
from jobs.runs.audit.examples import example_groups
from jobs.runs.audit.prompts import Decode, decoder_of
from jobs.runs.audit.questions import Answers, ask, by_split, read_questions
from jobs.runs.audit.sampled_documents import Sampled, sampled
from jobs.runs.loaded import load_model
from jobs.runs.record import RunRecord, open_run_loader, tokenizer_of
from model.audit.documents import AuditSettings, audit_each, texts_of
from model.audit.membership import reference_score
from model.audit.relearn import relearning_curve
from model.audit.scores import score_texts
from model.checkpoint_files import read_state
from model.network.transformer import Transformer
from model.quantise.network import CodedTransformer, restored
from model.texts import Text
from model.training.parallel import device_of
from pipeline.errors import InputError, UsageError
from tokenizer.bpe.encode import Encoder


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is audited beside documents of the corpus."""

    texts: Path | None = None  # JSONL of {"text"}
    questions: Path | None = None  # JSONL, as jobs/runs/audit/questions.py reads it
    relearn_steps: int = 0  # of training on the given texts
    reference: Path | None = None  # a run, for the reference attack


def audit_run(
    run: Path,
    *,
    step: int | None = None,
    oracles: Sequence[Path] = (),
    asked: Asked | None = None,
    documents: int = 100,
    seed: int = 0,
    settings: AuditSettings | None = None,
    device: torch.device | None = None,
) -> dict[str, Any]:
    """{"run", "step", "documents", "held_out_by", "oracles", "identical_to", "equivalent", "settings", "rows"}; rows as `Row`."""
    model, record, chosen = load_model(run, step, device or device_of())
    settings = replace(settings or AuditSettings(), context=record.train_plan.row_tokens)
    loader = open_run_loader(run, record)
    encoder = Encoder(tokenizer_of(record))
    drawn = sampled(record.corpus, loader.manifest, documents, seed)
    asked = asked or Asked()
    groups = _groups(drawn, asked.texts, encoder, record, settings) | example_groups(run, documents, seed, settings.context)
    if asked.relearn_steps and GIVEN not in groups:
        raise UsageError("--relearn trains on given texts: name them with --texts")
    others = [_other(path, record, model.head_VE.device) for path in oracles]
    meter = Meter(groups, encoder, record, settings, asked, seed, model.head_VE.device)
    ours, theirs = meter.measure(model), [meter.measure(other) for other, _ in others]
    rows = [
        *attack_rows(ours, theirs, seed), *memory_rows(ours, theirs, seed), *privleak_rows(ours, theirs),
        *relearning_rows(ours, theirs, asked.relearn_steps), *question_rows(ours, theirs),
    ]  # fmt: skip
    sha256 = read_state(run, chosen).model_sha256
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


def _groups(
    drawn: Sampled, texts: Path | None, encoder: Encoder, record: RunRecord, settings: AuditSettings
) -> dict[str, list[Text]]:
    groups = {TRAINING: texts_of(drawn.members, settings), HELD_OUT: texts_of(drawn.held_out, settings)}
    if texts is not None:
        ids = [encoder.encode(pa.array([text])).ids for text in read_texts(texts)]
        groups[GIVEN] = texts_of([np.concatenate([[record.end_of_text], one]) for one in ids], settings)
    return groups


def read_texts(path: Path) -> list[str]:
    """ "text" of each line of a JSONL file."""
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
    if tokenizer_of(other) != tokenizer_of(record):
        raise UsageError(f"{run} has another tokenizer, so its numbers cannot be compared: name a run on the same tokenizer")
    return model, read_state(run, step).model_sha256


class Meter:
    """Measures models on the same texts."""

    def __init__(
        self,
        groups: dict[str, list[Text]],
        encoder: Encoder,
        record: RunRecord,
        settings: AuditSettings,
        asked: Asked,
        seed: int,
        device: torch.device,
    ) -> None:
        self._groups, self._encoder, self._plan, self._settings, self._seed = groups, encoder, record.train_plan, settings, seed
        self._decode: Decode = decoder_of(encoder)
        self._relearn_steps = asked.relearn_steps
        self._questions = None if asked.questions is None else by_split(read_questions(asked.questions), str(asked.questions))
        self._reference: dict[str, list[np.ndarray]] | None = None
        if asked.reference is not None:
            reference, _ = _other(asked.reference, record, device)
            self._reference = {name: [one.logs for one in score_texts(reference, texts)] for name, texts in groups.items()}

    def measure(self, model: Transformer) -> Known:
        audited = {
            name: audit_each(model, texts, self._decode, self._settings, answered=name in BESIDE)
            for name, texts in self._groups.items()
        }
        attacks = {
            name: {attack: np.array([one.attacks[attack] for one in found]) for attack in found[0].attacks}
            for name, found in audited.items()
        }
        for name, logs in (self._reference or {}).items():
            pairs = zip(score_texts(model, self._groups[name]), logs, strict=True)
            attacks[name]["reference"] = np.array([reference_score(ours.logs, its) for ours, its in pairs])
        return Known(audited, attacks, self._answers(model), self._relearned(model))

    def _answers(self, model: Transformer) -> Answers | None:
        return None if self._questions is None else ask(model, self._encoder, self._questions, self._settings, self._seed)

    def _relearned(self, model: Transformer) -> float | None:
        if not self._relearn_steps:
            return None
        model = restored(model) if isinstance(model, CodedTransformer) else model  # codes are not trained
        texts, steps = self._groups[GIVEN], self._relearn_steps
        return relearning_curve(model, texts, self._plan, steps=steps, every=steps, seed=self._seed)[-1].extraction_strength
