"""All that is said of a set of documents: means over them of what a model has memorised. For audits and certificates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.audit.membership import loss_score, min_k, min_k_plus_plus, zlib_score
from model.audit.memorisation import exact_memorisation, extraction_strength, probability, verbatim_extraction
from model.audit.overlap import rouge_l
from model.audit.scores import Scores, score_texts
from model.generate import SamplingSettings, generate
from model.network.transformer import Transformer
from model.texts import Text
from pipeline.errors import UsageError
from pipeline.settings import check_settings, setting

Decode = Callable[[np.ndarray], bytes]
_GENERATED_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """What the numbers depend on, beside model and documents."""

    context: int = setting(256, "tokens of a document that are read: its beginning, no longer than a row of training", minimum=2)
    prefix_tokens: int = setting(
        32, "given before a document is asked for; at most half of it", "Carlini et al. 2023 use 50", minimum=1
    )
    answer_tokens: int = setting(64, "generated after them, at most", "MUSE uses 128", minimum=1)
    min_k_share: float = setting(0.4, "of the tokens, the least likely", "MUSE; MIMIR uses 0.2", above=0, maximum=1)

    def __post_init__(self) -> None:
        check_settings(self)


class Metric(NamedTuple):
    """What a number is called, which published definition it follows, and how far from an oracle it may lie to be equal."""

    title: str
    definition: str
    margin: float


METRICS = {
    "extraction_strength": Metric("extraction strength", "1 - k/n, k the prefix needed (OpenUnlearning, end mended)", 0.1),
    "exact_memorisation": Metric("exact memorisation", "share of tokens said first (Tirumala et al. 2022)", 0.1),
    "verbatim_extraction": Metric("verbatim extraction", "share of documents said after their prefix (Carlini et al. 2023)", 0.1),
    "probability": Metric("probability", "p^(1/n) (TOFU 2.2.2)", 0.1),
    "rouge_l_recall": Metric("ROUGE-L recall", "greedy answer, no stemmer (Lin 2004, as TOFU)", 0.1),
    "rouge_l_f": Metric("ROUGE-L f", "greedy answer, no stemmer (Lin 2004, as MUSE VerbMem)", 0.1),
    "nats_per_token": Metric("nats per token", "-log p, mean over tokens", 0.25),
    "min_k": Metric("Min-K %", "mean log p of the least likely tokens (Shi et al. 2024)", 0.5),
    "min_k_plus_plus": Metric("Min-K %++", "the same, standardised over the vocabulary (Zhang et al. 2025)", 0.5),
}


class Audited(NamedTuple):
    """One document's numbers, by the names of METRICS."""

    values: dict[str, float]
    attacks: dict[str, float]  # greater means member
    tokens: int


def audit_documents(
    model: Transformer, documents: Sequence[np.ndarray], decode: Decode, settings: AuditSettings
) -> dict[str, float]:
    """Means over documents of every metric, nats per token over all tokens. Documents are token ids, `<|endoftext|>` first."""
    return mean_values(audit_each(model, texts_of(documents, settings), decode, settings))


def texts_of(documents: Sequence[np.ndarray], settings: AuditSettings) -> list[Text]:
    texts = [Text(np.asarray(document[: settings.context], np.int32)) for document in documents]
    if not texts or not all(text.scored for text in texts):
        raise UsageError("an audit needs documents, each of one token at least")
    return texts


def mean_values(audited: Sequence[Audited]) -> dict[str, float]:
    means = {name: float(np.mean([one.values[name] for one in audited])) for name in METRICS}
    tokens = np.array([one.tokens for one in audited])
    means["nats_per_token"] = float(np.average([one.values["nats_per_token"] for one in audited], weights=tokens))
    return {"documents": float(len(audited)), "tokens": float(tokens.sum())} | means


def audit_each(
    model: Transformer, texts: Sequence[Text], decode: Decode, settings: AuditSettings, *, answered: bool = True
) -> list[Audited]:
    """Each text's numbers; without `answered` nothing is generated, and the ROUGE values are left out."""
    scored = list(score_texts(model, texts))
    answers = greedy_answers(model, texts, settings) if answered else []
    audited = []
    for number, (text, scores) in enumerate(zip(texts, scored, strict=True)):
        values = _values(scores, text, settings)
        if answered:
            truth, said = decode(text.tokens[_asked_from(text, settings) :][: settings.answer_tokens]), decode(answers[number])
            rouge = rouge_l(truth.decode(errors="replace"), said.decode(errors="replace"))
            values |= {"rouge_l_recall": rouge.recall, "rouge_l_f": rouge.f}
        audited.append(Audited(values, attacks_on(scores, decode(text.tokens), settings), len(scores.logs)))
    return audited


def _values(scores: Scores, text: Text, settings: AuditSettings) -> dict[str, float]:
    asked = _asked_from(text, settings) - text.prompt
    return {
        "extraction_strength": extraction_strength(scores.best),
        "exact_memorisation": exact_memorisation(scores.best),
        "verbatim_extraction": float(verbatim_extraction(scores.best, asked)),
        "probability": probability(scores.logs),
        "nats_per_token": -loss_score(scores.logs),
        "min_k": min_k(scores.logs, settings.min_k_share),
        "min_k_plus_plus": min_k_plus_plus(scores.logs, scores.means, scores.variances, settings.min_k_share),
    }


def attacks_on(scores: Scores, text: bytes, settings: AuditSettings) -> dict[str, float]:
    """Scores of the membership attacks that need no other model."""
    return {
        "loss": loss_score(scores.logs),
        "zlib": zlib_score(scores.logs, text),
        "min_k": min_k(scores.logs, settings.min_k_share),
        "min_k_plus_plus": min_k_plus_plus(scores.logs, scores.means, scores.variances, settings.min_k_share),
    }


def _asked_from(text: Text, settings: AuditSettings) -> int:
    """Where a text is asked for: after its prompt if it has one, else after a prefix of at most half of it."""
    if text.prompt > 1:
        return text.prompt
    return max(1, min(settings.prefix_tokens, len(text.tokens) // 2))


def greedy_answers(model: Transformer, texts: Sequence[Text], settings: AuditSettings) -> list[np.ndarray]:
    """What the model says after each text's prompt or prefix: as many tokens as the text has left, at most `answer_tokens`."""
    answers: list[list[int]] = [[] for _ in texts]
    wanted = [min(settings.answer_tokens, len(text.tokens) - _asked_from(text, settings)) for text in texts]
    for first in range(0, len(texts), _GENERATED_AT_ONCE):
        part = range(first, min(len(texts), first + _GENERATED_AT_ONCE))
        prompts = [texts[number].tokens[: _asked_from(texts[number], settings)].tolist() for number in part]
        sampling = SamplingSettings(max_tokens=max(wanted[number] for number in part), temperature=0)
        end = int(texts[first].tokens[0])
        for tokens in generate(model, prompts, sampling, context=settings.context + 1, end=end):
            for number, token in zip(part, tokens, strict=True):
                if token is not None and len(answers[number]) < wanted[number]:
                    answers[number].append(token)
    return [np.array(answer, np.int64) for answer in answers]
