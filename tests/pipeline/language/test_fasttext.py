"""fastText classifiers of the user's: our kernel's answers beside fastText's own, and what happens when a file is none."""

import random
import struct
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pyarrow as pa
import pytest

from pipeline.arrays import flatten
from pipeline.errors import RecipeError
from pipeline.language.fasttext_file import NotAClassifierError, read_header
from pipeline.language.fasttext_model import read_fasttext
from pipeline.language.identify import LanguageSettings, identify
from tests.pipeline.language.texts import SENTENCES

KINDS: dict[str, dict[str, Any]] = {
    "softmax": {"loss": "softmax", "minn": 2, "maxn": 4, "bucket": 3000},
    "hierarchical": {"loss": "hs", "minn": 1, "maxn": 3, "bucket": 2000},
    "one against all": {"loss": "ova", "minn": 2, "maxn": 3, "bucket": 2000},
    "words and pairs": {"loss": "softmax", "wordNgrams": 2, "bucket": 4000},
    "words alone": {"loss": "softmax", "bucket": 0},
}


def lines() -> list[str]:
    rng = random.Random(4)
    words = {code: text.lower().strip(".。").split() for code, text in SENTENCES.items()}
    return [
        f"__label__{code}_Xxxx {' '.join(rng.choices(words[code], k=rng.randrange(1, 9)))}" for code in words for _ in range(40)
    ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("fasttext")
    text = folder / "train.txt"
    text.write_text("\n".join(lines()), "utf-8")
    files = {}
    for kind, arguments in KINDS.items():
        model = fasttext.train_supervised(str(text), dim=8, epoch=30, thread=1, seed=3, verbose=0, **arguments)
        files[kind] = folder / f"{kind}.bin"
        model.save_model(str(files[kind]))
        if kind == "softmax":
            model.quantize(str(text), qnorm=True, retrain=True, cutoff=1500, epoch=1, thread=1, verbose=0)
            files["pruned"] = folder / "pruned.ftz"
            model.save_model(str(files["pruned"]))
    rng, many = random.Random(5), folder / "many.txt"  # fastText quantises matrices of 256 rows and more
    many.write_text(
        "\n".join(f"__label__{number} {''.join(rng.choices('abcdef ', k=30))}" for number in [*range(300)] * 3), "utf-8"
    )
    model = fasttext.train_supervised(
        str(many), dim=8, epoch=5, thread=1, seed=3, verbose=0, loss="hs", minn=1, maxn=3, bucket=900
    )
    model.quantize(qnorm=False, qout=True, dsub=3)
    files["output quantised"] = folder / "output.ftz"
    model.save_model(str(files["output quantised"]))
    return files


@pytest.mark.parametrize("kind", [*KINDS, "pruned", "output quantised"])
def test_answers_are_those_of_fasttext(kind: str, trained: dict[str, Path]) -> None:
    close = 8e-3 if kind == "one against all" else 2e-5  # fastText reads that loss's sigmoid off a table of 512 values
    ours, theirs = read_fasttext(trained[kind]), fasttext.load_model(str(trained[kind]))
    asked = [line.split(" ", 1)[1] for line in lines()] + ["xyzzy", "a", "ü", "日本 語"]
    labels, confidence = ours.classified(flatten(pa.array(asked, pa.large_string())))
    for line, label, sure in zip(asked, labels, confidence, strict=True):
        told = theirs.f.predict(line + "\n", 2, 0.0, "strict")
        if not told:
            assert label == -1
            continue
        assert sure == pytest.approx(min(told[0][0], 1.0), abs=close)
        if len(told) < 2 or told[0][0] - told[1][0] > close:
            assert ours.names[label] == told[0][1]


def test_the_recipe_may_name_another_model(trained: dict[str, Path]) -> None:
    settings = LanguageSettings(model=str(trained["softmax"]))
    assert identify(pa.array([SENTENCES["de"], SENTENCES["ja"]]), settings).column("language").to_pylist() == ["de", "ja"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "too short"),
        (b"hello" * 100, "magic number"),
        (struct.pack("<2i", 793712314, 99) + bytes(200), "newer fastText"),
        (struct.pack("<2i", 793712314, 12) + bytes(200), "word vectors"),
    ],
)
def test_a_file_that_is_no_model_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(RecipeError, match=rf"language\.model: .*{message}"):
        identify(pa.array(["text"]), LanguageSettings(model=str(tmp_path / "model.bin")))


def test_a_missing_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"there is no file .*nowhere\.bin"):
        identify(pa.array(["text"]), LanguageSettings(model=str(tmp_path / "nowhere.bin")))


@pytest.mark.parametrize("kind", ["softmax", "pruned"])
def test_a_model_cut_off_anywhere_is_refused(kind: str, trained: dict[str, Path], tmp_path: Path) -> None:
    data, cut, rng = trained[kind].read_bytes(), tmp_path / "cut.bin", random.Random(1)
    for size in [1, 60, 100, len(data) - 1, len(data) // 2, *(rng.randrange(len(data)) for _ in range(20))]:
        cut.write_bytes(data[:size])
        with pytest.raises(NotAClassifierError):
            read_header(cut)


@pytest.mark.parametrize("kind", ["softmax", "hierarchical", "pruned", "output quantised"])
def test_a_model_with_other_numbers_in_it_is_refused_or_answers(kind: str, trained: dict[str, Path], tmp_path: Path) -> None:
    """Whatever a file says, no index leaves its array: changed bytes give an error or some label."""
    data, changed, rng = trained[kind].read_bytes(), tmp_path / "changed.bin", random.Random(2)
    text = flatten(pa.array([SENTENCES["de"].lower(), SENTENCES["ja"]], pa.large_string()))
    for _ in range(60):
        other = bytearray(data)
        place = rng.randrange(8, 4000 if rng.random() < 0.7 else len(data) - 4)
        other[place : place + 4] = struct.pack("<i", rng.choice([-1, 0, 1, 255, 70_000, rng.randrange(1 << 31)]))
        changed.write_bytes(bytes(other))
        try:
            model = read_fasttext(changed)
        except (NotAClassifierError, ValueError):
            continue
        labels, confidence = model.classified(text)
        assert ((labels >= -1) & (labels < len(model.names))).all() and len(confidence) == 2
        assert np.isnan(confidence).sum() <= 2
