"""The maps: README.md has the folders of two levels, docs/map.md all of them, each with its meaning.

That is the first sentence of its package's docstring. What has no docstring (DAGs, tests, this folder) keeps the meaning that
README's map gives it.
"""

import ast
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ROOMS = ("pipeline", "jobs", "tokenizer", "model")
OTHERS = ("airflow_dags", "docs", "tests")
BEGIN, END = "<!-- map -->\n```text\n", "```\n<!-- /map -->"
MEANING_COLUMN, README_LEVELS = 20, 2


def redrawn(readme: str) -> str:
    """README with its map drawn again; raises ValueError for a folder without a meaning."""
    before, drawn, after = cut(readme)
    meanings = read_map(drawn)
    shown = [folder for folder in folders() if folder.count("/") < README_LEVELS]
    return before + BEGIN + _lines(shown, meanings) + END + after


def map_page(readme: str) -> str:
    """docs/map.md, with README's meanings of folders that say none themselves."""
    says = "Every folder that holds code, and the question that it answers. [How it works](how.md) walks through them."
    return f"# The map\n\n{says}\n\n```text\n{_lines(folders(), read_map(cut(readme)[1]))}```\n"


def _lines(shown: list[str], meanings: dict[str, str]) -> str:
    return "".join(line(folder, first_sentence(folder) or meanings.get(folder, "")) for folder in shown)


def cut(readme: str) -> tuple[str, str, str]:
    before, _, rest = readme.partition(BEGIN)
    drawn, _, after = rest.partition(END)
    return before, drawn, after


def read_map(drawn: str) -> dict[str, str]:
    """Path of each folder -> its meaning."""
    found: dict[str, str] = {}
    parents: list[str] = []
    for row in drawn.splitlines():
        name, _, meaning = row.strip().partition("  ")
        depth = (len(row) - len(row.lstrip())) // 2
        parents = [*parents[:depth], name.rstrip("/")]
        found["/".join(parents)] = meaning.strip()
    return found


def folders() -> list[str]:
    """Every folder that holds code, each below its parent."""
    rooms = [
        path.relative_to(PROJECT).as_posix()
        for room in ROOMS
        for path in sorted([PROJECT / room, *(PROJECT / room).rglob("*/")])
        if any(path.glob("*.py"))
    ]
    return [*rooms, *OTHERS]


def first_sentence(folder: str) -> str:
    """Of the package's docstring, without its full stop; empty where there is none."""
    package = PROJECT / folder / "__init__.py"
    words = ast.get_docstring(ast.parse(package.read_text("utf-8"))) if package.is_file() else None
    return " ".join((words or "").split("\n\n")[0].split()).split(". ")[0].rstrip(".")


def line(folder: str, meaning: str) -> str:
    if not meaning:
        raise ValueError(f"{folder}/ has no meaning: write a docstring into its __init__.py, or a line into the map of README.md")
    name = "  " * folder.count("/") + folder.rpartition("/")[2] + "/"
    return f"{name.ljust(MEANING_COLUMN - 2)}  {meaning}\n"
