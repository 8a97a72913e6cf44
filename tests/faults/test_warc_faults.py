"""A slice of the faults that `make test-faults` puts into WARC files."""

import pytest

from tests.examples import deep
from tests.faults import warc_faults


@pytest.mark.parametrize("seed", range(20 if deep() else 2))
def test_no_fault_in_a_warc_is_silent_or_costs_a_record_that_it_did_not_hit(seed):
    counts = warc_faults.run(seed, 200)
    assert counts.injected == 200
    assert (counts.lost, counts.duplicated, counts.silent) == (0, 0, 0), (seed, counts)
    assert counts.noticed + counts.harmless + counts.beyond == 200
    assert counts.noticed > 180


def test_a_reader_that_says_nothing_would_be_found_out(monkeypatch):
    read_records = warc_faults.read_records
    monkeypatch.setattr(
        warc_faults,
        "read_records",
        lambda stream, limits: [one for one in read_records(stream, limits) if isinstance(one, warc_faults.Record)],
    )
    assert warc_faults.run(0, 100).silent > 50
