"""Sentences that tell a model what to do and do not belong to their page, by the two small models in models/sentences.npz.

The first gives every sentence two scores: order (it is said to a model) and request (people ask such things of an assistant). The
second looks at the few best of a page and how they stand in it: do their words occur elsewhere, is the page full of such
sentences, where are they, is it code. pipeline/models/sentences.md says what taught them; a sentence's score is 0.5 at the
threshold that was frozen there.
"""

import functools
from typing import NamedTuple

import numpy as np

from pipeline.arrays import FlatText
from pipeline.kernels.scores.sentence_scores import score_segments
from pipeline.language.letters import letter_tables
from pipeline.poison.words import cues
from pipeline.shipped import shipped

ORDER, REQUEST = 0, 1
BIAS = 4.0  # of the first model's logits: most sentences are neither
MIN_ORDER, MIN_REQUEST = -4.6, -4.2  # a sentence below both is not looked at again
CANDIDATES_PER_PAGE = 4
RIVAL_MARGIN = 1.5  # elsewhere on the page, nearly as much of an order
AROUND = 5  # sentences on either side that may belong to the same text
MAX_DEVIATIONS = 4.0
HIDDEN_ORDER, HIDDEN_REQUEST = -1.8, -0.7  # first logits that score 0.5 where no reader looks
MIN_HIDDEN_WORDS, SHORT_PENALTY = 4, 2.0  # of four letters or more: "skip to main content", "rate this product" are for visitors
SPREAD = 2.0  # logits of the second model to one of the score
SHIPPED_MODEL = shipped("pipeline/models/sentences.npz")
FEATURES = (
    "order",
    "request",
    "new_share",
    "new_words",
    "words",
    "rival_orders",
    "rival_requests",
    "near_order",
    "near_request",
    "around",
    "page_request",
    "code",
    "letters",
    "segments",
    "first",
    "last",
    "alone",
    "capital",
    "stopped",
    "asked",
    "listed",
    "bytes",
    "ascii",
)
WORDS = FEATURES.index("words")
PRODUCTS = (
    ("order", "new_share"),
    ("request", "new_share"),
    ("order", "request"),
    ("new_words", "order"),
    ("new_words", "request"),
    ("asked", "rival_requests"),
    ("asked", "request"),
    ("request", "rival_requests"),
    ("order", "rival_orders"),
    ("code", "order"),
    ("code", "request"),
    ("segments", "new_share"),
    ("words", "order"),
    ("words", "request"),
    ("order", "order"),
    ("request", "request"),
    ("around", "order"),
    ("segments", "request"),
    ("segments", "order"),
)
_CODE = np.zeros(256, bool)
_CODE[list(b"=(){}<>;_\\|*+$#%&~^[]/")] = True
_LETTER = np.zeros(256, bool)
_LETTER[[*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100)]] = True


class Model(NamedTuple):
    """Both models: weights [buckets, 2]; mean, deviation and coefficients of the second one's columns; the frozen threshold."""

    weights: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    coefficients: np.ndarray  # the last one is the constant
    threshold: float


class Candidates(NamedTuple):
    """The sentences worth a second look: rows [n], places [n, 2] in bytes of the column's data, features [n, len(FEATURES)]."""

    rows: np.ndarray
    places: np.ndarray
    features: np.ndarray


@functools.cache
def load() -> Model:
    """The model that ships; read once per process."""
    with np.load(SHIPPED_MODEL, allow_pickle=False) as stored:
        weights = stored["weights"].astype(np.float32) * np.float32(stored["scale"])
        return Model(weights, stored["mean"], stored["deviation"], stored["coefficients"], float(stored["threshold"]))


def judged(text: FlatText) -> tuple[Candidates, np.ndarray]:
    """The best sentences of every row and the score of each: 0.5 at the threshold."""
    model = load()
    found = candidates(text, model.weights)
    logits = second_logits(found.features, model)
    return found, 1.0 / (1.0 + np.exp((model.threshold - logits) / SPREAD))


def judged_hidden(text: FlatText) -> tuple[Candidates, np.ndarray]:
    """The same of text that no reader sees: there an order or a request needs no other ground to be out of place."""
    found = candidates(text, load().weights)
    order, request = found.features[:, ORDER], found.features[:, REQUEST]
    is_short = found.features[:, WORDS] < np.log1p(MIN_HIDDEN_WORDS) - 1e-6
    return found, 1.0 / (1.0 + np.exp(SHORT_PENALTY * is_short - np.maximum(order - HIDDEN_ORDER, request - HIDDEN_REQUEST)))


def second_logits(features: np.ndarray, model: Model) -> np.ndarray:
    columns = np.clip((design(features) - model.mean) / model.deviation, -MAX_DEVIATIONS, MAX_DEVIATIONS)
    logits: np.ndarray = (columns * model.coefficients[:-1]).sum(axis=1) + model.coefficients[-1]  # by row, in any batch
    return np.round(logits, 6)


def design(features: np.ndarray) -> np.ndarray:
    """The columns of the second model: the features, the scores above and below a knee, and products."""
    at = {name: features[:, number].astype(np.float64) for number, name in enumerate(FEATURES)}
    knees = [np.maximum(at[name], knee) for name in ("order", "request") for knee in (-2.0, 0.0)]
    return np.column_stack([*at.values(), *knees, *(at[one] * at[other] for one, other in PRODUCTS)])


def candidates(text: FlatText, weights: np.ndarray) -> Candidates:
    """The best few sentences of every row, by row and place."""
    folded, _ = letter_tables()
    shift = 65 - len(weights).bit_length()
    first, places, scores, content = score_segments(text.data, text.offsets, folded, *cues.tables(), weights, shift)
    scores -= BIAS
    rows = np.repeat(np.arange(len(first) - 1), np.diff(first))
    above = np.maximum(scores[:, ORDER] - MIN_ORDER, scores[:, REQUEST] - MIN_REQUEST)
    interesting = np.flatnonzero((above > 0) & (content[:, 0] >= 2))
    interesting = interesting[np.lexsort((-above[interesting], rows[interesting]))]
    rank = np.arange(len(interesting)) - np.searchsorted(rows[interesting], rows[interesting])
    chosen = np.sort(interesting[rank < CANDIDATES_PER_PAGE])
    features = np.zeros((len(chosen), len(FEATURES)), np.float32)
    for at, segment in enumerate(chosen):
        page = slice(first[rows[segment]], first[rows[segment] + 1])
        inside = segment - page.start
        features[at] = _in_context(text.data, inside, places[page], scores[page], content[segment])
    return Candidates(rows[chosen], places[chosen], features)


def _in_context(data: np.ndarray, segment: int, places: np.ndarray, scores: np.ndarray, content: np.ndarray) -> tuple[float, ...]:
    """FEATURES of one sentence among the sentences of its page, all but the last."""
    start, stop = places[segment]
    body = data[start:stop]
    visible = body[body > 32]
    size = max(1, len(visible))
    words, new = content
    begins, ends = max(0, segment - 1), segment + 2
    others = np.concatenate((scores[:begins], scores[ends:]))
    near = np.concatenate((scores[begins:segment], scores[segment + 1 : ends]))
    around = np.concatenate((scores[max(0, segment - AROUND) : segment], scores[segment + 1 : segment + 1 + AROUND]))
    rivals = (others > scores[segment] - RIVAL_MARGIN).sum(0)
    first, last = (visible[0], visible[-1]) if len(visible) else (0, 0)
    opens = start == places[0][0] or data[start - 1] == 10
    return (
        *scores[segment],
        new / max(1, words),
        np.log1p(new),
        np.log1p(words),
        *np.log1p(rivals),
        *(near.max(0) if len(near) else (-BIAS, -BIAS)),
        np.maximum(around[:, ORDER] - MIN_ORDER, 0).sum(),
        others[:, REQUEST].mean() if len(others) else -BIAS,
        _CODE[visible].sum() / size,
        _LETTER[visible].sum() / size,
        np.log1p(len(scores)),
        float(segment < 2),
        float(len(scores) - segment <= 2),
        float(opens and body[-1] == 10),
        float(0x41 <= first <= 0x5A or first > 0x80),
        float(last in b'.!"' or last > 0x80),
        float(last == 0x3F),
        float(first in b"-*>|" and first > 0),
        np.log1p(size),
        (visible < 0x80).sum() / size,
    )
