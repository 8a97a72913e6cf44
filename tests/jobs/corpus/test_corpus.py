"""Publishing a stage: all of it is visible or nothing is, whatever moment the process dies at."""

import json
from pathlib import Path

import pytest

from jobs.corpus.folder import FORMAT, Corpus, changing, open_corpus
from pipeline.errors import CorpusError, EnvironmentProblem

MANIFEST = {"format": FORMAT, "stages": {"filter": {}}}


class Killed(Exception):
    """Stands for `kill -9` at one call into the file system."""


def stage_new_tables(corpus: Corpus) -> None:
    for table in ("verdicts", "edits"):
        folder = Path(corpus.path(table))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "part").write_text("old")
    corpus.write_manifest({"format": FORMAT, "stages": {}})
    corpus.clear_staging("filter")
    for table in ("verdicts", "edits"):
        folder = Path(corpus.staging("filter", table))
        folder.mkdir()
        (folder / "part").write_text("new")


def content(corpus: Corpus) -> tuple[str, ...]:
    tables = [(Path(corpus.path(table)) / "part").read_text() for table in ("verdicts", "edits")]
    return (*tables, "new" if corpus.stages() else "old")


def calls_of_a_publish(root: Path, die_at: int, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """Publishes with the die_at-th change to the file system replaced by death; later ones never happen."""
    corpus = Corpus(str(root))
    corpus.filesystem.makedirs(str(root), exist_ok=True)
    stage_new_tables(corpus)
    made = 0

    def counted(real: object) -> object:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal made
            made += 1
            if made == die_at:
                raise Killed
            return real(*args, **kwargs)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Corpus, "_remove", counted(Corpus._remove))
        patch.setattr(Corpus, "_write_atomically", counted(Corpus._write_atomically))
        patch.setattr(type(corpus.filesystem), "mv", counted(type(corpus.filesystem).mv))
        try:
            corpus.publish("filter", ["verdicts", "edits"], MANIFEST)
        except Killed:
            pass
        else:
            raise StopIteration
    return corpus


def test_a_publish_killed_at_any_step_is_whole_after_recovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for die_at in range(1, 50):
        try:
            corpus = calls_of_a_publish(tmp_path / str(die_at), die_at, monkeypatch)
        except StopIteration:
            break
        corpus.recover()
        assert len(set(content(corpus))) == 1, f"half published after dying at step {die_at}: {content(corpus)}"
        assert not list(Path(corpus.path(".winnow", "staging")).glob("*"))
        seen.add(content(corpus)[0])
    else:
        raise AssertionError("publishing never ended")
    assert seen == {"old", "new"}  # dying before the intent keeps the old, after it brings the new


def test_a_recovery_that_dies_can_be_recovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = calls_of_a_publish(tmp_path, 3, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(Corpus, "write_manifest", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            corpus.recover()
    corpus.recover()
    assert content(corpus) == ("new", "new", "new")


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
    ],
)
def test_a_manifest_of_another_format_or_broken_is_refused(tmp_path: Path, manifest: str, complaint: str) -> None:
    (tmp_path / "corpus.json").write_text(manifest)
    with pytest.raises(CorpusError, match=complaint):
        open_corpus(str(tmp_path))


def test_an_output_below_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot be written"), changing(str(tmp_path / "file" / "corpus")):
        pass
