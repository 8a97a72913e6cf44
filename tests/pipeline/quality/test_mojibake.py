"""Text that was encoded twice: what is repaired, what is left and measured, and good text that looks like it."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.arrays import flatten
from pipeline.kernels.quality.mojibake import END, LINE_IS_CLEAN, START, WEIGHT, find_sequences
from pipeline.lineage import apply_edits
from pipeline.quality.mojibake import MojibakeSettings, mojibake_edits, mojibake_left
from tests.reference import mojibake as twin


def encoded_twice(text: str, times: int = 1) -> str:
    """As a reader of windows-1252 sees it, its five holes as latin-1 has them."""
    for _ in range(times):
        raw = text.encode()
        text = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)
    return text


def repaired(text: str, **settings: bool) -> str:
    edits = mojibake_edits(pa.array([text]), MojibakeSettings(**settings)).to_pylist()
    return apply_edits(text, [(one["start"], one["end"], one["replacement"]) for one in edits])


def left(text: str) -> int:
    return int(mojibake_left(flatten(pa.array([text])))[0])


TEXTS = {
    "French": "L’été, où j’ai mangé des crêpes à côté de l’église…",
    "German": "Für die Straße gilt: „Übung macht den Meister“ – größer ist schöner.",
    "Russian": "Привет, как дела? Сегодня хорошая погода.",
    "Greek": "Καλημέρα κόσμε, τι κάνετε;",
    "Chinese": "昨天我去河邊看魚。",
    "Japanese": "昨日は川へ行きました。",
    "Hindi": "नमस्ते दुनिया",
    "emoji": "It’s 20 € 😀 — really…",
    "Portuguese capitals": "AS MAÇÃS ESTÃO BOAS, AMANHÃ TAMBÉM.",
}


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("name", TEXTS)
def test_what_was_encoded_once_more_or_twice_is_given_back(name: str, times: int) -> None:
    text = TEXTS[name]
    assert repaired(encoded_twice(text, times)) == text
    assert left(encoded_twice(text, times)) == 0


@pytest.mark.parametrize("name", TEXTS)
def test_good_text_stays(name: str) -> None:
    assert repaired(TEXTS[name]) == TEXTS[name]
    assert left(TEXTS[name]) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Le « CAFÉ» et l’autre « THÉ» du « MARCHÉ»",
        "„Spaß“ und „Fuß“ und „Gruß“",
        "Spaß¹ Fuß² Gruß³ Maß®",
        "il a mangé…» puis «vidé…» et «jeté…»",
        "AMANHÔ IRMÔ MAÇÔ",
        "Why do I see Ã© and Ã¨ and â€™ where UTF-8 says é?",
        "",
        "plain",
    ],
)
def test_good_text_that_looks_encoded_twice_stays(text: str) -> None:
    assert repaired(text) == text


def test_a_lost_no_break_space_is_the_blank_that_it_became() -> None:
    assert (
        repaired("voilÃ la cafetiÃ¨re et lÃ aussi, dÃ©jÃ \nPrixÂ : 20Â â‚¬")
        == "voilà la cafetière et là aussi, déjà \nPrix : 20 €"
    )
    assert repaired("Ã la carte: cafÃ©, thÃ©, crÃªpe") == "à la carte: café, thé, crêpe"
    assert repaired(encoded_twice("à la carte: café, thé", 2).replace("\xa0 ", " ")) == "à la carte: café, thé"


def test_quotes_and_dashes_are_repaired_in_lines_of_good_text_too() -> None:
    assert repaired("Zoë said it isnâ€™t so â€“ and left.") == "Zoë said it isn’t so – and left."


def test_a_single_pair_is_no_proof() -> None:
    assert repaired("one Ã© alone") == "one Ã© alone"
    assert left("one Ã© alone") == 2
    assert repaired("cafÃ© und Käse, thÃ© und Öl, crÃªpe für alle") == "cafÃ© und Käse, thÃ© und Öl, crÃªpe für alle"
    assert left("cafÃ© und Käse, thÃ© und Öl, crÃªpe für alle") == 6


def test_repairs_can_be_switched_off() -> None:
    assert repaired("Itâ€™s", repair=False) == "Itâ€™s"


def test_rows_are_judged_apart() -> None:
    batch = pa.array(["cafÃ© thÃ©", None, "crÃªpe", "Itâ€™s"])
    assert mojibake_left(flatten(batch)).tolist() == [4, 0, 2, 0]
    assert [
        (one["row"], one["start"], one["end"], one["replacement"])
        for one in mojibake_edits(batch, MojibakeSettings()).to_pylist()
    ] == [(3, 2, 5, "’")]


PIECES = [
    "Ã",
    "Â",
    "©",
    "â",
    "€",
    "™",
    "\x9d",
    " ",
    "\n",
    "É",
    "»",
    "ß",
    "“",
    "ð",
    "Ÿ",
    "˜",
    "€",
    "é",
    "…",
    "à",
    "\xa0",
    "í",
    "ô",
    "x",
    "й",
    "😀",
    "\x80",
    "¿",
    "À",
]


@given(
    st.lists(
        st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3).map(encoded_twice), max_size=25
    ).map("".join)
)
def test_sequences_are_those_of_the_twin(text: str) -> None:
    found = find_sequences(*flatten(pa.array(["é", text])))
    assert found[:, [START, END, WEIGHT, LINE_IS_CLEAN]].tolist() == [[*map(int, one)] for one in twin.sequences(text)]
    assert left(text) == twin.left(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.integers(0, 3))
def test_repairing_never_fails_and_ends(text: str, times: int) -> None:
    once = repaired(encoded_twice(text, times))
    assert isinstance(once, str)
