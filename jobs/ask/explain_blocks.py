"""Which blocks of a page became its text, which did not, and what decided: read again from the record's own bytes."""

from typing import TYPE_CHECKING

from jobs.corpus.folder import Corpus
from jobs.corpus.sources.open_source import open_source
from jobs.corpus.views import Row
from pipeline.errors import InputError
from pipeline.lineage import REMOVED

if TYPE_CHECKING:
    from jobs.ask.explain import Capture

BEGINNING = 80  # characters of a block that are shown


def blocks_of(corpus: Corpus, captures: "list[Capture]") -> list[list[Row]]:
    """A row a block for each capture, in the page's order; none where it gave no document, is no HTML, or was taken down.

    Raises InputError where the input is not at hand, or holds something else there.
    """
    from jobs.corpus.recipe import build_recipe, ingest_settings

    recipe = build_recipe(corpus.manifest["recipe"])
    settings = ingest_settings(recipe)
    shown = [one.document if one.outcome["outcome"] != REMOVED else None for one in captures]
    return [[] if document is None else _blocks(document, settings, recipe.sources) for document in shown]


def _blocks(document: Row, settings, sources) -> list[Row]:  # type: ignore[no-untyped-def]  # these load the readers
    from pipeline.read.explain_page import judged_blocks
    from pipeline.read.ingest import reread_html

    path, offset = document["warc_file"], document["warc_offset"]
    try:
        with open_source(path, sources).stream as stream:
            page = reread_html(stream, offset, settings)
    except InputError as error:
        raise InputError(f"{path} is not at hand: {error}; --blocks reads the page again from its record") from error
    if page is None:
        return []
    return [
        {
            "kept": block.kept,
            "probability": round(block.probability, 3),
            "characters": len(block.text),
            "beginning": " ".join(block.text[: 4 * BEGINNING].split())[:BEGINNING],
            "reasons": "the kept text says the same above" if block.repeats else _reasons(block),
        }
        for block in judged_blocks(page.html, settings.html, is_xml=page.is_xml)
    ]


def _reasons(block) -> str:  # type: ignore[no-untyped-def]
    return ", ".join(f"{one.feature} {one.value:g} ({one.share:+.2f})" for one in block.reasons)
