"""Which language a page is written in: a fastText model shown a small sample of the page's letters.

    identify(pa.array(["Ein kurzer Satz."]), LanguageSettings())  ->  language "de", confidence 0.9…

The sample is taken by pipeline/kernels/letters.py: up to WINDOWS × WINDOW_BYTES bytes of letters spread over the page, lower
case, and only those of the page's main script (by UTF-8 bytes), because code and names in Latin letters stand in pages of
every script and would outvote a Japanese manual. Digits, punctuation and symbols are never shown: a page without letters is
"und" with confidence 0.

pipeline/teach/language.py makes the model that ships (pipeline/models/langid.md).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pyarrow as pa

from pipeline.errors import RecipeError
from pipeline.hashing import stream_sha256
from pipeline.language.codes import language_of_label
from pipeline.language.fasttext_file import NotAClassifierError, read_header
from pipeline.language.letters import letter_samples
from pipeline.settings import check_settings, setting
from pipeline.shipped import shipped

SHIPPED_MODEL = shipped("pipeline/models/langid.ftz")
SHIPPED_SHA256 = "e1e9e7dbd44895384c80884f64fb50ce86a823fe7493d73cfdc54e31b54d07bb"  # `train` prints it
UNDETERMINED = "und"  # ISO 639-2
IDENTIFIED = pa.schema([("language", pa.string()), ("confidence", pa.float32())])


@dataclass(frozen=True, kw_only=True)
class LanguageSettings:
    """Which model to ask, and when not to believe it."""

    model: str | None = setting(
        None,
        "path of a fastText classifier (lid.176.bin, GlotLID, …); none: the one that ships",
        "pipeline/models/langid.md",
        content="file",
    )
    min_letters: int = setting(4, "a page with fewer letters than this has no language ('und')", "winnow", minimum=1)
    min_confidence: float = setting(
        0.0,
        "a page identified with less confidence than this is 'und'; its confidence stays",
        "winnow: quality.language judges",
        minimum=0,
        maximum=1,
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "language.")


@functools.lru_cache(maxsize=4)
def load(path: str | None) -> Any:
    """The fastText classifier at `path`, or the one that ships; read once per process."""
    file = SHIPPED_MODEL if path is None else Path(path)
    if not file.is_file():
        raise RecipeError(f"language.model: there is no file {file}; give the path of a fastText classifier, or leave it out")
    if path is None and model_sha256(None) != SHIPPED_SHA256:
        raise RecipeError(f"language.model: {file} is not the model this version ships (SHA-256 differs); install winnow again")
    try:
        read_header(file)
        return fasttext.load_model(str(file))
    except NotAClassifierError as error:
        raise RecipeError(f"language.model: {file} {error}; give the path of a fastText classifier") from error
    except (OSError, ValueError, MemoryError, RuntimeError) as error:
        raise RecipeError(f"language.model: fastText cannot read {file}: {error}") from error


@functools.lru_cache(maxsize=4)
def model_sha256(path: str | None) -> str:
    """What a stage's fingerprint should hold of the model: the same recipe with another file is another stage."""
    try:
        with (SHIPPED_MODEL if path is None else Path(path)).open("rb") as file:
            return stream_sha256(file)
    except OSError as error:
        raise RecipeError(f"language.model: {path or SHIPPED_MODEL} cannot be read: {error.strerror}; check the path") from error


def predict(model: Any, lines: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """(label, probability) of each line; an empty line has no label. Past fasttext's wrapper, which is slower and checks less."""
    labels, probabilities = model.f.multilinePredict([line + "\n" for line in lines], 1, 0.0, "strict")
    best = np.fromiter((given[0] if len(given) else 0.0 for given in probabilities), np.float32, count=len(lines))
    return [given[0] if len(given) else "" for given in labels], np.minimum(best, 1.0)  # fastText may say 1.00001


def identify(text: pa.Array | pa.ChunkedArray, settings: LanguageSettings) -> pa.RecordBatch:
    """Language and confidence of every row (schema IDENTIFIED); null and letterless rows are "und" with confidence 0."""
    samples, letters = letter_samples(text)
    labels, confidence = predict(load(settings.model), samples)
    silent = letters < settings.min_letters
    confidence[silent] = 0.0
    unsure = silent | (confidence < settings.min_confidence)
    languages = [UNDETERMINED if skip else language_of_label(label) for label, skip in zip(labels, unsure, strict=True)]
    return pa.record_batch([pa.array(languages, pa.string()), pa.array(confidence, pa.float32())], schema=IDENTIFIED)
