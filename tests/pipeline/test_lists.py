"""Word lists as text: comments, sections, entries as they stand and named ones; a slip is reported with its place."""

from pathlib import Path

import pytest

from pipeline.lists import fields, sections
from tests.paths import PROJECT

TEXT = """# said of the whole

[first]
one
  two words\t
# said of what follows
[a|b] {c}
[a] and [b]
"# a sharp"
" blank at both ends "
""
""quoted""
"

[{second one}]
[empty]
"""


def read(text: str, folder: Path) -> dict[str, tuple[str, ...]]:
    file = folder / "list.txt"
    file.write_text(text, "utf-8")
    return sections(file)


def test_sections_hold_their_entries_in_order_and_as_they_stand(tmp_path: Path) -> None:
    assert read(TEXT, tmp_path) == {
        "first": ("one", "two words", "[a|b] {c}", "[a] and [b]", "# a sharp", " blank at both ends ", "", '"quoted"', '"'),
        "{second one}": (),
        "empty": (),
    }


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("word\n[a]\n", "list.txt:1: an entry before the first"),
        ("[a]\n[b]\nword\n\n[a]\n", r"list.txt:5: there is a section \[a\]"),
    ],
)
def test_a_slip_is_reported_with_its_place(text: str, slip: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=slip):
        read(text, tmp_path)


def test_fields_are_named_entries_and_each_name_is_there_once() -> None:
    assert fields(("en: the be", "tag: a: b")) == {"en": "the be", "tag": "a: b"}
    for slip in (("en",), ("en:the",), ("en: the", "en: be")):
        with pytest.raises(ValueError, match="'en"):
            fields(slip)


def test_every_list_that_ships_is_read_and_has_no_empty_section() -> None:
    lists = sorted((PROJECT / "pipeline").rglob("*.txt"))
    assert len(lists) >= 14
    for file in lists:
        assert all(sections(file).values()), file


def test_no_phrase_that_runs_is_empty_since_it_would_be_found_everywhere() -> None:
    lists = sorted((PROJECT / "pipeline" / "poison" / "words" / "lists").glob("*.txt"))
    assert len(lists) >= 6
    for file in lists:
        found = [entry for entries in sections(file).values() for entry in entries]
        assert [entry for entry in found if not entry or "||" in entry or entry.endswith("|")] == [], file
