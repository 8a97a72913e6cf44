"""Prints the standard library's own documentation as HTML, one JSON object a line: {"path", "html"}.

Run as a program, by jobs/sample/library.py, in a process of its own: it imports every module it describes. Imports nothing
beyond the standard library. What differs between two runs or two machines is fixed before it can reach a page: the search
path, the prefix, addresses of objects, and the folder that a module lies in.
"""

import contextlib
import importlib
import json
import os
import pydoc
import re
import sys
import sysconfig
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics as topic_texts

STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
# Importing one of these opens a browser, prints, draws, needs a display, or brings a test suite along.
ACT_ON_IMPORT = frozenset(
    {
        "__hello__",
        "__phello__",
        "antigravity",
        "ensurepip",
        "idlelib",
        "rlcompleter",
        "test",
        "this",
        "tkinter",
        "turtle",
        "turtledemo",
    }
)
NOT_DESCRIBED = frozenset({"__main__", "__pycache__", "idle_test", "test", "tests"})
PRIVATE_TRIAL = ("_test", "_xx", "xx", "_ctypes_test")  # modules that CPython keeps for testing itself
PLACE = "/python"  # what every page calls the prefix of the installation
MACHINE = {  # as written in pages -> as published; longest first, a prefix such as /usr only where a quoted path begins
    str(STANDARD_LIBRARY): f"{PLACE}/lib",
    sys.executable: f"{PLACE}/bin/python3",
    f"'{sys.prefix}": f"'{PLACE}",
    f"'{sys.base_prefix}": f"'{PLACE}",
}
ADDRESS = re.compile(r"(&nbsp;| )at(&nbsp;| )0x[0-9A-Fa-f]+|, handle [0-9a-f]{6,}")


class LibraryPages(pydoc.HTMLDoc):
    """pydoc's pages without what only this machine knows."""

    def filelink(self, url: str, path: str) -> str:  # noqa: ARG002  (pydoc names it)
        """The module's file from the library's root; pydoc would link to a file of this machine."""
        file = Path(path)
        return file.relative_to(STANDARD_LIBRARY).as_posix() if file.is_relative_to(STANDARD_LIBRARY) else file.name

    def docother(self, value: object, name: str | None = None, mod: str | None = None, *ignored: object) -> str:
        """A module's data; the table of loaded modules is full of files of this machine."""
        return super().docother({} if value is sys.modules else value, name, mod, *ignored)

    def page(self, title: str, contents: str) -> str:
        """As pydoc's own web server frames it: version and navigation above."""
        version = ".".join(map(str, sys.version_info[:3]))
        navigation = (
            f"<div style='float:left'>Python {version}</div>\n"
            "<div style='float:right'><div style='text-align:center'><a href=\"index.html\">Module Index</a> : "
            '<a href="topics.html">Topics</a> : <a href="keywords.html">Keywords</a></div></div>\n'
        )
        return super().page(title, f'{navigation}<div style="clear:both;padding-top:.5em;">{contents}</div>')


def module_names() -> Iterator[str]:
    """Every module of the standard library that may be imported without consequences, packages walked."""
    for name in sorted(sys.stdlib_module_names - ACT_ON_IMPORT):
        if name.startswith(PRIVATE_TRIAL) or name in NOT_DESCRIBED:
            continue
        yield name
        yield from submodule_names(STANDARD_LIBRARY / name, name)


def submodule_names(folder: Path, package: str) -> Iterator[str]:
    if not (folder / "__init__.py").is_file():
        return
    for entry in sorted(folder.iterdir()):
        if entry.stem in NOT_DESCRIBED or entry.stem == "__init__":
            continue
        if entry.is_dir() and (entry / "__init__.py").is_file():
            yield f"{package}.{entry.name}"
            yield from submodule_names(entry, f"{package}.{entry.name}")
        elif entry.suffix == ".py":
            yield f"{package}.{entry.stem}"


def imported(names: Iterator[str]) -> dict[str, types.ModuleType]:
    """The modules that this build of Python has; those of other systems fail to import and are left out."""
    modules = {}
    for name in names:
        with contextlib.suppress(ImportError):
            modules[name] = importlib.import_module(name)
    return modules


def hide_this_machine() -> None:
    """Values that pages of sys, os and site would show."""
    for name in ("prefix", "base_prefix", "exec_prefix", "base_exec_prefix"):
        setattr(sys, name, PLACE)
    sys.executable = sys._base_executable = f"{PLACE}/bin/python3"  # type: ignore[attr-defined]
    sys.argv, sys.orig_argv, sys.path = [""], ["python3"], [f"{PLACE}/lib"]
    sys.path_importer_cache.clear()


def topic_page(pages: LibraryPages, name: str, entry: str | tuple[str, ...]) -> str | None:
    """The page of a language topic or keyword; an entry is a text's label with related names, or another topic's name."""
    while isinstance(entry, str):
        if not entry:  # True, False, None: pydoc shows the object instead
            return None
        entry = pydoc.Helper.topics.get(entry) or pydoc.Helper.keywords[entry]
    label, related = entry
    if label not in topic_texts:  # as in builds without the topics' texts
        return None
    kind = "KEYWORD" if name in pydoc.Helper.keywords else "TOPIC"
    heading = pages.heading(f'<strong class="title">{kind}</strong>')
    text = pages.bigsection(name, "index", f"<pre>{pages.markup(topic_texts[label].strip())}</pre>")
    links = ", ".join(f'<a href="topic?key={other}">{other}</a>' for other in sorted(related.split()))
    more = pages.section("Related help topics: ", "index", links) if links else ""
    return pages.page(f"{kind} {name}", heading + text + more)


def rendered() -> Iterator[tuple[str, str]]:
    """(path, HTML) of every module and topic, with an index that links to all modules."""
    modules = imported(module_names())
    hide_this_machine()
    pages = LibraryPages()
    index = pages.multicolumn(sorted(modules), lambda name: f'<a href="{name}.html">{name}</a>')
    yield "index.html", pages.page("Index of Modules", pages.bigsection("Modules", "index", index))
    for name, module in modules.items():
        yield f"{name}.html", pages.page(name, pages.document(module, name))
    for name, entry in sorted({**pydoc.Helper.keywords, **pydoc.Helper.topics}.items()):
        page = topic_page(pages, name, entry)
        if page:
            yield f"topic?key={name}", page


def without_machine(page: str) -> str:
    """The page with addresses dropped and folders of this machine renamed."""
    for written, published in MACHINE.items():
        page = page.replace(written, published)
    return ADDRESS.sub("", page)


def main() -> None:
    """Modules may print while they load: only pages reach the real standard output."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    warnings.simplefilter("ignore")
    with output:
        for path, page in rendered():
            output.write(json.dumps({"path": path, "html": without_machine(page)}) + "\n")


if __name__ == "__main__":
    main()
