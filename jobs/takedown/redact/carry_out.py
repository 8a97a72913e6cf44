"""The part of a takedown that changes the corpus and its exports."""

from collections.abc import Callable
from typing import Any

from jobs.corpus import pending
from jobs.corpus.addresses import nowhere
from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus
from jobs.corpus.removals import kept_elsewhere
from jobs.corpus.shards import forget_copies, shards_of
from jobs.corpus.views import connect
from jobs.export.documents import FORMATS, export
from jobs.export.mixture.export import MIXED_FORMATS, export_mixture
from jobs.export.mixture.rows import mixture_settings
from jobs.export.places import Place
from jobs.export.record import exports_elsewhere, known_exports
from jobs.takedown.reach.reach import find, refuse_to_empty
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.redact import redact
from pipeline.errors import UsageError, WinnowError


def remove(
    corpus: Corpus, request: Request, measure: Callable[[], dict[str, float] | None] | None, say: Callable[[str], None]
) -> str:
    """Carries a request out on a locked corpus, unless that has been done before; the request's name.

    With `measure`, for a takedown that goes on with a run: the pages' tokens are kept until that has ended, and what `measure`
    says of the weights as they are.
    """
    name = request.name
    if name in corpus.manifest.get("takedowns", []):
        corpus.finish(at_once=True)  # where it was killed as soon as it had been decided
        forget_copies(corpus)
        say(f"takedown {name} has been carried out on the corpus")
        return name
    with connect(corpus) as database:
        reach = find(corpus, database, request)
        for one in reach.missing:
            say(f"not found: {nowhere(corpus.root, one.asked, one.candidates)}")
        refuse_to_empty(corpus, database, reach)
        if measure is not None:
            pending.keep(corpus, name, shards_of(corpus), reach.spans)
            measured = measure()
            if measured is not None:
                pending.note_before(corpus, name, measured)
        redact(corpus, database, request, reach, say)
    return name


def last_request(corpus: Corpus) -> str:
    names = corpus.manifest.get("takedowns", [])
    if not names:
        raise UsageError(f"nothing has been removed from {corpus.root}: name pages by --url, --host, --doc, --text or --list")
    return str(names[-1])


def export_again(corpus: Corpus, say: Callable[[str], None]) -> dict[str, list[str]]:
    """Makes every export of documents or tokens anew that still stands where it was written; {"rewritten", "out_of_reach"}."""
    exports: dict[str, list[str]] = {"rewritten": [], "out_of_reach": []}
    for place in known_exports(corpus):
        record = place.record() or {}
        if record.get("format") not in (*FORMATS, *MIXED_FORMATS):
            continue
        try:
            still_there = _export_anew(corpus, record, place)
            for line in still_there:
                say(f"{place.name} {line}")
            exports["out_of_reach" if still_there else "rewritten"].append(place.name)
        except WinnowError as error:
            say(f"{place.name} could not be made anew: {error}")
            exports["out_of_reach"].append(place.name)
    if corpus.exists("export", "card", "README.md"):
        say(f"{corpus.path('export', 'card')} has the pages in its figures: `winnow card {corpus.root}` makes it anew")
    for folder in readers.copies(corpus.root):
        say(f"{folder} is a corpus of the same pages: take them out of it too, or remove it with the runs trained on it")
        exports["out_of_reach"].append(folder)
    for folder in exports_elsewhere(corpus):
        say(f"{folder}: this machine cannot see whether that export still stands; make it anew there")
        exports["out_of_reach"].append(folder)
    return exports


def _export_anew(corpus: Corpus, record: dict[str, Any], place: Place) -> list[str]:
    """Without the pages; of a mixture a line for each other corpus of it that still has them."""
    if "mixture" not in record:
        export(corpus, record["format"], place.name)
        place.forget_earlier()
        return []
    corpora = [one["corpus"] for one in record["corpora"]]
    export_mixture(corpora, mixture_settings(record["mixture"]), record["format"], place.name)
    place.forget_earlier()
    return kept_elsewhere(corpus, corpora, "holds")
