"""A small real crawl, made offline: a little web written for this project, and Python's own documentation.

Pages are served on loopback by the standard library and recorded with warcio, as a crawler would record them. The same seed
on the same version of Python gives the same bytes. Imports warcio, brotli and zstandard; knows no Spark.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from jobs.sample.library import library_pages
from jobs.sample.private import beside, recipe_with_places
from jobs.sample.record import WholeFile, record_crawl
from jobs.sample.website import planned_sessions
from pipeline.errors import EnvironmentProblem

RECIPE = Path(__file__).with_name("recipe.toml")  # laid beside the crawl


@dataclass(frozen=True, kw_only=True)
class SampleSummary:
    """What was written, for the caller to print."""

    files: tuple[Path, ...]  # WARC files, in the order of their recording
    index: Path
    records: int
    pages: int  # responses that carry HTML or plain text with status 200
    hosts: int
    languages: tuple[str, ...]  # of the articles, ISO 639-1
    bytes: int  # of the WARC files
    seconds: float


def make_sample(directory: Path, seed: int = 0) -> SampleSummary:
    """Writes the sample crawl into `directory`, replacing an earlier one; each file appears only once it is whole."""
    started = time.perf_counter()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        sessions = planned_sessions(library_pages(), seed)
        recording = record_crawl(sessions, directory, seed)
        with WholeFile(directory / RECIPE.name) as file:
            file.write(recipe_with_places(RECIPE.read_bytes(), directory))
        for name, content in beside().items():
            (directory / name).parent.mkdir(exist_ok=True)
            with WholeFile(directory / name) as file:
                file.write(content)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        message = f"cannot make the sample crawl in {directory}: {reason}; name a folder you may write to"
        raise EnvironmentProblem(message) from problem
    visits = [visit for session in sessions for visit in session.visits]
    return SampleSummary(
        files=recording.files,
        index=recording.index,
        records=recording.records,
        pages=sum(visit.is_page for visit in visits),
        hosts=len({visit.host for visit in visits}),
        languages=tuple(sorted({visit.language for visit in visits if visit.language})),
        bytes=sum(file.stat().st_size for file in recording.files),
        seconds=time.perf_counter() - started,
    )
