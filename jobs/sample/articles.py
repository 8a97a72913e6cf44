"""The articles of the little web: plain text files in articles/, one per article, named LANGUAGE-SLUG.txt.

A file is a title, then blocks with blank lines between them: a paragraph, `## ` a heading, lines of `- ` a list, lines of
`| ` a table (cells between bars, the first row its header), lines indented by four spaces preformatted text.
"""

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

ARTICLES = Path(__file__).with_name("articles")


@dataclass(frozen=True, kw_only=True)
class Article:
    language: str  # ISO 639-1
    slug: str
    title: str
    blocks: tuple[str, ...]

    @property
    def paragraphs(self) -> list[str]:
        """The blocks that are prose."""
        return [block for block in self.blocks if not block.startswith(("## ", "- ", "| ", "    "))]


@cache
def all_articles() -> tuple[Article, ...]:
    return tuple(read_article(file) for file in sorted(ARTICLES.glob("*.txt")))


def read_article(file: Path) -> Article:
    language, _, slug = file.stem.partition("-")
    title, *blocks = file.read_text(encoding="utf-8").strip("\n").split("\n\n")
    return Article(language=language, slug=slug, title=title, blocks=tuple(blocks))


def block_html(block: str) -> str:
    """The HTML of one block."""
    lines = block.split("\n")
    if block.startswith("## "):
        return f"<h2>{escape(block[3:])}</h2>"
    if block.startswith("- "):
        return "<ul>\n" + "\n".join(f"<li>{escape(line[2:])}</li>" for line in lines) + "\n</ul>"
    if block.startswith("| "):
        rows = [line.strip("| ").split(" | ") for line in lines]
        return f"<table>\n{table_row(rows[0], 'th')}\n" + "\n".join(table_row(row, "td") for row in rows[1:]) + "\n</table>"
    if block.startswith("    "):
        return "<pre>" + escape("\n".join(line[4:] for line in lines)) + "</pre>"
    return f"<p>{escape(block)}</p>"


def table_row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
