"""pipeline/personal/shown.py: what people see beside the text is masked as the text is, and an address keeps its host."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.report.wording import visible
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_excerpts, masked_texts, masked_urls
from pipeline.urls import host

MASK = PersonalSettings()
KEY = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"


def url(given, settings=MASK):
    return masked_urls(pa.array([given], pa.string()), settings)[0].as_py()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://a.example/unsubscribe?mail=jo.doe@gmail.com&x=1", "http://a.example/unsubscribe?mail=<EMAIL>&x=1"),
        ("http://a.example/unsubscribe?mail=jo.doe%40gmail.com", "http://a.example/unsubscribe?mail=<EMAIL>"),
        ("http://jo:secret@a.example:8080/x", "http://a.example:8080/x"),
        (f"http://a.example/hook/{KEY}?y", "http://a.example/hook/<KEY>?y"),
        ("http://a.example/caf%C3%A9?q=1%2B1", "http://a.example/caf%C3%A9?q=1%2B1"),  # what has nothing private is as it was
        ("http://lists.example/4916673475725015/85.214.132.117", "http://lists.example/4916673475725015/85.214.132.117"),
        ("no address", "no address"),
        (None, None),
    ],
)
def test_an_address_gives_no_mail_key_or_password_away(given, shown):
    assert url(given) == shown


def test_kinds_that_the_recipe_keeps_are_left_and_those_that_drop_pages_are_masked():
    given = "http://a.example/?m=jo.doe@gmail.com"
    assert url(given, PersonalSettings(email="keep")) == given
    assert url(given, PersonalSettings(email="drop")) == "http://a.example/?m=<EMAIL>"


@given(st.text(st.sampled_from("jo.@:/?#%40\\gmailcom"), max_size=30))
def test_no_address_gets_another_host(rest):
    given = f"http://{rest}"
    assert host(str(url(given))) == host(given)


def test_titles_and_excerpts_have_placeholders_and_half_an_address_goes():
    texts = pa.array(["Write to jo.doe@gmail.com!", None, "a @ b"])
    assert masked_texts(texts, pa.nulls(3, pa.string()), MASK).to_pylist() == ["Write to <EMAIL>!", None, "a @ b"]
    given = ["send it to jo.doe@gma…", "from jo.doe@gmail.com …", "@media", None, "jo.•••@•••••.•••"]
    shown = ["send it to <EMAIL>…", "from <EMAIL> …", "@media", None, "jo.•••@•••••.•••"]
    assert masked_excerpts(pa.array(given), MASK).to_pylist() == shown


def test_what_the_report_shows_of_an_address_is_masked():
    assert visible("http://a.example/?m=jo.doe%40gmail.com") == "http://a.example/?m=<EMAIL>"
