"""A page leaves the exports of several corpora as it leaves those of one; what another corpus of them still has is said."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.corpus.folder import Corpus
from jobs.corpus.mixed import mixture_of
from jobs.corpus.shards import open_loader
from tests.jobs.running import winnow
from tests.jobs.stored import table
from tokenizer.shards.loader import LoaderSettings

WIDTH = 64
HERE, BOTH, NOT_THERE = (f"http://small.example/{number}" for number in (3, 5, 8))


@pytest.fixture(scope="module")
def exported(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, another of the same pages without two of them, and their mixture in two layouts."""
    folder = tmp_path_factory.mktemp("exported")
    for name in ("a", "b"):
        shutil.copytree(small, folder / name)
        shutil.rmtree(folder / name / "readers", ignore_errors=True)
    takedown(folder / "b", HERE, NOT_THERE)
    for form in ("jsonl", "nanogpt"):
        mixed = ["--weights", "3,1", "--row-tokens", WIDTH, "--seed", 2, "--format", form, "--output", folder / form]
        done = winnow("export", folder / "a", folder / "b", *mixed)
        assert done.returncode == 0, done.stderr
    return folder


def takedown(corpus: Path, *urls: str) -> tuple[dict[str, Any], str]:
    """(the certificate, what was said)."""
    done = winnow("takedown", corpus, *(word for url in urls for word in ("--url", url)), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), " ".join(done.stderr.split())


def doc_id_of(corpus: Path, url: str) -> str:
    return next(str(row["doc_id"]) for row in table(Corpus(str(corpus)), "documents") if row["url"] == url)


def holders(folder: Path, doc_id: str) -> set[str]:
    """Of which corpora the exports have this document."""
    found = {
        row["corpus"] for row in pq.read_table(folder / "nanogpt" / "pieces-train.parquet").to_pylist() if row["doc_id"] == doc_id
    }
    for path in (folder / "jsonl").glob("*.jsonl.zst"):
        with zstandard.open(path, "rt", encoding="utf-8") as file:
            found |= {line["metadata"]["corpus"] for line in map(json.loads, file) if line["id"] == doc_id}
    return {Path(one).name for one in found}


def test_a_page_leaves_the_mixtures_of_its_corpus(exported: Path) -> None:
    """One after the other: gone where no corpus has it any more, said where one still has it, and gone from that one too."""
    forms = [str(exported / form) for form in ("jsonl", "nanogpt")]
    here, both = (doc_id_of(exported / "a", url) for url in (HERE, BOTH))
    assert (holders(exported, here), holders(exported, both)) == ({"a"}, {"a", "b"})

    told, said = takedown(exported / "a", HERE)
    assert told["exports"] == {"rewritten": forms, "out_of_reach": []} and "holds the same page" not in said
    assert (holders(exported, here), holders(exported, both)) == (set(), {"a", "b"})

    told, said = takedown(exported / "a", BOTH)
    assert told["exports"] == {"rewritten": [], "out_of_reach": forms}
    assert f"{forms[0]} holds the same page from {exported / 'b'}: `winnow takedown {exported / 'b'} --url {BOTH}`" in said
    assert holders(exported, both) == {"b"}

    told, said = takedown(exported / "b", BOTH)
    assert holders(exported, both) == set() and BOTH not in said.partition("holds the same page")[2]
    assert told["exports"] == {"rewritten": [], "out_of_reach": forms}, "a page of an earlier request is there from the first"
    assert f"{forms[0]} holds the same page from {exported / 'a'}: `winnow takedown {exported / 'a'} --url {NOT_THERE}`" in said
    loaders = [open_loader(str(exported / name), LoaderSettings(row_tokens=WIDTH, batch_rows=2, seed=2)) for name in "ab"]
    mixture, rows = mixture_of(loaders, (3, 1)), np.fromfile(exported / "nanogpt" / "train.bin", "<u2").reshape(-1, WIDTH)
    trained = np.concatenate([mixture.load(mixture.rows_of_step(step)).tokens for step in range(len(rows) // 2)])
    manifest = loaders[0].manifest
    assert (np.where(trained == manifest.removed, manifest.end_of_text, trained) == rows[: len(trained)]).all()
    assert manifest.removed in trained and manifest.removed not in rows


def test_a_mixture_whose_other_corpus_is_gone_is_named_as_out_of_reach(exported: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        shutil.copytree(exported / name, tmp_path / name)
        shutil.rmtree(tmp_path / name / "readers")
    done = winnow("export", tmp_path / "a", tmp_path / "b", "--weights", "1,1", "--format", "mds", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tmp_path / "b")
    shown = winnow("takedown", tmp_path / "a", "--url", "http://small.example/9", "--dry-run", "--json")
    assert json.loads(shown.stdout)["exports"] == [str(tmp_path / "out")]
    told, said = takedown(tmp_path / "a", "http://small.example/9")
    assert told["exports"] == {"rewritten": [], "out_of_reach": [str(tmp_path / "out")]}
    assert f"{tmp_path / 'out'} could not be made anew" in said
