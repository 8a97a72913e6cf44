"""A folder that is a corpus, one that is none, and one that cannot be read. How it is published: test_protocol.py."""

import json
from pathlib import Path

import pytest

from jobs.corpus.folder import FORMAT, changing, open_corpus
from pipeline.errors import CorpusError, EnvironmentProblem
from tests.jobs.stored import put


def test_two_writers_are_refused(tmp_path: Path) -> None:
    with (
        changing(str(tmp_path / "corpus")),
        pytest.raises(CorpusError, match="another winnow is working"),
        changing(str(tmp_path / "corpus")),
    ):
        pass


def test_a_folder_that_is_no_corpus_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CorpusError, match="is not a corpus"), changing(str(tmp_path)):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(CorpusError, match=r"no corpus\.json"):
        open_corpus(str(tmp_path))


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        (
            json.dumps({"format": FORMAT + 1, "stages": {}}),
            f"has format {FORMAT + 1} .* reads format {FORMAT} alone: `winnow curate",
        ),
        (
            json.dumps({"format": FORMAT - 1, "stages": {}}),
            f"has format {FORMAT - 1} .* reads format {FORMAT} alone: `winnow curate",
        ),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": "x"}', "has format x"),
        (json.dumps({"format": FORMAT, "stages": {}}), "checksum differs"),
    ],
)
def test_a_manifest_of_another_format_or_broken_is_refused(tmp_path: Path, manifest: str, complaint: str) -> None:
    (tmp_path / "corpus.json").write_text(manifest)
    with pytest.raises(CorpusError, match=complaint):
        open_corpus(str(tmp_path))


def test_no_bit_of_a_manifest_can_flip_unnoticed(tmp_path: Path) -> None:
    put(tmp_path, {"edits": [{"doc_id": "a"}]}, stages={"filter": {"publishes": ["edits"]}})
    data = (tmp_path / "corpus.json").read_bytes()
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        (tmp_path / "corpus.json").write_bytes(flipped)
        with pytest.raises(CorpusError, match=r"corpus\.json|format"):
            open_corpus(str(tmp_path))


def test_an_output_below_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot be written"), changing(str(tmp_path / "file" / "corpus")):
        pass
