"""`winnow card`: the documents of a corpus, written into a folder."""

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from jobs.card.croissant import croissant_of
from jobs.card.domains import Domains, as_tsv, top_domains
from jobs.card.front_matter import front_matter
from jobs.card.ledger import Cited, Ledger, open_ledger
from jobs.card.markdown import environment
from jobs.card.open_points import OPEN, read_answers
from jobs.corpus.folder import Corpus
from jobs.corpus.stores.disk import replace_file
from pipeline.errors import EnvironmentProblem, UsageError

DOCUMENTS = ("README.md", "eu-ai-act.md", "california-ab2013.md")
CROISSANT, DOMAINS = "croissant.json", "domains.tsv"

# Sizes of text by which the EU's template asks (1.3), in tokens.
BANDS = ((10**9, "less than 1 billion tokens"), (10**13, "1 billion to 10 trillion tokens"))
LARGEST_BAND = "more than 10 trillion tokens"


@dataclass(frozen=True)
class Written:
    """What a card holds; `open` are the points that no table and no answer has."""

    folder: Path
    files: tuple[str, ...]
    open: tuple[str, ...]


def write_card(corpus: Corpus, folder: Path, answers: Path | None = None, *, small: bool = False) -> Written:
    """Writes every document of `corpus` into `folder`; what lay there under their names is replaced.

    `answers`: a file for what no table knows; `small`: domains as small and medium-sized providers list them. Raises UsageError
    for answers that are none, CorpusError where pages have not been decided, EnvironmentProblem where nothing can be written.
    """
    known = read_answers(answers)
    with open_ledger(corpus) as ledger:
        texts = dict(_texts(corpus, ledger, known, top_domains(ledger.all("hosts"), small=small), small=small))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            replace_file(folder / name, text.encode())
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror or error}; name another --output") from error
    return Written(folder, tuple(texts), tuple(point for point in OPEN if point not in known))


def _texts(
    corpus: Corpus, ledger: Ledger, answers: dict[str, str], domains: Domains, *, small: bool
) -> Iterator[tuple[str, str]]:
    title = " ".join(answers.get("title", posixpath.basename(corpus.root)).split())
    templates = environment()
    for name in DOCUMENTS:
        cited = Cited()
        body = templates.get_template(name).render(
            all=ledger.all, one=ledger.one, cite=_cite(cited), left_open=_left_open(answers), cited=cited, title=title,
            small=small, domains=domains, band=_band(ledger), manifest=corpus.manifest,
            done=frozenset(corpus.stages),
        )  # fmt: skip
        head = front_matter(corpus, ledger, title, answers.get("licence")) if name == "README.md" else ""
        yield name, head + body
    yield CROISSANT, json.dumps(croissant_of(corpus, ledger, title, answers.get("licence")), indent=1, ensure_ascii=True) + "\n"
    yield DOMAINS, as_tsv(domains)


def _cite(cited: Cited) -> Any:
    """Where the query of a statement stands, as a link."""

    def cite(*questions: str) -> Markup:
        numbers = [cited.number(one) for one in questions]
        return Markup(f"({', '.join(f'[Q{number}](#q{number})' for number in numbers)})")  # noqa: S704 - numbers

    return cite


def _left_open(answers: dict[str, str]) -> Any:
    """What the publisher says of a point, or its name."""

    def left_open(point: str) -> Markup:
        known = answers.get(point)
        return Markup(known if known is not None else f"**Left open** (`{point}`): {OPEN[point]}.")  # noqa: S704 - the publisher's

    return left_open


def _band(ledger: Ledger) -> str:
    tokens = ledger.one("tokens")["tokens"]
    return next((name for below, name in BANDS if tokens < below), LARGEST_BAND)


def output_folder(corpus: Corpus, output: Path | None) -> Path:
    """CORPUS/export/card unless another is named. Raises UsageError for a corpus that is not on this machine and no name."""
    if output is None and not corpus.is_local:
        raise UsageError(f"{corpus.root} is not on this machine: name a folder here with --output")
    return output or Path(corpus.path("export", "card"))
