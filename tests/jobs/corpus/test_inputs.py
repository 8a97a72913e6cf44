"""Which files a crawl consists of: told by their first bytes, each one named read, refused or skipped with its reason."""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.corpus.inputs import list_inputs, skipped_line
from pipeline.errors import InputError
from pipeline.read.rows.columns import RowLimits

ROWS = b"".join(json.dumps({"text": f"row {number}"}).encode() + b"\n" for number in range(3))
RECORD = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
PARQUET = pa.BufferOutputStream()
pq.write_table(pa.table({"text": ["a"]}), PARQUET)
FILES = {
    "a.json.gz": gzip.compress(ROWS), "b.ndjson": ROWS, "c.jl": ROWS, "d.json": ROWS, "e.jsonl.bz2": bz2.compress(ROWS),
    "f.jsonl.xz": lzma.compress(ROWS), "g.json.zst": zstandard.ZstdCompressor().compress(ROWS), "h": ROWS, "i.txt": RECORD,
    "j.gz": gzip.compress(RECORD), "k.data": PARQUET.getvalue().to_pybytes(), "l.warc.gz": gzip.compress(RECORD),
    "m.parquet": ROWS, "n.warc": ROWS, "deep/o.jsonlines": b'\x1e{"text": "a"}',
}  # fmt: skip
OTHERS = {
    "README.md": b"# A crawl", "recipe.toml": b"[rules]\n", "index.cdxj": b'org,example)/ 2026 {"url": "x"}\n', "empty.txt": b"",
    "sums.sha256": b"0" * 64, "info.json": b'{\n "name": "x"\n}\n', "packed.zip": b"PK\x03\x04" + bytes(30), "page.html": b"<p>x",
}  # fmt: skip

HIDDEN = {"_SUCCESS": b"", ".hidden.jsonl": ROWS, "_temporary/0/part.jsonl": ROWS, ".git/config": b"[core]\n"}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_everything_in_a_folder_is_read_or_skipped_with_its_reason_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, FILES | OTHERS | HIDDEN)
    listed = {str(Path(one.path).relative_to(tmp_path)): one for one in list_inputs([str(tmp_path)], skip_bad=False)}
    assert {name for name, one in listed.items() if one.error is None} == set(FILES)
    assert {name for name, one in listed.items() if one.skipped and (one.error or "").startswith("skipped: ")} == {
        *OTHERS,
        *HIDDEN,
    }
    assert listed.keys() == FILES.keys() | OTHERS.keys() | HIDDEN.keys()
    assert skipped_line(listed.values()) == (
        "12 files skipped: README.md, empty.txt, index.cdxj and 9 more; `files` says why of each"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.warc.gz", b"\x1f\x8b\x08broken"), ("a.jsonl", b"no json"), ("a.parquet", b"PAR1 no more"), ("a.wet", b"")],
)
def test_a_name_that_promises_and_does_not_hold_is_an_error_in_a_folder_too(tmp_path: Path, name: str, data: bytes) -> None:
    write(tmp_path, {name: data, "good.jsonl": ROWS})
    with pytest.raises(InputError, match=rf"{name}.*--skip-bad-inputs"):
        list_inputs([str(tmp_path)], skip_bad=False)
    bad, good = list_inputs([str(tmp_path)], skip_bad=True)
    assert (bad.skipped, bad.error is None, good.error) == (False, False, None)


@pytest.mark.parametrize("name", ["README.md", "info.json", "packed.zip", "empty.txt"])
def test_a_file_that_is_named_by_itself_must_be_an_input(tmp_path: Path, name: str) -> None:
    write(tmp_path, OTHERS)
    with pytest.raises(InputError, match=name):
        list_inputs([str(tmp_path / name)], skip_bad=False)


def test_a_folder_without_any_input_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no input"):
        list_inputs([str(write(tmp_path, OTHERS))], skip_bad=False)


def test_the_recipe_says_which_column_a_parquet_file_needs(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": ["a"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"no column .*rows\.text_column"):
        list_inputs([str(tmp_path)], skip_bad=False)
    assert list_inputs([str(tmp_path)], skip_bad=False, rows=RowLimits(text_column="body"))[0].error is None
