"""Which language a page is in, by the model that ships and by any other, and what happens when a model is no model."""

import hashlib
import random
import struct
from pathlib import Path

import fasttext
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.errors import RecipeError
from pipeline.language import identify as language
from pipeline.language.codes import MEMBERS, TWO_LETTERS, language_of_label
from pipeline.language.fasttext_file import NotAClassifierError, read_header
from pipeline.language.identify import LanguageSettings, identify
from pipeline.language.letters import letter_samples
from pipeline.teach.language import LEFT_OUT, NEAR, hash_share, letter_runs, letters_of, split, train
from tests.paths import SHARED
from tests.reference.letters import has_tie, kind_of, main_script, parts

SENTENCES = {
    "en": "The quick brown fox jumps over the lazy dog near the river bank.",
    "de": "Der schnelle braune Fuchs springt über den faulen Hund am Ufer des Flusses.",
    "fr": "Le renard brun et rapide saute par-dessus le chien paresseux près de la rivière.",
    "es": "El veloz zorro marrón salta sobre el perro perezoso cerca de la orilla del río.",
    "pl": "Szybki brązowy lis przeskakuje nad leniwym psem niedaleko brzegu rzeki.",
    "fi": "Nopea ruskea kettu hyppää laiskan koiran yli lähellä joen rantaa.",
    "tr": "Hızlı kahverengi tilki nehir kıyısında tembel köpeğin üzerinden atlar.",
    "vi": "Con cáo nâu nhanh nhẹn nhảy qua con chó lười biếng gần bờ sông.",
    "ru": "Быстрая коричневая лиса перепрыгивает через ленивую собаку у берега реки.",
    "uk": "Швидка коричнева лисиця перестрибує через лінивого собаку біля берега річки.",
    "el": "Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί κοντά στο ποτάμι.",
    "he": "השועל החום המהיר קופץ מעל הכלב העצלן ליד גדת הנהר.",
    "ar": "الثعلب البني السريع يقفز فوق الكلب الكسول قرب ضفة النهر.",
    "fa": "روباه قهوه‌ای سریع از روی سگ تنبل کنار رودخانه می‌پرد.",
    "hi": "तेज़ भूरी लोमड़ी नदी के किनारे आलसी कुत्ते के ऊपर से कूदती है।",
    "ta": "வேகமான பழுப்பு நரி ஆற்றங்கரையில் சோம்பேறி நாயின் மேல் குதிக்கிறது.",
    "th": "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจใกล้ริมฝั่งแม่น้ำ",
    "ja": "すばやい茶色の狐が川岸でのろまな犬を飛び越えます。",
    "zh": "敏捷的棕色狐狸在河岸边跳过了懒狗。",
    "ko": "빠른 갈색 여우가 강가에서 게으른 개를 뛰어넘는다.",
    "ka": "სწრაფი ყავისფერი მელა მდინარის პირას ზარმაც ძაღლს გადაახტა.",
    "my": "မြန်ဆန်သော အညိုရောင် မြေခွေးသည် ပျင်းရိသော ခွေးကို ခုန်ကျော်သည်။",
}


def languages(*texts: str | None, **changed: object) -> list[str]:
    return identify(pa.array(texts, pa.string()), LanguageSettings(**changed)).column("language").to_pylist()  # type: ignore[arg-type]


@pytest.mark.parametrize("code", SENTENCES)
def test_one_sentence_is_enough_to_name_its_language(code: str) -> None:
    assert languages(SENTENCES[code]) == [code]


def test_serbian_is_serbian_in_both_alphabets_and_traditional_chinese_is_chinese() -> None:
    serbian, chinese = "Где се налази најближа железничка станица у овом граду?", "敏捷的棕色狐狸在河岸邊跳過了懶狗。"
    assert languages(serbian, chinese) == ["sr", "zh"]


@pytest.mark.parametrize("text", [None, "", " \n\t", "12 345,67 € — 8 × 9", "😀😀😀 ▲▼◄►", "\u200b\u200d\u00ad", "a b", "🄰🄱🄲🄳🄴"])
def test_a_page_without_letters_has_no_language_and_no_confidence(text: str | None) -> None:
    assert identify(pa.array([text], pa.string()), LanguageSettings()).to_pylist() == [{"language": "und", "confidence": 0.0}]


def test_every_row_is_answered_in_order_whatever_the_chunks() -> None:
    rows = [SENTENCES["de"], None, SENTENCES["ja"], "", SENTENCES["en"]]
    chunked = pa.chunked_array([rows[:2], [], rows[2:]], pa.string())
    assert identify(chunked, LanguageSettings()).column("language").to_pylist() == ["de", "und", "ja", "und", "en"]
    sliced = pa.array([*rows, *rows]).slice(2, 3)
    assert identify(sliced, LanguageSettings()).column("language").to_pylist() == ["ja", "und", "en"]
    assert identify(pa.array([], pa.string()), LanguageSettings()).num_rows == 0


def test_latin_code_does_not_outvote_a_japanese_manual() -> None:
    code = "apt-get install --reinstall linux-image-amd64 && systemctl restart networking\n"
    page = "\n".join(f"{code}{SENTENCES['ja']} 設定ファイルを編集してください。このコマンドを実行します。" for _ in range(20))
    assert languages(page) == ["ja"]


def test_one_sentence_among_numbers_is_heard_wherever_it_stands() -> None:
    numbers = "12.5 | 77 | -3 | 99 %\n" * 2000
    for before in (0, 1, 3):
        text = numbers * before + SENTENCES["de"] + "\n" + numbers * (3 - before)
        assert languages(text) == ["de"]


def test_low_confidence_can_be_made_undetermined_and_stays_visible() -> None:
    answer = identify(pa.array(["lorem zk qw"]), LanguageSettings(min_confidence=1.0)).to_pylist()[0]
    assert answer["language"] == "und" and 0 < answer["confidence"] < 1


def test_confidence_is_a_probability() -> None:
    confidence = identify(pa.array(list(SENTENCES.values())), LanguageSettings()).column("confidence")
    assert confidence.type == pa.float32() and all(0 < one <= 1 for one in confidence.to_pylist())


# ---- the sample

TEXTS = st.text(
    st.one_of(
        st.sampled_from("abcÉßİK ,.1\nдабшבمक्षिก日か한ー々ｱＡ\u0301ºʰ\u00ad\u200d\u200b\ufe0f😀𠀀𝐀"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=80,
)


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=4), st.integers(1, 4), st.integers(1, 30))
def test_the_sample_is_what_its_slow_twin_takes(rows: list[str | None], windows: int, window_bytes: int) -> None:
    assume(not any(has_tie(row or "", windows, window_bytes) for row in rows))
    samples, letters = letter_samples(pa.array(rows, pa.string()), windows=windows, window_bytes=window_bytes)
    for row, sample, count in zip(rows, samples, letters.tolist(), strict=True):
        expected = expected_sample(row or "", windows, window_bytes)
        assert (sample, count) == (expected, len(expected.replace(" ", "")))


def expected_sample(text: str, windows: int, window_bytes: int) -> str:
    """The letters of the main script, lower case, words apart; each window counts its own share of kept bytes."""
    script, words = main_script(text, windows, window_bytes), []
    raw_parts = parts(text, windows, 10**9)
    for part in raw_parts:
        seen, inside, word = 0, False, ""
        for character in part:
            if seen >= window_bytes:
                break
            kind = kind_of(character)
            if kind == "-":
                continue
            inside = kind is not None and (kind == script if kind else inside or script == "")
            if inside:
                word += character.lower()[0]
                seen += len(character.encode())
            else:
                words.append(word)
                word = ""
        words.append(word)
    return " ".join(word for word in words if word)


# ---- labels


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("__label__en", "en"),
        ("__label__eng_Latn", "en"),
        ("__label__zho_Hans", "zh"),
        ("__label__cmn_Hani", "zh"),
        ("__label__pt-br", "pt"),
        ("__label__sr_Latn", "sr"),
        ("__label__ceb", "ceb"),
        ("__label__arb_Arab", "ar"),
        ("", "und"),
        ("__label__no idea", "und"),
        ("__label__1", "und"),
    ],
)
def test_labels_of_other_models_become_codes(label: str, code: str) -> None:
    assert language_of_label(label) == code


def test_code_tables_do_not_contradict_each_other() -> None:
    assert len(TWO_LETTERS) == 184 and not set(MEMBERS) & set(TWO_LETTERS)
    assert set(MEMBERS.values()) <= set(TWO_LETTERS.values())


# ---- models


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another model than ours, with 639-3 labels, dense."""
    folder = tmp_path_factory.mktemp("tiny")
    labels = {"eng_Latn": "en", "deu_Latn": "de", "rus_Cyrl": "ru"}
    lines = [f"__label__{label} {SENTENCES[code].lower()}" for label, code in labels.items()] * 30
    (folder / "train.txt").write_text("\n".join(lines), "utf-8")
    model = fasttext.train_supervised(str(folder / "train.txt"), dim=4, minn=2, maxn=3, bucket=500, epoch=20, thread=1, verbose=0)
    model.save_model(str(folder / "tiny.bin"))
    return folder / "tiny.bin"


def test_the_recipe_may_name_another_model(tiny: Path) -> None:
    assert languages(SENTENCES["de"], SENTENCES["ru"], model=str(tiny)) == ["de", "ru"]
    assert sorted(read_header(tiny).labels) == ["__label__deu_Latn", "__label__eng_Latn", "__label__rus_Cyrl"]


def test_the_model_that_ships_is_whole_small_and_the_one_the_code_names() -> None:
    data = language.SHIPPED_MODEL.read_bytes()
    assert hashlib.sha256(data).hexdigest() == language.SHIPPED_SHA256
    assert len(data) <= 2_000_000
    assert len({language_of_label(label) for label in read_header(language.SHIPPED_MODEL).labels}) >= 40
    assert language.SHIPPED_SHA256 in language.SHIPPED_MODEL.with_suffix(".md").read_text("utf-8")


def test_a_changed_shipped_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Path) -> None:
    monkeypatch.setattr(language, "SHIPPED_MODEL", tiny)
    language.load.cache_clear()
    language.model_sha256.cache_clear()
    try:
        with pytest.raises(RecipeError, match="SHA-256 differs"):
            languages("text")
    finally:
        language.load.cache_clear()
        language.model_sha256.cache_clear()


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
        languages("text", model=str(tmp_path / "model.bin"))


def test_a_missing_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"there is no file .*nowhere\.bin"):
        languages("text", model=str(tmp_path / "nowhere.bin"))


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_a_model_cut_off_anywhere_is_refused_before_fasttext_reads_it(which: str, tiny: Path, tmp_path: Path) -> None:
    data = (tiny if which == "tiny" else language.SHIPPED_MODEL).read_bytes()
    cut = tmp_path / "cut.bin"
    rng = random.Random(1)
    for size in [1, 60, 100, len(data) - 1, len(data) // 2, *(rng.randrange(len(data)) for _ in range(20))]:
        cut.write_bytes(data[:size])
        with pytest.raises(NotAClassifierError):
            read_header(cut)


# ---- training


def test_near_duplicates_never_stand_on_both_sides() -> None:
    rng = random.Random(3)
    words = [f"word{chr(97 + rng.randrange(26))}{chr(97 + rng.randrange(26))}" for _ in range(200)]
    sentences = [" ".join(rng.choice(words) for _ in range(12)) for _ in range(300)]
    sentences += [sentence + " tail" for sentence in sentences]
    training, held_out = split(sentences)
    seen = {run for line in held_out for run in letter_runs(line)}
    assert held_out and training
    assert not any(run in seen for line in training for run in letter_runs(line) if len(run) == NEAR)


def test_the_same_seed_trains_the_same_bytes(tmp_path: Path) -> None:
    lines = {code: [SENTENCES[code].lower(), SENTENCES[code].lower()[10:]] for code in ("en", "de", "fr", "es")}
    for name in ("one", "two"):
        model = train(lines, seed=5, quantised=False, examples_per_label=40, features={"dim": 4, "bucket": 500, "minCount": 1})
        model.save_model(str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_held_out_sentences_of_the_development_data_are_named_rightly() -> None:
    if SHARED is None:
        pytest.skip("needs the development data beside the checkout")
    right = total = 0
    for file in sorted((SHARED / "langid" / "sentences").glob("*.txt")):
        if file.stem in LEFT_OUT:
            continue
        lines = [line for line in letters_of(file.read_text("utf-8").splitlines()[:300]) if hash_share(line) < 0.1]
        right += sum(code == file.stem for code in languages(*lines))
        total += len(lines)
    assert right / total >= 0.95
