"""Who reads a corpus in S3, and what was made from it on which machine."""

import platform
import time

import pytest

from jobs.corpus.files import readers
from jobs.corpus.files.readers import EXPORT, RUN, VIEW, Reader
from jobs.corpus.folder import changing
from jobs.export.record import exports_elsewhere, known_exports
from jobs.runs.unlearn.affected import run_states
from tests.s3 import FaultyS3

EMPTY = {"format": 5, "stages": {}, "tables": {}}


@pytest.fixture
def root(bucket: str) -> str:
    with changing(f"s3://{bucket}/corpus") as corpus:
        corpus.publish({}, EMPTY)
    return corpus.root


def test_whoever_reads_is_there_as_long_as_it_reads(root: str) -> None:
    with readers.reading(root, VIEW, root):
        assert [one.kind for one in readers.registered(root)] == [VIEW] and len(readers.live(root, time.time())) == 1
    assert readers.registered(root) == [] == readers.live(root, time.time())


def test_a_bucket_that_may_only_be_read_is_read_and_one_line_says_so(root: str, s3: FaultyS3) -> None:
    def refuse_writes(method: str, _: str) -> None:
        s3.refused = 403 if method == "PUT" else None

    s3.before = refuse_writes
    said = list[str]()
    with readers.reading(root, RUN, "/runs/one", said.append):
        pass
    readers.register(root, Reader(RUN, "/runs/one"))
    assert len(said) == 1 and root in said[0] and "/runs/one" in said[0] and "\n" not in said[0]
    assert readers.registered(root) == []


def test_what_lies_on_another_machine_is_kept_for_it_and_known_as_out_of_sight(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(platform, "node", lambda: "other")
        readers.register(root, Reader(RUN, "/runs/one", shards="f" * 64))
        readers.register(root, Reader(EXPORT, "/exports/one", format="mds"))
    readers.register(root, Reader(RUN, "/runs/one", shards="0" * 64))  # of the same name here, and gone
    assert readers.trained_on(root) == {"f" * 64}
    with changing(root) as corpus:
        assert known_exports(corpus) == [] and exports_elsewhere(corpus) == ["/exports/one on other"]
        (state,) = run_states(corpus)
        assert (state.state, state.folder) == ("unknown", "/runs/one") and "other" in state.why
