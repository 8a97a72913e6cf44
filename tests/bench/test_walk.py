"""The newcomer's walk: its table and how it ends, with steps that are only said; and that README still shows its commands."""

import sys
from pathlib import Path

import pytest

from tests.bench import walk
from tests.bench.walk import Step, StepFailed, Walk, emptied, found, told
from tests.paths import PROJECT


def refuse() -> str:
    raise StepFailed("no such\npage")


FINE = Step("sample", "winnow sample crawl", lambda: "12 records")


def test_each_step_is_told_with_what_it_took_and_gave(capsys: pytest.CaptureFixture[str]) -> None:
    tree, children = iter([1.0, 3.5, 5.0, 5.0]), iter([1.0, 2.0, 2.0, 4.0])
    taken, well = told([FINE, FINE], 20, (lambda: next(tree), lambda: next(children)))
    assert well and [one.cpu_seconds for one in taken] == [2.5, 2.0]
    head, first, _, whole = capsys.readouterr().out.splitlines()
    assert head.split() == ["step", "seconds", "CPU", "s", "what", "it", "gave"]
    assert first.split() == ["sample", "0.0", "2.5", "12", "records"]
    assert whole.split() == ["the", "whole", "way", "0.0", "4.5", "within", "20", "minutes"]


def test_after_a_step_that_fails_none_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    taken, well = told([FINE, Step("train", "", refuse), FINE], 20, (float,))
    assert not well and [one.failed for one in taken] == [False, True]
    assert "failed: no such page" in capsys.readouterr().out.splitlines()[2]


def test_a_way_that_is_too_long_ends_badly(capsys: pytest.CaptureFixture[str]) -> None:
    assert not told([FINE], -1, (float,))[1]
    assert "longer than -1 minutes" in capsys.readouterr().out


@pytest.mark.parametrize(("way", "status"), [([FINE], 0), ([Step("train", "", refuse)], 1)])
def test_the_command_ends_with_what_became_of_the_way(
    way: list[Step], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Walk, "steps", lambda _: way)
    monkeypatch.setattr(walk, "CHROMIUM", "chromium")
    monkeypatch.setattr(sys, "argv", ["walk", "--folder", str(tmp_path / "walk"), "--output", str(tmp_path / "walk.json")])
    assert walk.main() == status
    assert f'"step": "{way[0].name}"' in (tmp_path / "walk.json").read_text()


def test_a_command_that_fails_says_its_last_line(tmp_path: Path) -> None:
    here = Walk(tmp_path, tmp_path)
    assert here.run("echo all well") == "all well\n"
    with pytest.raises(StepFailed, match="ends with 3: that was it"):
        here.run("echo that was it >&2; exit 3")
    assert "$ echo all well\nall well\n" in (tmp_path / "walk.log").read_text()


def test_what_a_step_gave_is_read_from_its_words_and_never_made_up() -> None:
    assert found(r"kept (\d+)", "kept 3\nkept 4") == "4"
    with pytest.raises(StepFailed, match=r"last words: .nothing of."):
        found("kept", "nothing\nof")


def test_a_folder_that_no_walk_made_is_left_alone(tmp_path: Path) -> None:
    (emptied(tmp_path / "new") / "corpus").mkdir()
    assert [file.name for file in emptied(tmp_path / "new").iterdir()] == [walk.MADE_HERE]
    (tmp_path / "letter").touch()
    with pytest.raises(SystemExit, match="what no walk has made"):
        emptied(tmp_path)


@pytest.mark.parametrize("command", [walk.SAMPLE, walk.CURATE, walk.INSPECT, walk.CHANGE, walk.TRAIN, walk.TAKEDOWN, walk.VERIFY])
def test_the_commands_are_those_of_readme(command: str) -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert command.replace("--run run ", "--run prefers ") in readme, "README takes the page out of two tunings as well"


@pytest.mark.parametrize(("command", "page"), [(walk.CARD, "card.md"), (walk.DIFF.replace("before corpus", "A B"), "inspect.md")])
def test_the_other_two_are_those_of_docs(command: str, page: str) -> None:
    assert command in (PROJECT / "docs" / page).read_text("utf-8")
