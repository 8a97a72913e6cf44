"""What a command that makes stages does: all that can be wrong with the request is found before Spark starts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.commands.shown.failures import naming_room
from jobs.corpus.folder import MANIFEST, changing, corpus_at
from jobs.corpus.plugins import allow
from jobs.corpus.stages import NAMES
from pipeline.errors import UsageError

if TYPE_CHECKING:  # Spark, which is loaded when a stage has to be made
    from jobs.corpus.folder import Corpus
    from jobs.corpus.inputs import InputFile
    from jobs.corpus.recipe import Recipe
    from jobs.stages.stage import Stage, Work

# A corpus has 1.4 bytes by byte of gzip-compressed WARC (sample crawl); Spark's shuffles are reckoned as much again.
NEEDED_PER_INPUT_BYTE = 2.8


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the command line says."""

    output: str
    stage: str | None = None  # null: all of them
    inputs: list[str] | None = None
    recipe: str | None = None
    master: str | None = None
    spark: list[str] | None = None
    skip_bad: bool = False
    files: int | None = None
    sample: int | None = None
    keep: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)  # SECTION.NAME=VALUE of the recipe
    yes: bool = False  # a whole recipe may change what the corpus was made with
    dry_run: bool = False
    as_json: bool = False
    prometheus: Path | None = None
    plugins: list[Path] = field(default_factory=list)  # files whose functions the recipe may name


def run(wanted: Wanted) -> None:
    """Makes what has to be made, or with `dry_run` says what that would be, and why."""
    from jobs.commands.shown.stage_progress import stage_progress
    from jobs.commands.shown.terminal import say
    from jobs.spark.java import find_java
    from jobs.stages.curate import BY_NAME, STAGES, run_stages
    from jobs.stages.stage import Work, working

    allow(wanted.plugins)
    chosen, stages = recipe_of(wanted), STAGES if wanted.stage is None else (BY_NAME[wanted.stage],)
    files = _listed(wanted, chosen) if wanted.inputs is not None else ()
    settings: dict[str, Any] = {
        "master": wanted.master,
        "spark_settings": spark_settings(wanted.spark),
        "keep": stages_named("--keep", wanted.keep),
        "again": stages_named("--again", wanted.again),
        "skip_bad": wanted.skip_bad,
    }
    if wanted.dry_run:
        show_plan(Work(corpus=corpus_at(wanted.output), recipe=chosen, inputs=files, **settings), stages, as_json=wanted.as_json)
        return
    find_java()
    with changing(wanted.output) as corpus:
        preload = tuple(dict.fromkeys(group for stage in stages for group in stage.kernels))
        work = Work(corpus=corpus, recipe=chosen, inputs=files, preload=preload, **settings)
        names = tuple(stage.name for stage in stages)
        progress = stage_progress(work, names, wanted.prometheus)
        with naming_what_is_needed(work), working(work), progress as (started, ended):
            run_stages(work, stages, started, ended)
        if work.started_spark is not None:
            say(f"Spark took {work.start_seconds:.1f} s to start")
        if wanted.stage in (None, "report"):
            say(f"report: {corpus.path('report.html')}")


def recipe_of(wanted: Wanted) -> "Recipe":
    """What is asked for, laid over what the corpus was made with where it says so. Raises UsageError before a silent reset.

    In what it differs from the corpus' recipe is said first, and with `dry_run` also what that does to the pages.
    """
    from jobs.commands.shown.terminal import say
    from jobs.corpus.recipe import build_recipe, choose_recipe
    from jobs.corpus.recipe_text import differences, shown

    corpus = corpus_at(wanted.output)
    standing = corpus.manifest.get("recipe") if corpus.exists(MANIFEST) else None
    chosen = choose_recipe(wanted.recipe, wanted.changes, standing)
    if standing is None or not (lines := differences(build_recipe(standing), chosen.recipe)):
        return chosen.recipe
    say(f"the recipe changes what {corpus.root} was made with:\n{shown(lines)}")
    if wanted.dry_run:
        if not wanted.as_json:
            show_effect(corpus, build_recipe(standing), chosen.recipe)
    elif chosen.whole and not wanted.yes:
        raise UsageError(
            f"{wanted.recipe} is a whole recipe and would change {len(lines)} settings of {corpus.root}: pass --yes if that is "
            f'meant, --dry-run to see what it does, or begin the file with base = "corpus" to change only what it names'
        )
    return chosen.recipe


def show_effect(corpus: "Corpus", before: "Recipe", now: "Recipe") -> None:
    """Pages by rule and by language, where the measures that stand can tell."""
    from jobs.ask.effect import effect
    from jobs.commands.shown.terminal import print_table, say
    from jobs.stages.ingest.ingest_records import STAGE as INGEST
    from jobs.stages.plugins.measure_pages import measured_anew
    from pipeline.quality.rules import resolve

    read_otherwise = any(getattr(before, name) != getattr(now, name) for name in INGEST.sections)
    if "ingest" not in corpus.stages or read_otherwise or measured_anew(corpus, now.plugins.measures):
        say("its measures would be taken anew, so what the rules do to its pages cannot be told before")
        return
    found = effect(corpus, resolve(before.rules), resolve(now.rules)).as_json()
    rows: list[list[object]] = [
        [name, found["filtered"][key], found["filtered_characters"][key]] for name, key in (("now", "before"), ("then", "after"))
    ]
    print_table(f"filtered of {found['pages']:,} pages, {found['characters']:,} characters", ["", "pages", "characters"], rows)
    changed = [[name, one["before"], one["after"]] for name, one in found["rules"].items() if one["before"] != one["after"]]
    print_table("pages that break a rule", ["rule", "now", "then"], changed)
    languages = [[one["language"], one["pages"], one["newly_filtered"], one["newly_passed"]] for one in found["languages"]]
    print_table("by language", ["language", "pages", "newly filtered", "newly passed"], languages)
    show_detected(corpus, before, now)


def show_detected(corpus: "Corpus", before: "Recipe", now: "Recipe") -> None:
    """Pages by detector of the recipe's own, where what they found is known."""
    from jobs.ask.detected_effect import detected_effect
    from jobs.commands.shown.terminal import print_table, say
    from jobs.stages.plugins.detect_spans import detected_anew

    if detected_anew(corpus, now.detectors.functions):
        say("its detectors would be called anew, so what they find on its pages cannot be told before")
        return
    rows: list[list[object]] = [
        [one["detector"], *(value for when in ("before", "after") for value in one[when].values())]
        for one in detected_effect(corpus, before.detected, now.detected)
    ]
    if rows:
        print_table("pages with a finding of a detector", ["detector", "now", "pages", "then", "pages"], rows)


def _listed(wanted: Wanted, recipe: "Recipe") -> "tuple[InputFile, ...]":
    from jobs.commands.shown.terminal import say
    from jobs.corpus.inputs import list_inputs, skipped_line

    if wanted.sample is not None and wanted.files is None:
        raise UsageError("--sample SEED draws from the inputs, so it needs --files N")
    listed = list_inputs(
        wanted.inputs or [], skip_bad=wanted.skip_bad, rows=recipe.rows, sources=recipe.sources,
        files=wanted.files, sample=wanted.sample,
    )  # fmt: skip
    if line := skipped_line(listed):
        say(line)
    return listed


@contextmanager
def naming_what_is_needed(work: "Work") -> Iterator[None]:
    """A full disk is told with what the corpus and Spark's scratch folder need, as far as the inputs tell."""

    def needed() -> int:
        return round(NEEDED_PER_INPUT_BYTE * sum(one.size for one in work.inputs))

    with naming_room([work.corpus.root, tempfile.gettempdir()], needed):
        yield


def show_plan(work: "Work", stages: "tuple[Stage, ...]", *, as_json: bool) -> None:
    from jobs.commands.shown.terminal import print_json, print_table
    from jobs.stages.stage import plan_stages

    plans = plan_stages(stages, work)
    if as_json:
        print_json([{"stage": one.stage, "would_run": one.would_run, "reasons": list(one.reasons)} for one in plans])
        return
    rows: list[list[object]] = [[one.stage, one.what_happens, "\n".join(one.reasons)] for one in plans]
    print_table(f"{work.corpus.root}: what would be made, and why", ["stage", "", "because"], rows)


def stages_named(option: str, names: list[str]) -> frozenset[str]:
    for name in names:
        if name not in NAMES:
            raise UsageError(f"{option} {name}: no such stage; the stages are {', '.join(NAMES)}")
    return frozenset(names)


def spark_settings(pairs: list[str] | None) -> dict[str, str]:
    settings = {}
    for pair in pairs or []:
        name, sign, value = pair.partition("=")
        if not sign or not name.startswith("spark."):
            raise UsageError(f"--spark takes spark.NAME=VALUE, not {pair!r}")
        settings[name] = value
    return settings
