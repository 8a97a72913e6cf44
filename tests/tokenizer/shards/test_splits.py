import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RecipeError
from tokenizer.shards.files import ShardSettings
from tokenizer.shards.splits import bound_that_splits, chosen_unit, hash_bound, is_read_last, split_hashes

HASH_OF_EXAMPLE = -2339706147418992370
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
any_hash = st.integers(LOWEST, HIGHEST)
shares = st.floats(0, 0.5)


def test_a_draw_is_the_one_that_is_written_down() -> None:
    """Anyone can compute it: BLAKE2b-64 of "validation:seed:host", big-endian, signed. It must never move."""
    digest = hashlib.blake2b(b"validation:3:example.org", digest_size=8).digest()
    assert split_hashes(["example.org"], 3) == [int.from_bytes(digest, "big", signed=True)] == [HASH_OF_EXAMPLE]


@given(st.lists(st.text(max_size=5), min_size=1), st.integers(0, 9))
def test_what_a_unit_draws_depends_on_no_other_unit(units: list[str], seed: int) -> None:
    assert split_hashes(units, seed) == [split_hashes([unit], seed)[0] for unit in units]


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_the_share_of_hosts_that_is_asked_for_is_held_out(share: float) -> None:
    hosts = 20_000
    held_out = sum(split_hash < hash_bound(share) for split_hash in split_hashes(map(str, range(hosts)), 1))
    assert abs(held_out - hosts * share) < 5 * (hosts * share * (1 - share)) ** 0.5


@given(shares, any_hash, any_hash)
def test_a_corpus_with_two_draws_is_always_split(share: float, one: int, other: int) -> None:
    lowest, highest = sorted((one, other))
    bound = bound_that_splits(share, lowest, highest)
    assert (highest < bound) is False, "something is left to train on"
    assert (lowest < bound) is (share > 0 and lowest < highest)


@given(shares.filter(lambda share: share > 0), any_hash, any_hash)
def test_the_bound_moves_only_where_nothing_or_everything_was_drawn(share: float, one: int, other: int) -> None:
    lowest, highest = sorted((one, other))
    if lowest < hash_bound(share) <= highest:
        assert bound_that_splits(share, lowest, highest) == hash_bound(share)


def test_whole_hosts_are_held_out_where_there_are_a_thousand() -> None:
    assert [chosen_unit("auto", hosts) for hosts in (0, 999, 1000)] == ["page", "page", "host"]
    assert [chosen_unit(unit, 5000) for unit in ("host", "page")] == ["host", "page"]


@pytest.mark.parametrize("share", [-0.1, 0.51, 20])
def test_a_share_that_leaves_too_little_to_train_on_is_refused(share: float) -> None:
    with pytest.raises(RecipeError, match=f"validation_share is {share}"):
        ShardSettings(validation_share=share)


def test_an_unknown_unit_is_refused_with_those_there_are() -> None:
    with pytest.raises(RecipeError, match="'site': one of auto, host, page"):
        ShardSettings(validation_unit="site")


def test_a_late_host_stands_for_itself_and_all_below_it() -> None:
    hosts = ["example.org", "news.example.org", "badexample.org", "org", ""]
    assert [is_read_last(host, ["other.net", "example.org"]) for host in hosts] == [True, True, False, False, False]


@pytest.mark.parametrize("name", ["", "Example.org", "https://example.org", "example.org:80", "example.org/x", ".org"])
def test_a_late_host_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match="read_last_hosts"):
        ShardSettings(read_last_hosts=("example.org", name))
