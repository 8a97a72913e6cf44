"""Pages that hold passages of removed ones word for word: named, relieved of them, or removed too."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.ask.check_shards import tokens_of
from jobs.ask.trace import Tracer
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.removals import read_redaction
from jobs.corpus.shards import shards_of
from jobs.corpus.views import connect
from jobs.runs.unlearn.claims import check_runs
from jobs.takedown.certify.claims import check_certificate
from jobs.takedown.reach.reach import find
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.cuts import cut_kept, whole_tokens
from pipeline.duplicates.passages import FILLER, stretches, windows, written_over
from pipeline.errors import UsageError
from pipeline.lineage import Edit, apply_edits
from tests.crawls import Crawl, page, prose
from tests.jobs.running import SMALL, curate
from tests.jobs.runs.test_runs import inside
from tests.jobs.stored import table
from tests.jobs.takedown.test_corpus import doc_id_of, everything, holds, outcomes, removed, texts_of
from tokenizer.bpe.vocabulary import read_tokenizer


def test_pages_that_hold_passages_of_it_are_named_or_removed_too(spark: SparkSession, tmp_path: Path) -> None:
    quoted = prose("quoted", 8)
    crawl = Crawl().response("http://a.example/original", f"<p>{quoted}</p><p>{prose('a', 9)}</p>")
    crawl.response("http://b.example/quotes", f"<p>{prose('b', 20)}</p><p>{quoted}</p><p>{prose('c', 20)}</p>")
    crawl.response("http://c.example/other", page("other"))
    corpus, _ = curate(spark, [crawl.write(tmp_path / "crawl.warc.gz")], tmp_path / "corpus")
    asked = ("http://a.example/original",)
    with connect(corpus) as database:
        [found] = find(corpus, database, Request(urls=asked)).elsewhere
        both = find(corpus, database, Request(urls=asked, passages="remove"))
    assert (found.url, found.passages) == ("http://b.example/quotes", 1)
    assert 0.2 < found.share < 0.9 and found.characters >= len(quoted) - 10
    assert [(one.url, one.why) for one in both.pages] == [(*asked, "asked"), (found.url, "passage")] and both.elsewhere == []


QUOTED, ORIGINAL, QUOTES, WHOLE = prose("quoted", 8), *(f"http://{name}.example/" for name in ("a", "b", "c"))


def crawl_of_quotes(folder: Path) -> Path:
    """A page, one that quotes most of it between other text, one that is nothing but the quotation, and others."""
    crawl = Crawl().response(ORIGINAL, f"<p>{QUOTED}</p><p>{prose('a', 9)}</p>")
    crawl.response(QUOTES, f"<p>{prose('b', 20)}</p><p>It says: {QUOTED} So much for that.</p><p>{prose('c', 20)}</p>")
    crawl.response(WHOLE, f"<p>{QUOTED}</p>")
    for number in range(3):
        crawl.response(f"http://d.example/{number}", page(number))
    return crawl.write(folder / "crawl.warc.gz")


@pytest.fixture(scope="module")
def quotes(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path]:
    """That crawl, and the corpus of it, of which each test takes a copy."""
    folder = tmp_path_factory.mktemp("quotes")
    inputs = [crawl_of_quotes(folder)]
    curate(spark, inputs, folder / "corpus")
    return inputs, folder / "corpus"


def test_passages_cut_out_of_other_pages_are_gone_from_every_table_and_shard_and_the_rest_stays(
    quotes: tuple[list[Path], Path], copied: Callable[[Path], Path]
) -> None:
    folder = copied(quotes[1])
    quoting, before = doc_id_of(folder, QUOTES), texts_of(folder)
    [span] = [row for row in table(Corpus(str(folder)), "spans") if row["doc_id"] == quoting]
    name = removed(folder, urls=(ORIGINAL,), passages="cut")
    corpus = open_corpus(str(folder))
    words, left = QUOTED.split(), everything(folder)
    assert all(" ".join(words[at : at + 6]) not in left for at in range(0, len(words) - 6, 3))
    after = next(row["text"] for row in table(corpus, "curated") if row["doc_id"] == quoting)
    assert "It says" in after and "much for that." in after and prose("c", 20)[-200:] in after
    assert outcomes(folder)[WHOLE] == "removed", "nothing is left of it"
    assert [row for row in table(corpus, "spans") if row["doc_id"] == quoting] == [span], "no other row of a run moves"
    manifest, vocabulary = shards_of(corpus), read_tokenizer(corpus.text("tokenizer"))
    ids = tokens_of(corpus, manifest, span)
    assert b"".join(vocabulary.tokens[token] for token in ids.tolist()).decode() == after
    [cut] = read_redaction(corpus, name).cuts
    assert sum(one["length"] for one in cut["tokens"]) == (ids == manifest.removed).sum() > 50
    assert len(before[quoting]) - len(after) >= cut["characters"] >= len(QUOTED)
    with connect(corpus) as database:
        tracer = Tracer(corpus, database)
        assert tracer.token(span["shard"], span["start"]).verified
        with pytest.raises(UsageError, match="part of a removed passage"):
            tracer.token(span["shard"], cut["tokens"][0]["start"])
    holds(folder)


def test_a_run_that_read_passages_that_were_cut_is_trained_again_without_them(
    quotes: tuple[list[Path], Path], copied: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder, run = copied(quotes[1]), tmp_path / "run"
    quick = ["--steps", 8, "--set", "row_tokens=64", "--set", "batch_rows=2", "--set", "threads=1", "--set", "save_every=1"]
    inside("train", folder, "--output", run, *quick, "--set", "keep_every=1")
    asked = ["--url", ORIGINAL, "--run", run, "--oracle", "--passages", "cut"]
    certificate = json.loads(inside("takedown", folder, *asked, "--json"))
    page = next((folder / "takedowns").glob("*/certificate.json"))
    assert certificate["exact"] and [cut["url"] for cut in certificate["cuts"]] == [QUOTES]
    assert [check.what for check in (*check_certificate(page), *check_runs(page)) if not check.holds] == []


def test_passages_that_were_cut_stay_out_when_the_corpus_is_made_anew_or_the_next_crawl_has_them(
    spark: SparkSession, quotes: tuple[list[Path], Path], copied: Callable[[Path], Path], tmp_path: Path
) -> None:
    inputs, folder = quotes[0], copied(quotes[1])
    name = removed(folder, urls=(ORIGINAL,), passages="cut")
    [stones] = (folder / "takedowns" / name).glob("tombstones-*.parquet")
    curate(spark, inputs, folder, build_recipe({**SMALL, "language": {"min_letters": 5}}))
    recipe = build_recipe({**SMALL, "tombstones": {"files": [str(stones)]}})
    curate(spark, inputs, tmp_path / "next", recipe)
    for made in (folder, tmp_path / "next"):
        curated = {row["url"]: row["text"] for row in table(Corpus(str(made)), "curated")}
        assert QUOTED[200:260] not in everything(made)
        assert prose("b", 20)[-200:] in curated[QUOTES] and prose("c", 20)[-200:] in curated[QUOTES]
        assert FILLER not in curated[QUOTES]
        holds(made)


texts = st.text("ab é日😀\n", min_size=1, max_size=40)
edits = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8), st.sampled_from(["", "x", "[mail]"])), max_size=4)


@given(texts, edits, st.data())
def test_whole_tokens_hold_the_place_and_leave_whole_characters(text: str, drawn: list[Edit], data: st.DataObject) -> None:
    made = [(start, min(len(text), start + length), new) for start, length, new in drawn if start < len(text)]
    curated = apply_edits(text, made)
    start = data.draw(st.integers(0, max(0, len(curated) - 1)))
    end = data.draw(st.integers(start + 1, max(start + 1, len(curated))))
    if end > len(curated):
        return
    raw = curated.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(raw) - 1)))) - {len(raw)})
    pieces = [raw[one:other] for one, other in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    (first, stop), original = whole_tokens(pieces, (start, end), made)
    left = b"".join(pieces[:first] + pieces[stop:]).decode()  # whole characters, or this would fail
    assert apply_edits(text, [*made, (*original, "")]) == left
    before, after = len(b"".join(pieces[:first])), len(b"".join(pieces[:stop]))
    assert before <= len(curated[:start].encode()) and after >= len(curated[:end].encode())


ALL_WORDS = " ".join(f"wört{number}," for number in range(150)) + "."


@given(st.integers(0, 100), st.integers(50, 150), st.lists(
    st.tuples(st.integers(0, len(ALL_WORDS) - 1), st.integers(1, 900), st.sampled_from(["", "[mail]"])), max_size=4
), st.sets(st.integers(1, 2000), max_size=120))  # fmt: skip
def test_no_run_of_the_words_is_left_in_text_or_tokens_whatever_edits_had_cut_before(
    first: int, size: int, drawn: list[Edit], cuts: set[int]
) -> None:
    """A passage that edits had cut in the middle, at the end, or whole stays neither in `documents` nor in the shards."""
    wanted = np.sort(windows(pa.array([" ".join(ALL_WORDS.split()[first : first + size])])).hashes)
    made = [(start, min(len(ALL_WORDS), start + length), new) for start, length, new in drawn]
    raw = apply_edits(ALL_WORDS, made).encode()
    borders = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    pieces = [raw[one:other] for one, other in pairwise(borders)]
    gone, tokens, left = cut_kept(ALL_WORDS, made, pieces, wanted)
    assert stretches(windows(pa.array([written_over(ALL_WORDS, gone)])), wanted) == []
    assert stretches(windows(pa.array([left])), wanted) == []
    out = {token for start, stop in tokens for token in range(start, stop)}
    assert left.encode() == b"".join(piece for token, piece in enumerate(pieces) if token not in out)
    assert all(start < stop for start, stop in tokens)


def test_an_edit_that_only_inserts_does_not_keep_the_search_for_whole_tokens_going() -> None:
    """It widened to the insertion and narrowed again, for ever, until 2026-11-30. No stage makes such an edit."""
    (first, stop), original = whole_tokens([b"a[mai", b"l]b[mail]ba"], (1, 3), [(1, 1, "[mail]"), (2, 8, "[mail]")])
    assert (first, stop, original[0]) == (0, 1, 0)
