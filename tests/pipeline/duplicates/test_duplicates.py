"""Signatures, sets and keys of pipeline/duplicates/copies.py against their twins, and against datasketch itself."""

import random
import unicodedata
import zlib

import numpy as np
import pyarrow as pa
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.duplicates.copies import shingle_sets, signature_bands, signatures, similarities, text_keys
from pipeline.duplicates.normalise import ASSIGNED, character_forms, normalised
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.errors import RecipeError
from tests.reference import minhash as reference

DEFAULT = DuplicateSettings()
OTHER = DuplicateSettings(shingle_words=2, bands=3, rows=2, seed=7)
ALPHABETS = (
    "aB 1٣.,،'-\n\u00adéÉ\u0301ςΣİßﬁ日本がｶﾞไทยဗမာខ្មែរ한국어 नमस्ते ⎖٫\u200b\u202e🙂👩‍💻\U000e0041\U0010ffff\ue000\x00\x7f\u0378"
)
texts = st.text(alphabet=st.one_of(st.sampled_from(ALPHABETS), st.characters(exclude_categories=["Cs"])), max_size=120)
rows = st.lists(st.one_of(st.none(), texts), max_size=6)


def arrays(values: list[str | None]) -> list[pa.Array | pa.ChunkedArray]:
    """The same rows as they come: whole, sliced out of a longer array, in chunks."""
    middle = len(values) // 2
    return [
        pa.array(values, pa.string()),
        pa.array(["before", *values, "after"], pa.string()).slice(1, len(values)),
        pa.chunked_array([values[:middle], values[middle:]], pa.string()),
        pa.array(values, pa.large_string()),
    ]


def hashes(shingles: set[str]) -> set[int]:
    return {zlib.crc32(shingle.encode()) for shingle in shingles}


def unpacked(sets: pa.Array) -> list[list[int]]:
    return [np.frombuffer(one, "<u4").tolist() for one in sets.to_pylist()]


@given(rows)
@example(["1,2,3 4.5.6 7. 8", "1.\u00ad5", "x1.5y", "1.a", "٣٫٤", "1,", ",1"])
@example(["日本語です", "日1本", "a日b", "が", "か\u3099"])
@example([None, "", "…", "\u200b"])
def test_normalised_text_equals_the_twin(values):
    expected = [" ".join(reference.word_list(value or "")) or None for value in values]
    for array in arrays(values):
        assert normalised(array).to_pylist() == expected


def test_every_code_point_becomes_what_the_twin_says():
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    unassigned = ["\u0378", "\ue000", "\U00033480", "\U000e0fff", "\U0010ffff"]
    interesting = [one for one in characters if unicodedata.category(one) not in ("Cn", "Co")] + unassigned
    lines = [f"a{character}1{character}{character}b" for character in interesting]
    found = normalised(pa.array(lines)).to_pylist()
    wrong = [line for line, words in zip(lines, found, strict=True) if words.split(" ") != reference.word_list(line)]
    assert wrong == []


def test_text_is_compared_without_case_accents_punctuation_and_digits():
    assert normalised(pa.array(["Café №5 — 3,14 日本"])).to_pylist() == ["cafe 0 0 日 本"]


def test_syllables_of_korean_are_words_composed_or_not():
    text = "한국어 문장을"
    expected = [" ".join(unicodedata.normalize("NFD", syllable) for syllable in "한국어문장을")]
    for form in ("NFC", "NFD"):
        assert normalised(pa.array([unicodedata.normalize(form, text)])).to_pylist() == expected


@pytest.mark.parametrize("syllables_of_a_word", [2, 3, 4])
def test_korean_pages_that_differ_in_one_character_of_a_hundred_are_near_copies(syllables_of_a_word):
    chance, pairs = random.Random(7), []
    for _ in range(40):
        page = [[chr(0xAC00 + chance.randrange(400) * 28) for _ in range(syllables_of_a_word)] for _ in range(300)]
        other = [[chr(0xAC00 + chance.randrange(11_172)) if chance.random() < 0.01 else one for one in word] for word in page]
        pairs.append([" ".join(map("".join, words)) for words in (page, other)])
    left, right = (shingle_sets(pa.array(side), DEFAULT) for side in zip(*pairs, strict=True))
    assert (np.asarray(similarities(left, right)) >= DEFAULT.min_similarity).mean() >= 0.95


def test_the_longest_growing_text_stays_inside_its_scratch_space():
    forms = character_forms()
    growing = max(map(chr, ASSIGNED), key=lambda one: len(reference.form(one).encode()) / len(one.encode()))
    assert len(f" {reference.form(growing)}".encode()) <= forms.growth * len(growing.encode())
    for text in (growing * 1000, f"{growing} " * 1000, "日" * 1000, "1 " * 1000):
        assert normalised(pa.array([text]))[0].as_py().split(" ") == reference.word_list(text)


@given(rows, st.sampled_from([DEFAULT, OTHER]))
def test_signatures_equal_those_of_datasketch_bit_for_bit(values, settings):
    expected = []
    for value in values:
        sketch = MinHash(num_perm=settings.bands * settings.rows, seed=settings.seed, scheme="affine32", hashfunc=zlib.crc32)
        found = reference.shingles(value or "", settings.shingle_words)
        sketch.update_batch(shingle.encode() for shingle in found)
        expected.append(sketch.hashvalues.tolist() if found else None)
    for array in arrays(values):
        assert signatures(array, settings).to_pylist() == expected


def test_the_three_lines_of_the_docstring_reproduce_a_signature():
    page = "Every page of this manual says the same things in another order, and 3,141 of them are numbers."
    words = normalised(pa.array([page]))[0].as_py().split(" ")
    sketch = MinHash(num_perm=112, seed=1, scheme="affine32", hashfunc=zlib.crc32)
    sketch.update_batch({" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))})
    assert signatures(pa.array([page]), DEFAULT)[0].as_py() == sketch.hashvalues.tolist()


def test_more_shingles_than_one_block_are_all_in_the_signature():
    text = " ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}" for i in range(5000))
    sketch = MinHash(num_perm=112, seed=1, scheme="affine32", hashfunc=zlib.crc32)
    sketch.update_batch(shingle.encode() for shingle in reference.shingles(text, 5))
    assert signatures(pa.array([text]), DEFAULT)[0].as_py() == sketch.hashvalues.tolist()
    assert unpacked(shingle_sets(pa.array([text]), DEFAULT)) == [sorted(hashes(reference.shingles(text, 5)))]


def test_an_index_of_datasketch_finds_our_near_copy_and_not_the_other_page():
    page = " ".join(f"{chr(97 + i % 23)}{chr(97 + i % 19)}" for i in range(400))
    near, other = page.replace(" cc", " slow", 1) + " end", " ".join(reversed(page.split()))
    index = MinHashLSH(num_perm=112, params=(14, 8))
    for name, values in zip(("page", "other"), signatures(pa.array([page, other]), DEFAULT).to_pylist(), strict=True):
        index.insert(name, LeanMinHash(seed=1, hashvalues=values, scheme="affine32"))
    sketch = signatures(pa.array([near]), DEFAULT)[0].as_py()
    assert index.query(LeanMinHash(seed=1, hashvalues=sketch, scheme="affine32")) == ["page"]


@given(rows)
def test_band_keys_are_equal_exactly_where_the_band_is(values):
    signed = signatures(pa.array(["one", *values, "two"]), DEFAULT).slice(1, len(values))
    keys, sketches = signature_bands(signed, DEFAULT).to_pylist(), signed.to_pylist()
    cells = {}
    for sketch, bands in zip(sketches, keys, strict=True):
        assert (sketch is None) == (bands is None)
        for band, key in enumerate(bands or []):
            assert cells.setdefault(key, (band, sketch[8 * band : 8 * band + 8])) == (band, sketch[8 * band : 8 * band + 8])


def test_the_same_hashes_in_two_bands_give_two_keys():
    signed = pa.FixedSizeListArray.from_arrays(pa.array([7] * 112, pa.uint32()), 112)
    assert len(set(signature_bands(signed, DEFAULT)[0].as_py())) == 14


@given(rows, rows)
@example(["", "a"], ["…", None])
def test_similarity_is_the_jaccard_of_all_shingles(left, right):
    left, right = left[: len(right)], right[: len(left)]
    sides = [[hashes(reference.shingles(value or "", 5)) for value in side] for side in (left, right)]
    expected = [np.float32(reference.jaccard(a, b)) for a, b in zip(*sides, strict=True)]
    for a, b in zip(arrays(left), arrays(right), strict=True):
        sets = shingle_sets(a, DEFAULT), shingle_sets(b, DEFAULT)
        assert unpacked(sets[0]) == [sorted(one) for one in sides[0]]
        assert similarities(*sets).to_pylist() == expected
        assert similarities(*(pa.concat_arrays([one[:1], one])[1:] for one in sets)).to_pylist() == expected


def test_one_changed_sentence_leaves_a_japanese_page_similar():
    page = "".join(f"これは第{chr(0x4E00 + 7 * i)}章の説明であり、読者は{chr(0x5000 + 11 * i)}を学ぶ。" for i in range(40))
    sets = shingle_sets(pa.array([page, page.replace("学ぶ。", "忘れる。", 1)]), DEFAULT)
    assert similarities(sets[:1], sets[1:])[0].as_py() > 0.9


@given(st.lists(st.one_of(st.none(), texts), max_size=6))
def test_text_keys_are_equal_exactly_where_the_texts_are(values):
    for array in arrays(values):
        keys = text_keys(array).to_pylist()
        assert [key is None for key in keys] == [not value for value in values]
        assert [[a == b for a in keys] for b in keys] == [[(a or "") == (b or "") for a in values] for b in values]


def test_a_text_that_is_one_endless_word_is_signed():
    text = "x" * (1 << 20)
    assert unpacked(shingle_sets(pa.array([f"{text} {text}"]), DEFAULT)) == [[zlib.crc32(f"{text} {text}".encode())]]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"bands": 0}, "bands"),
        ({"rows": 0}, "rows"),
        ({"bands": 200}, "bands times rows"),
        ({"shingle_words": 0}, "shingle_words"),
        ({"bucket_neighbours": 0}, "bucket_neighbours"),
        ({"min_similarity": 0.0}, "min_similarity"),
        ({"min_similarity": 1.5}, "min_similarity"),
        ({"min_keeper_similarity": 0.9}, "min_keeper_similarity"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name(changed, named):
    with pytest.raises(RecipeError, match=rf"duplicates\.{named} is "):
        DuplicateSettings(**changed)
