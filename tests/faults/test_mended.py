"""What faults brought to light, each in the place where it was mended."""

import errno
import json
import os
import random
import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from jobs.commands.shown.failures import as_winnow_error
from jobs.corpus.files import readers
from jobs.corpus.files.parquet import read_groups
from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.shards import shards_of, store_shards
from jobs.corpus.views import connect, rows
from jobs.runs.record import FORMAT, RunRecord, chosen_step, read_run, write_run
from jobs.runs.train.metrics import read_metrics
from model.checkpoint_files import CheckpointState, folder_of, read_state
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from pipeline.hashing import with_checksum
from tests.jobs.export.exports import token_corpus
from tests.jobs.stored import files, flipped, put
from tokenizer.shards.files import read_shard
from tokenizer.shards.loader import read_shards


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return token_corpus(tmp_path / "C", [("train", [[5, 6, 7], [8, 9]]), ("validation", [[7]])])


def test_a_damaged_table_is_named_and_not_the_first_line_of_duckdbs_traceback(corpus: Corpus) -> None:
    (damaged,) = files(corpus, "documents")
    flipped(damaged)
    with pytest.raises(CorpusError) as raised, connect(corpus) as database:
        rows(database, "SELECT * FROM documents")
    assert str(damaged) in str(raised.value) and "makes it anew" in str(raised.value)


def test_a_file_of_a_table_that_is_gone_is_named(corpus: Corpus) -> None:
    (stored,) = corpus.files("documents")
    Path(corpus.path(stored.file)).unlink()
    with pytest.raises(CorpusError, match=stored.file):
        list(read_groups(corpus.root, stored))


def test_shards_of_a_run_are_named_by_the_file_that_lists_them(corpus: Corpus) -> None:
    listing = corpus.files("shards")[0]
    flipped(Path(corpus.path(listing.file)))
    with pytest.raises(CorpusError, match=listing.file):
        read_shards(corpus.root, listing.sha256)


@pytest.mark.parametrize("size", [0, 1, 1021, 1023])
def test_a_shard_that_ends_within_its_header_is_named(corpus: Corpus, size: int) -> None:
    shard = read_shards(corpus.root).shards[0]
    path = Path(corpus.root, "shards", shard.file)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CorpusError, match=shard.file):
        read_shard(corpus.root, shard)


def test_another_file_with_a_checksum_in_the_place_of_corpus_json_is_refused(corpus: Corpus) -> None:
    path = Path(corpus.path("corpus.json"))
    path.write_text(json.dumps(with_checksum({"format": 3})))
    with pytest.raises(CorpusError, match=r"corpus\.json"):
        open_corpus(corpus.root)


def test_a_writer_comes_past_a_tokenizer_that_is_gone(corpus: Corpus, tmp_path: Path) -> None:
    for stored in corpus.files("shards")[:1]:
        Path(corpus.path(stored.file)).unlink()
    with changing(corpus.root) as opened:
        assert opened.has("shards")


def test_a_run_on_record_with_another_letter_in_its_folder_is_no_run_that_is_gone(corpus: Corpus) -> None:
    readers.register(corpus.root, readers.Reader(readers.RUN, "/runs/one", shards="ab"))
    (path,) = Path(corpus.root, "readers").glob("run-*.json")
    path.write_text(path.read_text().replace("/runs/one", "/runs/ome"))
    with pytest.raises(CorpusError, match=path.name):
        readers.registered(corpus.root)


def test_a_damaged_list_of_shards_that_a_run_needs_costs_none_of_them(corpus: Corpus, tmp_path: Path) -> None:
    """What it lists was taken for nobody's, and swept: the run's exact takedown would have been lost."""
    fingerprint = corpus.files("shards")[0].sha256
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}")
    readers.register(corpus.root, readers.Reader(readers.RUN, str(tmp_path / "run"), shards=fingerprint))
    old = [Path(corpus.path(one.file)) for one in corpus.files("shards")]
    put(Path(corpus.root), stored={"shards": store_shards(corpus.root, replace(shards_of(corpus), seed=99))[0]})
    assert all(path.exists() for path in old), "a run on record was trained on them"
    listing, whole = old[0], old[0].read_bytes()
    for damaged in (b"\xff" + whole[1:], whole.replace(old[1].name.encode(), b"another" + old[1].name[7:].encode()), b"{}"):
        listing.write_bytes(damaged)
        with changing(corpus.root):
            pass
        assert all(path.exists() for path in old)
        with pytest.raises(CorpusError, match=listing.name):
            readers.files_of_shards(corpus.root, fingerprint)


def test_what_a_stopped_writer_had_aside_is_swept(corpus: Corpus) -> None:
    aside = [Path(corpus.root, folder, ".0123.tmp") for folder in ("takedowns/one", ".winnow/journal/ingest-0", "readers")]
    for path in aside:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    with changing(corpus.root):
        assert [path.exists() for path in aside] == [False, False, True], "somebody may be registering now"
    long_ago = time.time() - readers.STALE_SECONDS - 1
    os.utime(aside[-1], (long_ago, long_ago))
    with changing(corpus.root):
        assert not aside[-1].exists()


def test_a_reader_that_was_killed_is_swept_once_it_has_not_been_heard_of_for_long(corpus: Corpus) -> None:
    killed = Path(corpus.root, "readers", "live-0123.json")
    killed.parent.mkdir(exist_ok=True)
    killed.write_text("{}")
    with changing(corpus.root):
        assert killed.exists() and readers.live(corpus.root, time.time()) == ["readers/live-0123.json"]
    long_ago = time.time() - readers.STALE_SECONDS - 1
    os.utime(killed, (long_ago, long_ago))
    with changing(corpus.root):
        assert not killed.exists()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder with run.json and a checkpoint, as far as both say what they are."""
    record = RunRecord(FORMAT, "/C", "ab", {}, [7, 12], 600, 0, "cd", {"seed": 1}, {}, {}, "cpu", 1)
    write_run(tmp_path / "run", record)
    folder_of(tmp_path / "run", 4).mkdir()
    state = CheckpointState(4, 8, "ef", "ef", "ab", {}, {"seed": 1})
    (folder_of(tmp_path / "run", 4) / "state.json").write_text(json.dumps(with_checksum(asdict(state))))
    return tmp_path / "run"


def test_a_digit_of_run_json_that_decides_which_rows_are_read_is_not_taken_for_another(run: Path) -> None:
    assert read_run(run).shard_rows == [7, 12]
    path, rng = run / "run.json", random.Random(1)
    sound = path.read_bytes()
    path.write_bytes(sound.replace(b"12", b"13", 1))
    with pytest.raises(UsageError, match=r"run\.json .*checksum differs"):
        read_run(run)
    for _ in range(200):
        damaged = bytearray(sound)
        damaged[rng.randrange(len(sound) - 1)] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(UsageError, match=r"run\.json"):
            read_run(run)


def test_a_digit_of_state_json_is_not_taken_for_another(run: Path) -> None:
    assert read_state(run, 4).position == 8
    path = folder_of(run, 4) / "state.json"
    path.write_text(path.read_text().replace('"position": 8', '"position": 9'))
    with pytest.raises(CorpusError, match=r"state\.json .*checksum differs"):
        read_state(run, 4)


def test_the_state_of_another_step_is_not_taken_for_a_checkpoints_own(run: Path) -> None:
    """With the older step's state.json in its folder, the newest checkpoint gave the older one's weights without a word."""
    shutil.copytree(folder_of(run, 4), folder_of(run, 8))
    with pytest.raises(CorpusError, match="it is that of step 4"):
        read_state(run, 8)


def test_the_newest_checkpoint_is_not_passed_over_where_its_state_is_gone(run: Path) -> None:
    folder_of(run, 8).mkdir()
    assert chosen_step(run, 4) == 4
    with pytest.raises(CorpusError, match=r"step-0000008/state\.json is missing"):
        chosen_step(run, None)


def test_damaged_measurements_are_named(run: Path) -> None:
    (run / "metrics.jsonl").write_text('{"step": 1}\n{"step" 2}\n{"st')
    with pytest.raises(CorpusError, match=r"metrics\.jsonl"):
        read_metrics(run)


def test_a_broken_disk_is_a_line_that_names_it() -> None:
    known = as_winnow_error(OSError(errno.EIO, "Input/output error", "/disk/C/curated"))
    assert isinstance(known, EnvironmentProblem) and "/disk/C/curated" in str(known)
