"""The sample crawl: what is in it, that it is sound, and that it comes out the same again."""

import ast
import hashlib
import io
import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from warcio.archiveiterator import ArchiveIterator

from jobs.sample import SampleSummary, library, make_sample
from jobs.sample.articles import all_articles
from jobs.sample.charsets import DECLARATIONS
from jobs.sample.copies import sentences
from jobs.sample.oddities import TRANSFERS
from jobs.sample.private import beside
from jobs.sample.record import iso, record_crawl, surt
from jobs.sample.serve import chunked
from jobs.sample.visits import Reply, Session, Visit
from jobs.sample.website import UNCHANGED_LATER
from pipeline.errors import EnvironmentProblem

DAY = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return make_sample(tmp_path_factory.mktemp("sample"), seed=7)


@pytest.fixture
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pages in place of the library: what is not about pydoc need not wait for it."""
    pages = {f"{name}.html": f"<p>{name}</p>" for name in ("os", "sys", "zlib")}
    monkeypatch.setattr("jobs.sample.library_pages", lambda: pages)


@cache
def records(file: Path) -> list[tuple[str, str | None, bytes]]:
    """(type, URL, payload as sent) of every record, read once; a wrong digest raises."""
    with file.open("rb") as stream:
        return [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.raw_stream.read())
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_sample_is_as_large_and_as_varied_as_promised(sample):
    assert len(sample.files) >= 3
    assert sample.hosts >= 8
    assert len(sample.languages) >= 8
    assert len({article.language for article in all_articles()}) == len(sample.languages)
    urls = {url for file in sample.files for kind, url, _ in records(file) if kind == "response"}
    library = [url for url in urls if url and urlsplit(url).netloc == "pydoc.example"]
    assert len(library) >= 600
    assert "http://pydoc.example/os.path.html" not in library  # an alias of posixpath, not a module of the library
    assert {"http://pydoc.example/os.html", "http://pydoc.example/topic?key=LOOPING"} <= set(library)


def test_every_digest_holds_and_the_counts_agree(sample):
    kinds = Counter(kind for file in sample.files for kind, _, _ in records(file))
    assert kinds["request"] == kinds["response"] + kinds["revisit"]
    assert kinds["revisit"] == len(UNCHANGED_LATER)
    assert kinds["warcinfo"] == len(sample.files)
    assert kinds["metadata"] > 0
    assert sum(kinds.values()) == sample.records
    assert sum(file.stat().st_size for file in sample.files) == sample.bytes


def test_every_index_line_points_at_its_record(sample):
    lines = sample.index.read_text().splitlines()
    assert lines == sorted(lines)
    for line in lines:
        key, timestamp, fields = line.split(" ", 2)
        entry = json.loads(fields)
        with (sample.index.parent / entry["filename"]).open("rb") as stream:
            stream.seek(int(entry["offset"]))
            member = stream.read(int(entry["length"]))
        found = read_member(member)
        assert found.rec_headers.get_header("WARC-Target-URI") == entry["url"]
        assert found.rec_headers.get_header("WARC-Payload-Digest") == f"sha1:{entry['digest']}"
        assert found.http_headers.get_statuscode() == entry["status"]
        assert surt(entry["url"]) == key
        assert "".join(filter(str.isdigit, found.rec_headers.get_header("WARC-Date")))[:14] == timestamp
    assert len(lines) == sum(kind in ("response", "revisit") for file in sample.files for kind, _, _ in records(file))


def read_member(member: bytes):
    """The only record of a gzip member."""
    found = list(ArchiveIterator(io.BytesIO(member)))
    assert len(found) == 1
    return found[0]


def test_no_page_of_the_library_names_this_machine(sample):
    for file in sample.files:
        for kind, url, payload in records(file):
            if kind == "response":
                for place in (os.fsencode(sys.prefix), os.fsencode(Path.home()), b'href="file:', b" at 0x7", b"&nbsp;0x7f"):
                    assert place not in payload, url


def test_library_does_not_change_with_the_environment(sample, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SECRET", "do not publish")
    monkeypatch.chdir(tmp_path)
    again = make_sample(tmp_path / "again", seed=7)
    assert digests(again) == digests(sample)


def digests(summary: SampleSummary) -> list[tuple[str, str]]:
    return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in (*summary.files, summary.index)]


@pytest.mark.usefixtures("small_library")
def test_another_seed_replaces_the_crawl_and_the_same_seed_leaves_it_alone(tmp_path):
    first = digests(make_sample(tmp_path, seed=1))
    assert first != digests(make_sample(tmp_path, seed=2))
    assert first == digests(make_sample(tmp_path, seed=1))
    dates = dates_of(tmp_path)
    make_sample(tmp_path, seed=1)
    assert dates == dates_of(tmp_path)  # stages over it need not run again
    assert dates.keys() == {"recipe.toml", *beside(), *(name for name, _ in first)}


def dates_of(folder: Path) -> dict[str, int]:
    """Of every file, when it was changed last."""
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("small_library")
def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EnvironmentProblem, match=r"cannot make the sample crawl in .*file/crawl: Not a directory; name a folder"):
        make_sample(tmp_path / "file" / "crawl")


def test_a_python_without_its_library_is_one_clear_line(monkeypatch, tmp_path):
    program = tmp_path / "broken.py"
    program.write_text("import no_such_module")
    monkeypatch.setattr(library, "RENDERER", program)
    with pytest.raises(EnvironmentProblem, match=r"No module named 'no_such_module'.*install the full standard library"):
        library.library_pages()


def test_a_failed_recording_leaves_no_file_behind(tmp_path):
    never_served = Session(name="broken", started=DAY, visits=[Visit(url="http://a.example/é", reply=Reply(body=b""))])
    with pytest.raises(UnicodeEncodeError):
        record_crawl([never_served], tmp_path, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_only_an_unchanged_payload_is_a_revisit(tmp_path):
    def visits(*bodies: bytes) -> list[Visit]:
        return [Visit(url="http://a.example/page", reply=Reply(body=body)) for body in bodies]

    first = Session(name="first", started=DAY, visits=visits(b"old"))
    later = Session(name="later", started=DAY, visits=visits(b"old", b"new"))
    recording = record_crawl([first, later], tmp_path, seed=0)
    assert [kind for kind, url, _ in records(recording.files[1]) if kind != "request" and url] == ["revisit", "response"]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.almanac.example/Bread.html", "example,almanac)/bread.html"),
        ("http://a.b.test/", "test,b,a)/"),
        ("http://a.test/x?z=1&a=2", "test,a)/x?a=2&z=1"),
    ],
)
def test_index_keys_sort_by_domain_then_path(url, key):
    assert surt(url) == key


def test_dates_have_milliseconds():
    assert iso(datetime(2025, 3, 3, 6, 0, 1, 7000, tzinfo=UTC)) == "2025-03-03T06:00:01.007Z"


def test_chunks_add_up_to_the_payload():
    assert chunked(b"abcdefg", 3) == b"3\r\nabc\r\n3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n"
    assert chunked(b"", 3) == b"0\r\n\r\n"


def test_special_treatment_names_articles_that_exist():
    keys = {f"{article.language}-{article.slug}" for article in all_articles()}
    assert {*DECLARATIONS, *TRANSFERS, *UNCHANGED_LATER} <= keys


@pytest.mark.parametrize("article", all_articles(), ids=lambda article: f"{article.language}-{article.slug}")
def test_every_article_is_long_enough_to_keep(article):
    """A page of four paragraphs and 200 words, or as many characters as make 200 words in scripts without spaces."""
    text = " ".join(article.paragraphs)
    assert len(article.paragraphs) >= 4
    assert len(text) > 600 if article.language in ("ja", "zh") else len(text.split()) > 200
    assert all(paragraph[-1] in ".!?。।؟" for paragraph in article.paragraphs)
    assert all("".join(sentences(paragraph)) == paragraph for paragraph in article.paragraphs)


def test_rendering_needs_no_package_of_ours():
    """The renderer runs without site-packages: it must import nothing but the standard library."""
    tree = ast.parse(library.RENDERER.read_text())
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
