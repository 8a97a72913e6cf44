"""takedown_requests answers a folder of requests: nothing is lost, nothing done twice, whatever fails half way."""

import json
import os
import shutil
import stat
import subprocess

import pytest
from parsing import dag_of

# A stand-in for `winnow takedown`, so that each test can have it fail where it likes: it writes the certificate of its case.
TAKEDOWN = """#!/bin/sh
echo "$@" >> {log}
case "$5" in *fails*) exit 1;; esac
for word in "$@"; do case=$word; done
mkdir -p "$2/takedowns/$case"
printf '{{"request": {{"case": "%s"}}}}' "$case" > "$2/takedowns/$case/certificate.json"
echo "<p>$case" > "$2/takedowns/$case/certificate.html"
"""


@pytest.fixture
def asked(database, tmp_path, monkeypatch):
    """A folder with two requests that can be answered and one that fails; and what the command was told."""
    requests, corpus, command, log = (tmp_path / name for name in ("requests", "corpus", "winnow", "log"))
    for folder in (requests, corpus):
        folder.mkdir()
    for case in ("2026-1", "fails", "2026-2"):
        (requests / f"{case}.txt").write_text(f"http://example.com/{case}\n")
    command.write_text(TAKEDOWN.format(log=log).replace('"$5"', '"$4"'))
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("WINNOW_COMMAND", str(command))
    return requests, corpus, log


def run(requests, corpus):
    dag = dag_of("takedown_requests")
    for task in dag.tasks:
        task.retries = 0
    return dag.test(run_conf={"requests": str(requests), "corpus": str(corpus)})


def test_each_request_has_its_certificate_and_one_that_fails_waits_on(asked):
    requests, corpus, log = asked
    assert run(requests, corpus).state == "failed"  # somebody has to look
    assert [file.name for file in requests.glob("*.txt")] == ["fails.txt"]
    assert sorted(file.name for file in (requests / "done").iterdir()) == ["2026-1.txt", "2026-2.txt"]
    for case in ("2026-1", "2026-2"):
        answer = requests / "answers" / case
        assert json.loads((answer / "certificate.json").read_text())["request"]["case"] == case
        assert (answer / "certificate.html").read_text() == f"<p>{case}\n"
    assert sorted(line.split()[-1] for line in log.read_text().splitlines()) == ["2026-1", "2026-2", "fails"]


def test_what_was_taken_down_before_a_kill_is_answered_and_not_done_again(asked):
    requests, corpus, log = asked
    (requests / "fails.txt").unlink()
    made = corpus / "takedowns" / "request"
    made.mkdir(parents=True)
    (made / "certificate.json").write_text('{"request": {"case": "2026-1"}}')
    (made / "certificate.html").write_text("<p>before\n")
    assert run(requests, corpus).state == "success"
    assert (requests / "answers" / "2026-1" / "certificate.html").read_text() == "<p>before\n"
    assert [line.split()[-1] for line in log.read_text().splitlines()] == ["2026-2"]


def test_a_file_that_is_no_case_is_named(asked):
    requests, corpus, _ = asked
    (requests / "my request.txt").write_text("http://example.com/\n")
    assert run(requests, corpus).state == "failed"
    assert len(list(requests.glob("*.txt"))) == 4


def test_without_requests_nothing_happens(asked):
    requests, corpus, log = asked
    shutil.rmtree(requests)
    requests.mkdir()
    assert run(requests, corpus).state == "success"
    assert not log.exists()


def test_the_command_that_answers_is_one_that_winnow_has():
    told = subprocess.run([os.environ["WINNOW_COMMAND"], "takedown", "--help"], capture_output=True, text=True, check=True).stdout
    assert all(option in told for option in ("--list", "--case", "--run", "--oracle"))
