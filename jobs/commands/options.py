"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import UsageError
from pipeline.settings import check_value

CorpusArgument = Annotated[str, typer.Argument(metavar="CORPUS", help="folder of a corpus, or its URL in a store")]
Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="files, folders, globs, URLs, lists (@list.txt, warc.paths.gz), cc:CC-MAIN-2026-42"),
]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="CORPUS", help="folder of the corpus, made if need be; or its URL in a store")
]
RecipeFile = Annotated[
    str | None,
    typer.Option("--recipe", metavar="NAME|FILE", help="default, fineweb, c4, gopher, or TOML; without it the corpus' own"),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="a setting of the recipe (rules.gopher_short_doc.minimum=30); may be repeated"
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="a whole recipe may change what the corpus was made with")]
Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        metavar="FILE",
        help="Python with functions that plugins.measures and detectors.functions may name; may be repeated",
    ),
]
Master = Annotated[
    str | None, typer.Option("--master", metavar="URL", help="Spark master; default local[*], all cores of this machine")
]
SparkSettings = Annotated[list[str] | None, typer.Option("--spark", metavar="KEY=VALUE", help="a Spark setting; may be repeated")]
SkipBad = Annotated[bool, typer.Option("--skip-bad-inputs", help="record unreadable inputs in `files` and go on")]
Files = Annotated[int | None, typer.Option("--files", metavar="N", min=1, help="so many of the files that the inputs name")]
Sample = Annotated[
    int | None, typer.Option("--sample", metavar="SEED", help="with --files: drawn by this seed, in place of the first")
]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="STAGE", help="accept a stage as it stands; may be repeated"),
]
Again = Annotated[
    list[str] | None,
    typer.Option("--again", metavar="STAGE", help="make a stage anew though nothing it is made of changed; may be repeated"),
]
Prometheus = Annotated[
    Path | None, typer.Option("--prometheus", metavar="FILE", help="keep the state there as a text file for node_exporter")
]
Json = Annotated[bool, typer.Option("--json", help="print JSON, for scripts")]

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="folder of a run")]
Step = Annotated[int | None, typer.Option("--step", help="of the checkpoint; default the newest")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda or cuda:N; default a GPU if there is one")]


def now_called(name: str) -> Any:
    """An option of an earlier version: it is not shown, and refused with its new name."""

    def refuse(option: typer.CallbackParam, value: object) -> None:
        if value is not None:
            raise UsageError(f"{option.opts[0]} is now {name}")

    return typer.Option(hidden=True, callback=refuse)


def within(help: str, **bounds: float) -> Any:  # noqa: A002 - as Typer calls it
    """An option that takes numbers within these bounds alone (pipeline/settings.py)."""

    def check(option: typer.CallbackParam, value: float | None) -> float | None:
        if value is not None:
            check_value(option.opts[0], value, type(value), bounds)
        return value

    return typer.Option(help=help, callback=check)
