"""pipeline/kernels/duplicates/fingerprints.py, pipeline/poison/sites/campaigns.py and advertisements.py: what a passage is and
where it ends.
"""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RecipeError
from pipeline.poison.sites.advertisements import injected_blocks
from pipeline.poison.sites.campaigns import CampaignSettings, is_notice, is_quoted, passages, sketches, widened
from tests.crawls import prose
from tests.reference import fingerprints as reference

TEXTS = st.text(st.sampled_from("ab Çß1٣,.’-\n\u200b\u0301日本かﬁ№\U0001f600Σς½"), max_size=60) | st.text(max_size=30)
SETTINGS = CampaignSettings()


@given(st.lists(TEXTS, max_size=4), st.integers(1, 3), st.integers(1, 3))
def test_the_kernel_keeps_what_the_reference_keeps(texts, size, every):
    found = sketches(pa.array(texts, pa.string()), CampaignSettings(ngram_words=size, sample_every=every)).to_pylist()
    assert [list(zip(row["fingerprints"], row["starts"], row["ends"], strict=True)) for row in found] == [
        reference.ngrams(text, size, every) for text in texts
    ]


def test_case_accents_and_what_nobody_sees_change_no_fingerprint():
    texts = pa.array(["the old cafe by the river", "The OLD Caf\u00e9, by\u00a0the ri\u200bver"])
    plain, dressed = sketches(texts, CampaignSettings(sample_every=1)).to_pylist()
    assert plain["fingerprints"] == dressed["fingerprints"] != []


def test_a_passage_is_sampled_alike_whatever_stands_around_it():
    shared = prose("shared", 6)
    texts = pa.array([f"{prose('a', 2)} {shared} {prose('b', 1)}", f"{shared} {prose('c', 3)}"])
    left, right = (set(row["fingerprints"]) for row in sketches(texts, SETTINGS).to_pylist())
    alone = set(sketches(pa.array([shared]), SETTINGS).to_pylist()[0]["fingerprints"])
    assert alone and alone <= left and alone <= right


def marks(*places):
    return [{"place": place, "fingerprint": place, "start": 10 * place, "end": 10 * place + 9} for place in places]


def test_a_run_of_shared_ngrams_is_a_passage_and_a_wide_gap_ends_it():
    settings = CampaignSettings(min_ngrams=3, max_gap_ngrams=2, min_density=0.5)
    found = list(passages(marks(0, 1, 3, 9, 10, 11, 20), settings))
    assert [(one.start, one.end, one.fingerprints) for one in found] == [(0, 39, [0, 1, 3]), (90, 119, [9, 10, 11])]


def test_the_same_ngram_over_and_over_is_no_passage():
    same = [one | {"fingerprint": 7} for one in marks(0, 1, 2, 3, 4)]
    assert list(passages(same, CampaignSettings(min_ngrams=3))) == []


@pytest.mark.parametrize(("text", "wanted"), [
    ("First. The same old claim again. Last.", "The same old claim again."),
    ("one line\nThe same old claim\nanother", "The same old claim"),
    ("The same old claim", "The same old claim"),
    ("これは。同じ話です。終わり", "同じ話です。"),
])  # fmt: skip
def test_a_passage_is_widened_to_its_sentence(text, wanted):
    core = "同じ" if "同じ" in text else "old"
    start = text.index(core)
    begin, end = widened(text, start, start + len(core))
    assert text[begin:end] == wanted


@given(st.text(st.sampled_from("ab. \n!。"), max_size=40), st.data())
def test_widening_never_loses_what_was_found(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    begin, stop = widened(text, start, end)
    assert 0 <= begin <= stop <= len(text)
    assert not text[start:begin].strip() and not text[stop:end].strip()


def test_notices_and_quotations_are_known():
    assert is_notice("We use COOKIES to improve your visit") and not is_notice("The turbines were switched off from abroad")
    quoted = "He said “we had crossed the pass” at last"
    start = quoted.index("we had")
    assert is_quoted(quoted, start, quoted.index("”")) and not is_quoted(quoted, 3, 7)


ADVERTISEMENT = "buy cialis online, cheap casino bonus, best price replica rolex, discount pharmacy pills, payday loans online"


def test_a_block_that_sells_on_a_page_that_does_not_is_found_with_its_trades():
    text = f"{prose('page')}\n\n{ADVERTISEMENT}\n\n{prose('more')}"
    (found,) = injected_blocks(text)
    assert text[found.start : found.end] == ADVERTISEMENT
    assert {"cialis", "casino", "rolex"} <= set(found.trades)


def test_a_shop_that_sells_all_over_its_page_is_left_alone():
    assert list(injected_blocks("\n\n".join([ADVERTISEMENT] * 5))) == []
    assert list(injected_blocks(prose("page", 40) + "\nbuy cheap bread online at the best price with free shipping")) == []


def test_a_setting_that_cannot_be_is_refused():
    with pytest.raises(RecipeError, match=r"campaigns\.min_pages is 0"):
        CampaignSettings(min_pages=0)
    with pytest.raises(RecipeError, match=r"min_density is 2\.0: a number, at least 0, at most 1"):
        CampaignSettings(min_density=2.0)
