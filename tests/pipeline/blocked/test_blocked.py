"""pipeline/blocked: lines of lists, names in the index, and URLs held against them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocked.index import ALLOWED, Index, Names
from pipeline.blocked.lines import entries, phrase
from pipeline.blocked.match import MAX_URL_CHARACTERS, blocked, host_names
from pipeline.blocked.settings import BlockSettings, name_of
from pipeline.errors import RecipeError
from tests.reference.blocked import covers


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Bad.Example", ["bad.example"]),
        ("  bad.example.  ", ["bad.example"]),
        ("*.bad.example", [".bad.example"]),
        (".ru", [".ru"]),
        ("bad.example/shop", ["bad.example/shop"]),
        ("https://www.bad.example:443/Shop/?a=1#x", ["bad.example/Shop/?a=1"]),
        ("0.0.0.0 bad.example ads.test # trackers", ["bad.example", "ads.test"]),
        ("127.0.0.1\tbad.example", ["bad.example"]),
        ("::1 localhost ip6-loopback", []),
        ("127.0.0.1 localhost", []),
        ("||bad.example^", ["bad.example"]),
        ("||bad.example^$third-party,important", ["bad.example"]),
        ("@@||good.bad.example^", ["@good.bad.example"]),
        ("bücher.example", ["xn--bcher-kva.example"]),
        ("10.1.2.3", ["10.1.2.3"]),
        ("//bad.example/", ["bad.example"]),
        ("bad.example ; comment", ["bad.example"]),
        ("2001:4860::8888", ["[2001:4860::8888]"]),
        ("[2001:4860::8888]", ["[2001:4860::8888]"]),
        ("address=/bad.example/ads.test/0.0.0.0", ["bad.example", "ads.test"]),
        ("server=/bad.example/", ["bad.example"]),
        ('local-zone: "bad.example." always_nxdomain', ["bad.example"]),
        ("bad.example CNAME .", ["bad.example"]),
        ("*.bad.example. 60 IN CNAME .", [".bad.example"]),
        ("# comment", []),
        ("! comment", []),
        ("[Adblock Plus 2.0]", []),
        ("", []),
    ],
)
def test_each_form_of_a_line_is_the_name_that_it_means(line: str, names: list[str]) -> None:
    assert entries(line) == names


@pytest.mark.parametrize(
    "line",
    ["bad.example##.ad", "||bad.example/banner^", "||bad.example^$domain=a.test", "||bad.example^$~third-party", "/ads/*", "&ad=",
     "bad.example,adult", "1,bad.example", '"bad.example"', "bad", "a..b", "two words", "<html>", ".", "||^", "@@/x"],
)  # fmt: skip
def test_what_names_no_whole_domain_is_passed_over_and_not_guessed(line: str) -> None:
    assert entries(line) is None


def index_of(*lists: list[str], patterns: tuple[tuple[str, int], ...] = ()) -> Index:
    """The first list is what is let pass."""
    names = Names()
    for number, some in enumerate(lists):
        names.add(some, number)
    return names.index(patterns)


def numbers(url: str, index: Index) -> list[int]:
    return [number for _, number in blocked(pa.array([url]), index)]


@pytest.mark.parametrize(
    ("url", "hits"),
    [
        ("http://bad.example/", [1]),
        ("https://user@www.BAD.example:8080/x", [1]),
        ("http://notbad.example/", []),
        ("http://bad.example.org/", []),
        ("http://me.github.io/", []),  # a slip in a list takes nobody's pages below a public suffix
        ("http://github.io/", [1]),
        ("http://shop.co.uk/", []),
        ("http://a.b.ru/", [2]),
        ("http://adserver.test/shop/item?x=1", [2]),
        ("http://www.adserver.test/shop", [2]),
        ("http://adserver.test/shopping", []),
        ("http://adserver.test/page?id=1&ref=2", [2]),
        ("http://adserver.test/page?id=12", []),
        ("http://adserver.test/", []),
        ("http://bad.example/free-xxx_pics.html", [1, 3]),
        ("http://fine.example/Free%20XXX", [3]),
        ("http://fine.example/freexxx", []),
        ("http://fine.example/casino77", [4]),
        ("http://good.bad.example/", []),
        ("http://saved.example/casino77", []),
        ("no address", []),
        ("http://" + "a." * 5000 + "example/", []),
    ],
)
def test_a_page_is_on_the_lists_that_name_it_or_what_its_owner_has_it_below(url: str, hits: list[int]) -> None:
    index = index_of(
        ["saved.example"],
        ["bad.example", "github.io", "co.uk", "@good.bad.example"],
        [".ru", "adserver.test/shop", "adserver.test/page?id=1"],
        ["~free xxx"],
        patterns=((r"casino\d+", 4),),
    )
    assert numbers(url, index) == hits


def test_rows_without_a_url_are_on_no_list_and_others_keep_their_place() -> None:
    index = index_of([], ["bad.example"])
    urls = pa.array([None, "http://bad.example/1", "", "http://bad.example/1"])
    assert blocked(urls, index) == [(1, 1), (3, 1)]


labels = st.sampled_from(["a", "b", "www", "co", "uk", "com", "github", "io", "example"])
hosts = st.lists(labels, min_size=1, max_size=5).map(".".join)


@given(st.lists(st.tuples(st.sampled_from(["", "."]), hosts).map("".join), max_size=8), hosts)
def test_the_index_says_what_holding_every_name_against_the_host_says(names: list[str], name: str) -> None:
    url = f"http://{name}/"
    assert bool(numbers(url, index_of([], names))) == any(covers(one, url) for one in names)


def test_a_name_costs_nine_bytes() -> None:
    index = index_of([], [f"host{number}.example" for number in range(1000)] * 2)
    assert index.bytes == 9 * 1000
    assert index.hashes.dtype == np.uint64 and (np.diff(index.hashes.astype(object)) > 0).all()


def test_what_stands_beyond_the_longest_url_is_not_looked_at() -> None:
    index = index_of([], ["~xxx"])
    assert numbers("http://a.example/" + "y/" * MAX_URL_CHARACTERS + "xxx", index) == []


def test_a_host_is_called_as_its_owner_may_call_it() -> None:
    assert host_names("www.a.co.uk") == ["www.a.co.uk", "a.co.uk", ".www.a.co.uk", ".a.co.uk", ".co.uk", ".uk"]
    assert host_names("10.0.0.1")[0] == "10.0.0.1" and host_names("") == []


@pytest.mark.parametrize(
    ("path", "name"),
    [("lists/adult/domains.gz", "adult"), ("lists/adult/", "adult"), ("https://x.example/oisd_small.txt", "oisd_small"),
     ("hosts", "hosts"), ("steven/hosts", "steven"), ("a/.hidden", ".hidden")],
)  # fmt: skip
def test_a_list_is_called_as_its_file_or_its_folder_is(path: str, name: str) -> None:
    assert name_of(path) == name


def test_two_lists_of_one_name_are_refused_because_a_name_is_a_reason() -> None:
    with pytest.raises(RecipeError, match="two lists are called 'adult'"):
        BlockSettings(lists=("a/adult/domains",), words=("adult.txt",))


@pytest.mark.parametrize(("line", "expected"), [("Free-XXX", "~free xxx"), ("淘宝", "~淘宝"), ("--", None)])
def test_a_phrase_is_its_words(line: str, expected: str | None) -> None:
    assert phrase(line) == expected


def test_zero_is_the_number_of_what_is_let_pass() -> None:
    assert ALLOWED == 0 and numbers("http://a.example/", index_of(["a.example"], ["a.example"])) == []
