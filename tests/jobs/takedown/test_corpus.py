"""Pages out of a corpus: what goes, what stays, what comes back, and that nothing is ever half done."""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.ask.verify import verify
from jobs.corpus.files.sweep import listed, named
from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.recipe import build_recipe
from jobs.corpus.removals import read_redaction
from jobs.corpus.shards import shards_of
from jobs.corpus.views import connect
from jobs.sample.articles import all_articles, block_html
from jobs.takedown.reach.reach import find
from jobs.takedown.reach.request import Request, read_list
from jobs.takedown.redact.carry_out import last_request, remove
from jobs.takedown.without.counts import token_counts
from pipeline.errors import BrokenPromise, CorpusError, UsageError
from pipeline.tables import LANGUAGE_COUNTS
from tests.crawls import Crawl, page
from tests.jobs.running import SMALL, curate, winnow
from tests.jobs.stored import files, flipped, put, table
from tokenizer.bpe.count import count_by_host, totals
from tokenizer.bpe.encode import load_encoder
from tokenizer.shards.files import map_tokens, read_shard

Copied = Callable[[Path], Path]
PIECE = 32
ASKED = "http://host0.example/3"


def quiet(_: str) -> None: ...


def removed(corpus: Path, **request: Any) -> str:
    with changing(str(corpus)) as locked:
        return remove(locked, Request(**request), None, quiet)


def outcomes(corpus: Path) -> dict[str, str]:
    urls = {row["doc_id"]: row["url"] for row in table(Corpus(str(corpus)), "documents")}
    rows = table(Corpus(str(corpus)), "outcomes")
    return {f"{urls[row['doc_id']]}": f"{row['outcome']}" for row in rows if row["doc_id"] and row["reason"] != row["doc_id"]}


def texts_of(corpus: Path) -> dict[str, str]:
    return {f"{row['doc_id']}": f"{row['text']}" for row in table(Corpus(str(corpus)), "documents")}


def doc_id_of(corpus: Path, url: str) -> str:
    return next(f"{row['doc_id']}" for row in table(Corpus(str(corpus)), "documents") if row["url"] == url)


def everything(corpus: Path) -> str:
    """All that the files of a corpus say, whether it names them or not: their bytes, rows of tables, and text of tokens."""
    said = []
    encoder = load_encoder(open_corpus(str(corpus)).text("tokenizer"))
    for path in sorted(corpus.rglob("*")):
        if not path.is_file():
            continue
        said.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".parquet":
            said += [str(value) for row in pq.read_table(path).to_pylist() for value in row.values()]
        if path.suffix == ".bin":
            said.append(encoder.decode(map_tokens(str(path))).decode(errors="replace"))
    return "\n".join(said)


def pieces(text: str) -> set[str]:
    return {text[start : start + PIECE] for start in range(len(text) - PIECE + 1)}


def holds(corpus: Path) -> None:
    broken = [check for check in verify(open_corpus(str(corpus))) if not check.holds]
    assert broken == []


def test_no_piece_that_only_the_page_had_is_left_anywhere(crawled: Path, copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the report's charts are drawn and searched too
    corpus = copied(crawled / "corpus")
    (corpus / "export").mkdir()
    winnow("export", corpus)
    before = {row["doc_id"]: f"{row['text']}\n{row['markup_text']}" for row in table(Corpus(str(corpus)), "documents")}
    target = doc_id_of(corpus, ASKED)
    others = set[str]().union(*(pieces(text) for doc_id, text in before.items() if doc_id != target))
    own = pieces(before[target]) - others
    assert len(own) > 1000
    assert own & pieces(everything(corpus))
    assert winnow("takedown", corpus, "--url", ASKED).returncode == 0
    assert not own & pieces(everything(corpus))
    holds(corpus)


def test_nothing_else_moves(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    target = doc_id_of(corpus, ASKED)
    name = removed(corpus, urls=(ASKED,))
    before, after = (Corpus(str(folder)) for folder in (crawled / "corpus", corpus))
    assert [row for row in table(before, "curated") if row["doc_id"] != target] == table(after, "curated")
    assert table(before, "spans") == table(after, "spans")
    assert before.text("tokenizer") == after.text("tokenizer")
    span = next(row for row in table(before, "spans") if row["doc_id"] == target)
    for number, shards in enumerate(zip(shards_of(before).shards, shards_of(after).shards, strict=True)):
        old, new = (read_shard(one.root, shard).whole() for one, shard in zip((before, after), shards, strict=True))
        changed = np.flatnonzero(old != new)
        own = np.arange(span["start"], int(str(span["start"])) + int(str(span["length"])))
        assert np.isin(changed, own).all() if number == span["shard"] else not len(changed)
    reasons = {row["doc_id"]: (row["outcome"], row["reason"]) for row in table(after, "outcomes")}
    assert reasons.pop(target) == ("removed", name)
    old_reasons = {row["doc_id"]: (row["outcome"], row["reason"]) for row in table(before, "outcomes")}
    del old_reasons[target]
    assert reasons == old_reasons


def test_counts_are_those_of_a_corpus_that_never_had_the_pages(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    removed(corpus, urls=(ASKED, "http://host1.example/near"))
    curated = table(Corpus(str(corpus)), "curated")
    text, hosts = (pa.array([str(row[name]) for row in curated]) for name in ("text", "url"))
    hosts = pa.array([host.as_py().split("/")[2] for host in hosts])
    recipe = build_recipe(open_corpus(str(corpus)).manifest["recipe"]).tokenizer
    counted = totals(pa.Table.from_batches([count_by_host(text, hosts, None, recipe.max_word_bytes, recipe.words)]))
    assert table(Corpus(str(corpus)), "word_counts") == counted.sort_by("word").to_pylist()


def test_counts_by_language_are_those_of_a_corpus_that_never_had_the_page(spark: SparkSession, tmp_path: Path) -> None:
    crawl = Crawl()
    for article in all_articles():
        if article.language in ("de", "en", "fr"):
            body = "".join(map(block_html, article.blocks))
            crawl.response(f"http://{article.slug}.example/", f"<title>{article.title}</title><article>{body}</article>")
    recipe = build_recipe({**SMALL, "tokenizer": {"vocabulary_size": 600, "language_temperature": 5.0}})
    curate(spark, [crawl.write(tmp_path / "crawl.warc.gz")], tmp_path / "corpus", recipe)
    before = {row["language"] for row in table(open_corpus(str(tmp_path / "corpus")), "language_counts")}
    removed(
        tmp_path / "corpus",
        urls=("http://sel.example/", "http://fromage.example/", "http://montgolfiere.example/", "http://glas.example/"),
    )
    curated = table(Corpus(str(tmp_path / "corpus")), "curated")
    text, languages = (pa.array([row[name] for row in curated], pa.string()) for name in ("text", "language"))
    hosts = pa.nulls(len(curated), pa.string())
    counted = count_by_host(text, hosts, languages, recipe.tokenizer.max_word_bytes, recipe.tokenizer.words)
    expected = pa.Table.from_batches([counted]).select(LANGUAGE_COUNTS.names)
    found = table(open_corpus(str(tmp_path / "corpus")), "language_counts")
    assert {"de", "en", "fr"} == before and {"de", "en"} == {row["language"] for row in found}
    assert found == expected.sort_by([("word", "ascending"), ("language", "ascending")]).to_pylist()


def test_token_counts_counted_anew_are_those_that_spark_counts(crawled: Path) -> None:
    corpus = open_corpus(str(crawled / "corpus"))
    assert token_counts(corpus, shards_of(corpus)).to_pylist() == table(corpus, "token_counts")


def test_token_counts_afterwards_are_those_of_a_slow_recount(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    removed(corpus, hosts=("host1.example",))
    encoder = load_encoder(open_corpus(str(corpus)).text("tokenizer"))
    occurrences, hosts = Counter[int](), defaultdict[int, set[str]](set)
    for row in table(Corpus(str(corpus)), "curated"):
        ids = encoder.encode(pa.array([str(row["text"])])).ids.tolist()
        occurrences.update(ids)
        for token in ids:
            hosts[token].add(str(row["url"]).split("/")[2])
    counted = table(Corpus(str(corpus)), "token_counts")
    assert {row["token"]: row["occurrences"] for row in counted} == dict(occurrences)
    assert {row["token"]: row["hosts"] for row in counted} == {token: len(names) for token, names in hosts.items()}


def test_copies_go_with_the_page(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    removed(corpus, urls=("http://host0.example/everywhere",))
    found = outcomes(corpus)
    assert found["http://host0.example/everywhere"] == found["http://host1.example/everywhere"] == "removed"
    holds(corpus)


def test_a_page_that_only_resembles_it_comes_back_and_no_row_of_a_run_moves(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    family = [f"http://host{number}.example/near" for number in (0, 1)] + ["http://host0.example/1"]
    before = outcomes(corpus)
    kept = [url for url in family if before[url] == "kept"]
    assert len(kept) == 1 and sorted(before[url] for url in family) == ["duplicate", "duplicate", "kept"]
    name = removed(corpus, urls=tuple(kept), copies_from=1.0)
    after = outcomes(corpus)
    assert sorted(after[url] for url in family) == ["duplicate", "kept", "removed"]
    redaction = read_redaction(open_corpus(str(corpus)), name)
    restored = next(url for url in family if after[url] == "kept")
    assert redaction.restored == [doc_id_of(corpus, restored)]
    manifest = shards_of(open_corpus(str(corpus)))
    assert [shard.split for shard in manifest.shards][-1] == "restored"
    holds(corpus)


def test_similar_pages_are_removed_too_or_left_where_that_is_asked(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    kept = [url for url, outcome in outcomes(corpus).items() if outcome == "kept" and url.endswith("/near")]
    for similar, expected in (("remove", ["removed"] * 3), ("leave", ["duplicate", "duplicate", "removed"])):
        folder = corpus.parent / similar
        shutil.copytree(corpus, folder)
        removed(folder, urls=tuple(kept), copies_from=1.0, similar=similar)
        found = outcomes(folder)
        family = ["http://host0.example/near", "http://host1.example/near", "http://host0.example/1"]
        assert sorted(found[url] for url in family) == expected
        holds(folder)


def test_a_copy_alone_goes_and_the_page_it_was_dropped_for_stays(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    dropped = next(url for url, outcome in outcomes(corpus).items() if outcome == "duplicate" and url.endswith("/near"))
    removed(corpus, urls=(dropped,), copies_from=1.0)
    assert outcomes(corpus)[dropped] == "removed"
    assert len(table(Corpus(str(corpus)), "curated")) == len(table(Corpus(str(crawled / "corpus")), "curated"))
    holds(corpus)


def test_pages_are_found_by_text_host_doc_id_and_list(crawled: Path, tmp_path: Path) -> None:
    corpus = open_corpus(str(crawled / "corpus"))
    doc_id = doc_id_of(crawled / "corpus", ASKED)
    snippet = texts_of(crawled / "corpus")[doc_id][40:120]
    (tmp_path / "list").write_text(f"# asked by mail\n{ASKED}\nhost1.example\n{doc_id}\n")
    found = read_list(tmp_path / "list")
    assert found == {"urls": [ASKED], "hosts": ["host1.example"], "doc_ids": [doc_id]}
    with connect(corpus) as database:
        for request in (Request(snippets=(snippet,)), Request(doc_ids=(doc_id,)), Request(urls=(ASKED,))):
            assert find(corpus, database, request).doc_ids == [doc_id]
        assert {page.host for page in find(corpus, database, Request(hosts=("host1.example",))).pages} >= {"host1.example"}
    assert snippet not in json.dumps(Request(snippets=(snippet,)).to_json())


@pytest.mark.parametrize("replaced", [False, True])
def test_killed_before_and_after_the_manifest_is_replaced_the_takedown_happens_whole_or_not_at_all(
    crawled: Path, copied: Copied, monkeypatch: pytest.MonkeyPatch, *, replaced: bool
) -> None:
    corpus = copied(crawled / "corpus")
    with changing(str(corpus)) as locked, monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Corpus, "finish" if replaced else "replace_manifest", interrupted)
        remove(locked, Request(urls=(ASKED,)), None, quiet)
    assert outcomes(corpus)[ASKED] == ("removed" if replaced else "kept")
    broken = [check.what for check in verify(open_corpus(str(corpus))) if not check.holds]
    assert all(what.endswith("is what the corpus holds") for what in broken), "copies for other tools alone lag behind"
    name = removed(corpus, urls=(ASKED,))  # whoever opens the corpus next sweeps
    assert open_corpus(str(corpus)).manifest["takedowns"] == [name]
    assert outcomes(corpus)[ASKED] == "removed"
    holds(corpus)
    nobodys = listed(str(corpus)) - named_in(open_corpus(str(corpus)))
    assert not [one for one in nobodys if one.endswith((".parquet", ".bin", ".tmp"))], "what was superseded is gone"


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def named_in(corpus: Corpus) -> set[str]:
    return named(corpus.root, corpus.manifest)


def test_what_would_break_a_law_is_not_done(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    put(corpus, {"outcomes": table(open_corpus(str(corpus)), "outcomes")[1:]})
    before = (corpus / "corpus.json").read_bytes()
    with pytest.raises(BrokenPromise, match=r"nothing was changed.*records = outcomes"):
        removed(corpus, urls=("http://host1.example/5",))
    assert (corpus / "corpus.json").read_bytes() == before


@pytest.mark.parametrize("kind", ["shards", "curated", "documents", "outcomes"])
def test_nothing_is_taken_out_of_damaged_files(crawled: Path, copied: Copied, kind: str) -> None:
    """They would be written anew, with hashes of what they hold now."""
    corpus = copied(crawled / "corpus")
    path = files(open_corpus(str(corpus)), kind)[-1]
    flipped(path)
    before = (corpus / "corpus.json").read_bytes()
    with pytest.raises(CorpusError, match=path.name):
        removed(corpus, urls=("http://host1.example/5",))
    assert (corpus / "corpus.json").read_bytes() == before


def test_bad_requests_are_one_line(crawled: Path, copied: Copied) -> None:
    corpus = copied(crawled / "corpus")
    nowhere = winnow("takedown", corpus, "--url", "http://nowhere.example/")
    assert nowhere.returncode == 1 and "http://nowhere.example/ is nowhere in" in nowhere.stderr
    with pytest.raises(CorpusError, match="this would remove all"):
        removed(corpus, hosts=("host0.example", "host1.example"))
    with changing(str(corpus)), pytest.raises(CorpusError, match="another winnow is working"):
        removed(corpus, urls=(ASKED,))
    with pytest.raises(UsageError, match="which pages"):
        Request()
    with pytest.raises(UsageError, match="at least 16 characters"):
        Request(snippets=("short",))
    with pytest.raises(UsageError, match="nothing has been removed"):
        last_request(open_corpus(str(corpus)))
    removed(corpus, urls=(ASKED,))
    with pytest.raises(BrokenPromise, match="has been removed already"):
        removed(corpus, urls=(ASKED,), similar="leave")
    assert "Traceback" not in nowhere.stderr


def test_a_removed_page_does_not_come_back_with_the_next_crawl(
    crawled: Path, copied: Copied, spark: SparkSession, tmp_path: Path
) -> None:
    corpus = copied(crawled / "corpus")
    text = texts_of(corpus)[doc_id_of(corpus, ASKED)]
    name = removed(corpus, urls=(ASKED,))
    crawl = Crawl().response(ASKED, page("quite another text"), date="2027-01-01T00:00:00Z")
    crawl.response("http://mirror.example/copied", f"<p>{text}</p>").response("http://new.example/", page("new"))
    files = [crawl.write(tmp_path / "next.warc.gz")]
    [stones] = (corpus / "takedowns" / name).glob("tombstones-*.parquet")
    recipe = build_recipe({**SMALL, "tombstones": {"files": [str(stones)]}})
    made, _ = curate(spark, files, tmp_path / "next", recipe)
    assert [row["url"] for row in table(made, "curated")] == ["http://new.example/"]
    assert {row["reason"] for row in table(made, "outcomes") if row["outcome"] == "removed"} == {name}
    assert text[:PIECE] not in everything(tmp_path / "next")
    holds(tmp_path / "next")


def test_making_the_corpus_anew_keeps_its_own_removed_pages_out(crawled: Path, copied: Copied, spark: SparkSession) -> None:
    corpus = copied(crawled / "corpus")
    removed(corpus, urls=(ASKED,))
    other = build_recipe({**SMALL, "language": {"min_letters": 5}})
    _, made = curate(spark, sorted((crawled / "crawl").glob("*.warc.gz")), corpus, other)
    assert "ingest" in made
    assert ASKED not in {row["url"] for row in table(Corpus(str(corpus)), "curated")}
    holds(corpus)
