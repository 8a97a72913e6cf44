"""Pages that only lead to others, and those that resemble them most."""

import pytest

from pipeline.quality.rules import RuleSettings, resolve
from pipeline.read.html import HtmlSettings, extract
from tests.pipeline.read.test_main_text import SENTENCE

FILES = [f"chapter-{number}.html" for number in range(8)]
NAMES = ["Overview", "Copies", "Edits", "Spans", "Shards", "Takedowns", "Reports", "Exports"]


def nginx() -> str:
    lines = "".join(
        f'<a href="{name}">{name}</a>            04-Feb-2023 11:59         {1000 + 7 * k}\n' for k, name in enumerate(FILES)
    )
    head = "<head><title>Index of /doc/</title></head>"
    return f'<html>{head}<body><h1>Index of /doc/</h1><hr><pre><a href="../">../</a>\n{lines}</pre><hr></body></html>'


def apache() -> str:
    rows = "".join(f'<tr><td><a href="{name}">{name}</a></td><td>2023-02-04 11:59</td><td>1.2K</td></tr>' for name in FILES)
    head = "<tr><th>Name</th><th>Last modified</th><th>Size</th></tr>"
    return f"<title>Index of /doc</title><h1>Index of /doc</h1><table>{head}{rows}</table>"


def python() -> str:
    items = "".join(f'<li><a href="{name}">{name}</a></li>' for name in FILES)
    said = "Directory listing for /doc/"
    return f"<title>{said}</title><h1>{said}</h1><hr><ul>{items}</ul><hr>"


def contents(*, linked: bool = True, prose: str = "") -> str:
    def item(number: str, name: str) -> str:
        return (
            f'<dt>{number}. <a href="{name}.html">{name} of a corpus</a></dt>'
            if linked
            else f"<dt>{number}. {name} of a corpus</dt>"
        )

    listed = "".join(item(f"4.{k}", name) + item(f"4.{k}.1", f"How {name}") for k, name in enumerate(NAMES, 1))
    return f"<title>Chapter 4</title><div class=chapter><h1>Chapter 4. Stages</h1>{prose}<dl class=toc>{listed}</dl></div>"


@pytest.mark.parametrize("html", [nginx(), apache(), python(), contents()])
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_lists_of_folders_and_tables_of_contents_are_told(html: str, form: str) -> None:
    assert extract(html.encode(), HtmlSettings(format=form)).page_type == "navigation"  # type: ignore[arg-type]


CLAUSES = "".join(f"<p>{part}.{clause}. {SENTENCE * 3}</p>" for part in range(1, 4) for clause in range(1, 4))
RANKED = "".join(f'<li>{place}. <a href="/{place}">{SENTENCE[:60]}</a> 4.{place} out of 5 stars</li>' for place in range(1, 12))


@pytest.mark.parametrize(
    "html",
    [
        contents(linked=False),
        contents(prose=f"<p>{SENTENCE * 9}</p>"),
        f"<title>Index of /r/, explained</title><article><h1>What servers say</h1><p>{SENTENCE * 9}</p></article>",
        f"<title>Terms</title><h1>Terms</h1><a href=/a>All terms of all years</a>{CLAUSES}",
        f"<title>Best</title><h1>Best</h1><ol>{RANKED}</ol>",
        "<title>4.1.</title><p><a href=/>4.1. Copies</a>",
    ],
)
def test_what_resembles_them_is_not(html: str) -> None:
    assert extract(html.encode()).page_type != "navigation"


def test_rules_may_name_them() -> None:
    settings = RuleSettings(unwanted_page_type={"values": ["navigation"]}, gopher_short_doc={"exempt_page_types": ["navigation"]})
    rules = {rule.name: rule for rule in resolve(settings)}
    assert rules["unwanted_page_type"].values == rules["gopher_short_doc"].exempt_page_types == {"navigation"}
