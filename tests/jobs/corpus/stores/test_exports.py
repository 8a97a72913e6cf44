"""Exports into S3: whole or known to be unfinished, and nothing of an earlier one is left."""

import json
from pathlib import Path

import pytest

from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.s3 import S3
from jobs.export.documents import export
from jobs.export.places import RECORD, Prefix
from jobs.export.record import known_exports
from pipeline.errors import UsageError
from tests.jobs.export.exports import token_corpus

SMALL = [("train", [[5, 6, 7], [5, 8]]), ("validation", [[6, 6, 6]])]


def files(url: str) -> list[str]:
    return [one.name for one in store_of(url).found()]


def test_an_export_has_the_files_that_a_folder_has(bucket: str, tmp_path: Path) -> None:
    corpus, url = token_corpus(tmp_path / "C", SMALL), f"s3://{bucket}/out"
    for form in ("mds", "nanogpt"):  # the second takes the place of the first
        export(corpus, form, tmp_path / form)
        export(corpus, form, url)
        here = {path.relative_to(tmp_path / form).as_posix(): path for path in (tmp_path / form).rglob("*") if path.is_file()}
        assert files(url) == sorted(here)
        assert all(store_of(url).read(name) == path.read_bytes() for name, path in here.items())
    assert [one.name for one in known_exports(corpus)] == [str(tmp_path / "mds"), str(tmp_path / "nanogpt"), url]


def test_a_killed_one_is_known_as_unfinished_and_made_anew(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, url = token_corpus(tmp_path / "C", SMALL), f"s3://{bucket}/out"
    with monkeypatch.context() as patch:
        patch.setattr(S3, "put_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            export(corpus, "mds", url)
    assert json.loads(store_of(url).read(RECORD)) == {"format": "mds", "unfinished": True}
    assert [one.name for one in known_exports(corpus)] == [url], "a takedown finds it"
    assert export(corpus, "mds", url) == 3 and "unfinished" not in (Prefix(url).record() or {})


def test_what_is_no_export_is_left_alone(bucket: str, tmp_path: Path) -> None:
    url = f"s3://{bucket}/out"
    store_of(url).put("holiday.jpg", b"jpg")
    with pytest.raises(UsageError, match="is no export of winnow"):
        export(token_corpus(tmp_path / "C", SMALL), "mds", url)
    assert files(url) == ["holiday.jpg"]
