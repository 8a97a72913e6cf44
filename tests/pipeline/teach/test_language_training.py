"""How the language model is taught: what is held out, what is noise, and that a seed is enough to have it again."""

import hashlib
import random
from pathlib import Path

import numpy as np
import pytest

from pipeline.language.model import alone, read_model, write_model
from pipeline.teach.languages import certainty, clean, examples, learn, measure
from pipeline.teach.languages.__main__ import main as command
from pipeline.teach.languages.__main__ import teach
from pipeline.teach.languages.clean import drop_foreign
from pipeline.teach.languages.corpus import NEAR, Corpus, Lines, letter_runs, split
from pipeline.teach.languages.labels import label_of_declaration, language_of
from pipeline.teach.languages.measure import macro_f1, named
from pipeline.teach.languages.noise import KINDS, noise
from pipeline.teach.languages.pages import LONGEST, SHORTEST, pages_of

WORDS = {
    "xa": "tala moru kine sopa reda",
    "xb": "vuul geest draad woerd klaai",
    "-xc": "ngo mbu kpa gbe nwa",
    "xd": "shtë qyr zhbë llan dhrë",
}


def corpus() -> Corpus:
    rng, made = random.Random(1), Corpus()
    for label, words in WORDS.items():
        lines = [" ".join(rng.choices(words.split(), k=8)) for _ in range(40)]
        (made.declarations if label == "-xc" else made.sentences)[label] = Lines(lines[:32], lines[32:])
    return made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "SENTENCES", 60)
    monkeypatch.setattr(examples, "UNCLAIMED", 60)
    monkeypatch.setattr(examples, "NOISE_LINES", 60)
    monkeypatch.setattr(learn, "PASSES", 2)
    monkeypatch.setattr(learn, "NOISE_GRAMS_LINES", 120)
    monkeypatch.setattr(certainty, "NOISE_LINES", 60)
    monkeypatch.setattr(measure, "NOISE_LINES", 120)
    monkeypatch.setattr(measure, "PAGES", 4)
    monkeypatch.setattr(certainty, "FOLDS", 2)
    monkeypatch.setattr(certainty, "CLAIMED_PAGES", 20)
    monkeypatch.setattr(certainty, "NOISE_PAGES", 20)


def test_near_duplicates_never_stand_on_both_sides() -> None:
    rng = random.Random(3)
    words = [f"word{chr(97 + rng.randrange(26))}{chr(97 + rng.randrange(26))}" for _ in range(200)]
    sentences = [" ".join(rng.choice(words) for _ in range(12)) for _ in range(300)]
    sentences += [sentence + " tail" for sentence in sentences]
    training, held_out = split(sentences)
    seen = {run for line in held_out for run in letter_runs(line)}
    assert held_out and training
    assert not any(run in seen for line in training for run in letter_runs(line) if len(run) == NEAR)


def test_the_same_seed_teaches_the_same_bytes_and_a_language_that_is_not_claimed_is_none_of_ours(
    quick: None, tmp_path: Path
) -> None:
    for name in ("one.npz", "two.npz"):
        model, left_out = teach(corpus(), 5)
        write_model(model, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    read = read_model(tmp_path / "one.npz")
    lines = list(WORDS.values())
    assert named(read, lines)[0] == ["xa", "xb", "und", "xd"]
    first, second = (model.answer(alone(learn.flat(lines)))[0] for model in (model, read))
    assert first.labels.tolist() == second.labels.tolist() and first.confidence.tolist() == second.confidence.tolist()
    assert {one.label for one in left_out} == {"xa", "xb", "xd"}


def test_the_command_writes_a_model_and_a_sheet_with_its_hash(quick: None, tmp_path: Path) -> None:
    rng = random.Random(1)
    (tmp_path / "sentences").mkdir()
    (tmp_path / "udhr").mkdir()
    for code in ("xa", "xb", "xd"):
        lines = [" ".join(rng.choices(WORDS[code].split(), k=8)) for _ in range(60)]
        (tmp_path / "sentences" / f"{code}.txt").write_text("\n".join(lines), "utf-8")
    words = "ngo mbu kpa gbe nwa".split()
    for name in ("xyz", "bre"):
        paragraphs = "".join(f"<para>{' '.join(rng.choices(words, k=9))}</para>" for _ in range(30))
        (tmp_path / "udhr" / f"udhr_{name}.xml").write_text(f'<udhr xmlns="u">{paragraphs}</udhr>', "utf-8")
        words = [word[::-1] for word in words]
    command([str(tmp_path / "sentences"), str(tmp_path / "udhr"), "--output", str(tmp_path / "made" / "langid.npz")])
    model, sheet = read_model(tmp_path / "made" / "langid.npz"), (tmp_path / "made" / "langid.md").read_text("utf-8")
    assert set(model.names) == {"-noise", "-xyz", "br", "xa", "xb", "xd"}
    assert hashlib.sha256((tmp_path / "made" / "langid.npz").read_bytes()).hexdigest() in sheet
    assert "| xa | " in sheet and "| hex | " in sheet


def test_sentences_in_a_larger_language_leave_the_file_of_another(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean, "LARGE", frozenset({"xb"}))
    made, rng = corpus(), random.Random(2)
    own = {label: list(lines.training) for label, lines in made.sentences.items()}
    foreign = [" ".join(rng.choices(WORDS["xb"].split(), k=9)) for _ in range(6)]
    held_out = list(made.sentences["xa"].held_out)
    made.sentences["xa"].training += foreign[:3]  # in a file of a larger language's words
    made.sentences["xb"].training += [" ".join(rng.choices(WORDS["xa"].split(), k=9)) for _ in range(3)]  # xa is not larger
    expected = len(made.sentences["xb"].training)
    assert drop_foreign(made, 1) == {"xa": 3}
    assert sorted(made.sentences["xa"].training) == sorted(own["xa"]) and made.sentences["xa"].held_out == held_out
    assert len(made.sentences["xb"].training) == expected


def test_pages_are_as_long_as_pages_are_and_mostly_in_their_language() -> None:
    lines, names = ["длинная строка слов " * 4, "другая строка"], ["linux", "karl"]
    pages = list(pages_of(lines, 300, names, "a"))
    assert pages == list(pages_of(lines, 300, names, "a")) != list(pages_of(lines, 300, names, "b"))
    own = [sum("а" <= letter <= "я" for letter in page) for page in pages]
    assert min(map(len, pages)) <= 2 * SHORTEST and LONGEST / 2 <= max(own) <= LONGEST
    latin = [sum(letter.isascii() and letter.isalpha() for letter in page) for page in pages]
    assert sum(count == 0 for count in latin) >= 60 and sum(count > 20 for count in latin) >= 60
    assert sum(mine > other for mine, other in zip(own, latin, strict=True)) >= 240


def test_an_n_gram_speaks_for_few_labels_and_the_most_telling_of_them() -> None:
    keys = np.repeat(np.arange(3), 40)
    numbers = np.tile(np.arange(40), 3)
    told = np.tile(np.arange(40)[::-1], 3).astype(float)
    kept, labels, _ = learn.most_telling(keys, numbers, told, told)
    assert np.bincount(kept).tolist() == [learn.MOST_LABELS] * 3
    assert labels.tolist() == [*range(learn.MOST_LABELS)] * 3


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("deu_1996", "de"),
        ("azj_cyrl", "az_Cyrl"),
        ("bre", "br"),
        ("vep", "-vep"),
        ("008", "-008"),
        ("tha2", "th"),
        ("jav_java", "-jav_java"),
    ],
)
def test_a_declaration_teaches_the_label_of_its_language_or_one_that_is_not_claimed(name: str, label: str) -> None:
    assert label_of_declaration(name, {"de", "az", "th"}) == label
    assert language_of(label) == (label.split("_")[0] if label[0] != "-" else "und")


def test_noise_has_every_kind_and_a_seed_gives_it_again() -> None:
    first, again, other = (list(noise(60, seed)) for seed in ("a", "a", "b"))
    assert first == again != other
    assert {kind for kind, _ in first} == set(KINDS)
    assert all(letters.replace(" ", "").isalpha() and letters == letters.lower() for _, letters in first if letters)


def test_macro_f1_counts_languages_alike() -> None:
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx((2 * 3 / 7 + 0) / 2)
    assert macro_f1(["a", "b"], ["a", "und"]) == 0.5
