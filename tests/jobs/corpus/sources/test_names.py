"""What names mean: lists, dumps, samples of them, archives; and that a list leads nowhere else."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.corpus.inputs import InputFile, list_inputs, skipped_line
from jobs.corpus.sources.names import Named, chosen, names_of
from jobs.corpus.sources.open_source import open_source
from jobs.corpus.sources.settings import SourceSettings
from pipeline.errors import InputError, UsageError
from pipeline.read.warc.records import Record, WarcLimits, read_records
from tests.crawls import Crawl
from tests.jobs.corpus.sources.faulty_server import FaultyServer, Reply, faulty_server

DUMP = "CC-MAIN-2026-42"
PATHS = [f"crawl-data/{DUMP}/segments/1/warc/{number:05}.warc.gz" for number in range(8)]
LIST = gzip.compress("\n".join(PATHS).encode() + b"\n", mtime=0)


def warc(url: str = "http://a.example/") -> bytes:
    return Crawl().response(url, "<p>A page.</p>").raw.getvalue()


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    """A host with one dump in Common Crawl's layout."""
    with faulty_server() as server:
        server.put(f"/crawl-data/{DUMP}/warc.paths.gz", LIST)
        for path in PATHS:
            server.put(f"/{path}", warc(path))
        yield server


def settings(host: str) -> SourceSettings:
    return SourceSettings(crawl_host=host, attempts=2, first_wait_seconds=0.001)


def paths(listed: tuple[InputFile, ...] | list[Named] | Iterator[Named]) -> list[str]:
    return [one.path for one in listed]


def test_a_dump_is_its_list_and_a_sample_grows_by_adding(server: FaultyServer) -> None:
    how = settings(server.url)
    everything = paths(list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=how))
    assert everything == [f"{server.url}/{path}" for path in PATHS]
    assert paths(list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=how, files=3)) == everything[:3]
    three = set(paths(list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=how, files=3, sample=1)))
    five = set(paths(list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=how, files=5, sample=1)))
    assert three < five and len(five) == 5
    assert three != set(paths(list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=how, files=3, sample=2)))


def test_files_that_are_not_drawn_are_not_looked_at(server: FaultyServer) -> None:
    list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=settings(server.url), files=2)
    assert {one.path for one in server.asked} == {f"/crawl-data/{DUMP}/warc.paths.gz", f"/{PATHS[0]}", f"/{PATHS[1]}"}


def test_the_same_files_are_drawn_wherever_the_dump_lies() -> None:
    near, far = ([Named(f"{root}/{path}") for path in PATHS] for root in ("/data", "https://data.example"))
    drawn = [[one.path.partition("crawl-data/")[2] for one in chosen(some, 3, 7)] for some in (near, far)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("name", ["cc:", "cc:../x", "cc:CC-MAIN-2026-42/wat", "cc:http://x"])
def test_what_is_no_dump_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="names no dump"):
        list(names_of(name, SourceSettings()))


def test_a_list_of_paths_stands_on_its_own_layout_beside_it_or_on_the_host(server: FaultyServer, tmp_path: Path) -> None:
    how = settings(server.url)
    url = f"{server.url}/crawl-data/{DUMP}/warc.paths.gz"
    assert paths(names_of(url, how)) == [f"{server.url}/{path}" for path in PATHS]
    alone = tmp_path / "alone" / "warc.paths.gz"
    alone.parent.mkdir()
    alone.write_bytes(LIST)
    assert paths(names_of(str(alone), how)) == [f"{server.url}/{path}" for path in PATHS], "the files are not here"
    copy = tmp_path / "crawl-data" / DUMP
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(warc())
    (copy / "warc.paths.gz").write_bytes(LIST)
    assert paths(names_of(str(copy / "warc.paths.gz"), how)) == [str(tmp_path / path) for path in PATHS]
    (tmp_path / "warc.paths").write_text("\n".join(PATHS))
    assert paths(names_of(str(tmp_path / "warc.paths"), how)) == [str(tmp_path / path) for path in PATHS]


def test_a_list_of_names_takes_names_of_every_kind(server: FaultyServer, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.warc.gz").write_bytes(warc())
    (tmp_path / "b.warc").write_bytes(gzip.decompress(warc()))
    (tmp_path / "inner.txt").write_text(f"{server.url}/{PATHS[0]}\n")
    (tmp_path / "list.txt").write_text("# what we read\nfolder\n\nb.war?\n@inner.txt\n")
    listed = list_inputs([f"@{tmp_path}/list.txt"], skip_bad=False, sources=settings(server.url))
    assert paths(listed) == sorted([f"{tmp_path}/b.warc", f"{tmp_path}/folder/a.warc.gz", f"{server.url}/{PATHS[0]}"])


@pytest.mark.parametrize("line", ["/etc/passwd", "../secret.warc.gz", "a/../../b", "http://other.example/a", "a\x00b", "..\\b"])
def test_a_line_of_a_list_of_paths_leads_nowhere_else(tmp_path: Path, line: str) -> None:
    (tmp_path / "warc.paths").write_text(f"fine.warc.gz\n{line}\n")
    with pytest.raises(InputError, match="no path below"):
        list(names_of(str(tmp_path / "warc.paths"), SourceSettings()))


def test_a_list_that_names_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("@list.txt\n")
    with pytest.raises(InputError, match="more than 4 deep"):
        list(names_of(f"@{tmp_path}/list.txt", SourceSettings()))


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08broken", b"\xff\xfe\x00", b"# nothing\n"])
def test_a_list_that_is_none_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "warc.paths.gz").write_bytes(data)
    with pytest.raises(InputError, match=r"warc\.paths\.gz"):
        list(names_of(str(tmp_path / "warc.paths.gz"), SourceSettings()))


def test_a_file_of_a_dump_that_is_missing_is_named_or_recorded(server: FaultyServer) -> None:
    server.behaviours[f"/{PATHS[2]}"] = lambda *_: Reply(404)
    with pytest.raises(InputError, match=rf"{PATHS[2]} does not exist.*--skip-bad-inputs"):
        list_inputs([f"cc:{DUMP}"], skip_bad=False, sources=settings(server.url))
    listed = list_inputs([f"cc:{DUMP}"], skip_bad=True, sources=settings(server.url))
    assert len(listed) == 8 and [one.error is None for one in listed].count(False) == 1
    assert skipped_line(listed) == "1 file refused: 00002.warc.gz; `files` says why of each"


def wacz(members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return kept.getvalue()


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("remote", [False, True], ids=["here", "by http"])
def test_each_warc_of_a_wacz_is_an_input(server: FaultyServer, tmp_path: Path, packing: int, remote: bool) -> None:
    first, second = warc("http://a.example/") * 3, warc("http://b.example/")
    data = wacz(
        {
            "datapackage.json": json.dumps({}).encode(), "archive/a.warc.gz": first, "archive/b.warc": gzip.decompress(second),
            "indexes/index.cdx": b"x", "archive/note.txt": b"no input",
        },
        packing,
    )  # fmt: skip
    (tmp_path / "crawl.wacz").write_bytes(data)
    name = server.put("/crawl.wacz", data) if remote else str(tmp_path / "crawl.wacz")
    a, b, note = list_inputs([name], skip_bad=False, sources=settings(server.url))
    assert [(one.path, one.size, one.error) for one in (a, b)] == [
        (f"{name}!/archive/a.warc.gz", len(first), None), (f"{name}!/archive/b.warc", len(gzip.decompress(second)), None)
    ]  # fmt: skip
    assert note.skipped
    assert list_inputs([a.path], skip_bad=False, sources=settings(server.url)) == (a,)
    with open_source(a.path, settings(server.url)).stream as stream:
        assert stream.read() == first
        stream.seek(0)
        assert [item.url for item in read_records(stream, WarcLimits()) if isinstance(item, Record)] == ["http://a.example/"] * 3


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", wacz({"notes.txt": b"x"}), b""], ids=["broken", "without WARCs", "empty"])
def test_a_wacz_that_is_none_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wacz").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.wacz"):
        list_inputs([str(tmp_path)], skip_bad=False)


def test_packed_and_plain_warcs_of_every_kind_are_inputs(tmp_path: Path) -> None:
    import zstandard

    record = gzip.decompress(warc())
    kinds = {"a.warc": record, "b.warc.gz": warc(), "c.warc.zst": zstandard.compress(record)}
    kinds["whole.warc.gz"] = gzip.compress(record * 2)
    for name, data in kinds.items():
        (tmp_path / name).write_bytes(data)
    assert [(Path(one.path).name, one.error) for one in list_inputs([str(tmp_path)], skip_bad=False)] == [
        (name, None) for name in kinds
    ]
