"""Which language a page is written in: a model shown a small sample of the page's letters.

    identify(pa.array(["Ein kurzer Satz."]), LanguageSettings())  ->  language "de", confidence 0.9…, share 1.0

A page is cut into up to PARTS parts; of each the first PART_BYTES bytes of letters are shown, lower case, and only those of the
part's main script (by UTF-8 bytes), because code and names in Latin letters stand in pages of every script and would outvote a
Japanese manual. The parts in the page's main script decide together. Digits, punctuation and symbols are never shown: a page
without letters is "und" with confidence 0, and so is one of which a model says that it is in none of its languages.

`share` tells how much of the page is in its language: each part is asked by itself as well. The model that ships
(pipeline/models/langid.md, made by pipeline/teach/languages) may answer "none of mine"; any fastText classifier may stand in its
place.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.errors import RecipeError
from pipeline.hashing import stream_sha256
from pipeline.kernels.language.parts import cut_parts
from pipeline.kernels.letters import sample_parts
from pipeline.language.codes import language_of_label
from pipeline.language.fasttext_file import NotAClassifierError
from pipeline.language.fasttext_model import read_fasttext
from pipeline.language.letters import letter_tables
from pipeline.language.model import NONE, Answers, Parts, read_model
from pipeline.quality.plain_letters import plain_letters
from pipeline.settings import check_settings, setting
from pipeline.shipped import shipped

SHIPPED_MODEL = shipped("pipeline/models/langid.npz")
SHIPPED_SHA256 = "19dbdbd20c232b9685c4db3bed5201705a4e49a1d7d68ce95513542f98dd6ca9"  # its data sheet has it
UNDETERMINED = "und"  # ISO 639-2
IDENTIFIED = pa.schema([("language", pa.string()), ("confidence", pa.float32()), ("share", pa.float32())])
PARTS, PART_BYTES, SCRIPT_WINDOWS = 8, 80, 4
SURE_PART = 0.5  # a part that is named with less says nothing of the share


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


class Model(Protocol):
    """What is asked: `names` are labels by their numbers."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def answer(self, parts: Parts) -> tuple[Answers, Answers]: ...


@functools.lru_cache(maxsize=4)
def load(path: str | None) -> Model:
    """The classifier at `path`, or the one that ships; read once per process."""
    file = SHIPPED_MODEL if path is None else Path(path)
    if not file.is_file():
        raise RecipeError(f"language.model: there is no file {file}; give the path of a fastText classifier, or leave it out")
    if path is None and model_sha256(None) != SHIPPED_SHA256:
        raise RecipeError(f"language.model: {file} is not the model this version ships (SHA-256 differs); install winnow again")
    try:
        return read_model(file) if path is None else read_fasttext(file)
    except NotAClassifierError as error:
        raise RecipeError(f"language.model: {file} {error}; give the path of a fastText classifier") from error
    except (OSError, ValueError, MemoryError) as error:
        raise RecipeError(f"language.model: {file} cannot be read: {error}; give the path of a fastText classifier") from error


@functools.lru_cache(maxsize=4)
def model_sha256(path: str | None) -> str:
    """What a stage's fingerprint should hold of the model: the same recipe with another file is another stage."""
    try:
        with (SHIPPED_MODEL if path is None else Path(path)).open("rb") as file:
            return stream_sha256(file)
    except OSError as error:
        raise RecipeError(f"language.model: {path or SHIPPED_MODEL} cannot be read: {error.strerror}; check the path") from error


def identify(text: pa.Array | pa.ChunkedArray, settings: LanguageSettings) -> pa.RecordBatch:
    """Language, confidence and share of every row (schema IDENTIFIED); null and letterless rows are "und" with confidence 0."""
    model = load(settings.model)
    parts, letters = shown(flatten(text))
    of_parts, of_pages = model.answer(parts)
    codes = np.array([*map(language_of_label, model.names), UNDETERMINED])  # the last is what NONE = -1 finds
    silent = np.add.reduceat(np.append(letters * parts.counts, 0), parts.bounds[:-1]) < settings.min_letters
    confidence = np.where(silent, np.float32(0), of_pages.confidence)
    unsure = silent | (of_pages.labels == NONE) | (confidence < np.float32(settings.min_confidence))
    languages = np.where(unsure, UNDETERMINED, codes[of_pages.labels])
    share = language_share(languages, parts.bounds, letters, codes[of_parts.labels], of_parts)
    columns = [pa.array(languages.tolist(), pa.string()), pa.array(confidence, pa.float32()), share]
    return pa.record_batch(columns, schema=IDENTIFIED)


def shown(flat: FlatText) -> tuple[Parts, np.ndarray]:
    """What a model is shown of each page, and how many letters each part has."""
    cuts, bounds = cut_parts(*flat, PARTS, PART_BYTES)
    data, offsets, letters, in_script = sample_parts(flat.data, cuts, bounds, *letter_tables(), SCRIPT_WINDOWS, PART_BYTES)
    data.flags.writeable = offsets.flags.writeable = False
    return Parts(plain_samples(FlatText(data, offsets)), bounds, in_script), letters


def language_share(languages: np.ndarray, bounds: np.ndarray, letters: np.ndarray, said: np.ndarray, parts: Answers) -> pa.Array:
    """float32 [pages]: of the letters of parts that are surely in some language or in none of ours, those in the page's; null
    where there are none."""
    page = np.repeat(np.arange(len(languages)), np.diff(bounds))
    sure = letters * ((parts.confidence >= SURE_PART) | (parts.labels == NONE))
    known = np.bincount(page, sure, len(languages))
    own = np.bincount(page, sure * (said == languages[page]), len(languages))
    has = (known > 0) & (languages != UNDETERMINED)
    return pa.array((own / np.maximum(1, known)).astype(np.float32), pa.float32(), mask=~has)


def plain_samples(samples: FlatText) -> FlatText:
    """Composed letters without points: decomposed Vietnamese and pointed Hebrew are what the model was taught."""
    offsets, data = (pa.py_buffer(np.ascontiguousarray(part)) for part in (samples.offsets, samples.data))
    rows = pa.Array.from_buffers(pa.large_string(), len(samples.offsets) - 1, [None, offsets, data])
    return flatten(plain_letters(rows))
