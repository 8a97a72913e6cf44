"""What faults are put into: a small corpus with everything that lies in one, and a run on it, made once and copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from jobs.corpus.recipe import build_recipe
from jobs.kernels.uses import GROUPS
from jobs.runs.train.train_model import train_run
from jobs.spark.session import session
from model.training.parallel import Team
from model.training.plan import plan_of
from tests.crawls import Crawl, page, prose
from tests.jobs.running import SMALL, curate, winnow
from tests.short_lived import FEW_TASKS

PAGES = 24
REMOVED, KEPT = "http://small.example/5", "http://small.example/4"
SHARDS = {"shard_tokens": 5000, "validation_share": 0.1, "validation_unit": "page"}
RECIPE = '[tokenizer]\nvocabulary_size = 600\n[shards]\nshard_tokens = 5000\nvalidation_share = 0.1\nvalidation_unit = "page"\n'
PLAN = {"row_tokens": 64, "batch_rows": 2, "threads": 1, "evaluate_every": 12, "save_every": 4, "keep_every": 4}
STEPS, STOPPED_AFTER = 12, 8
INVISIBLE = "<p>Bake it.\U000e0049\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065</p>"


def make_crawl(folder: Path) -> list[Path]:
    """Pages that are kept, some too short, a copy, a page with hidden letters, a 404."""
    crawl = Crawl()
    for number in range(PAGES):
        body = page(number, paragraphs=1) if number % 3 else f"<title>{number}</title><p>{prose(number, 5)}</p>"
        crawl.response(f"http://small.example/{number}", body)
    crawl.response("http://copy.example/4", page(4, paragraphs=1))
    crawl.response("http://planted.example/", page("planted", paragraphs=1, extra=INVISIBLE))
    crawl.response("http://small.example/thin", "<p>Nothing.</p>")
    crawl.response("http://small.example/gone", "gone", status="404 Not Found")
    return [crawl.write(folder / "crawl.warc.gz")]


def make_corpus(folder: Path, spark: SparkSession | None = None) -> Path:
    """`folder`/corpus, curated from `folder`/crawl; on a session of its own where none is given."""
    inputs, recipe = make_crawl(folder / "crawl"), build_recipe({**SMALL, "shards": SHARDS})
    with _spark(spark) as running:
        curate(running, inputs, folder / "corpus", recipe)
    return folder / "corpus"


def make_subject(folder: Path, spark: SparkSession | None = None) -> Path:
    """`folder` with corpus, exports and a run that can go on; one page has been taken out of both."""
    corpus, run = make_corpus(folder, spark), folder / "run"
    for _ in train_run(corpus, run, plan_of("tiny", steps=STEPS, **PLAN), Team(), until=STOPPED_AFTER):
        pass
    done = [
        winnow("takedown", corpus, "--url", REMOVED, "--run", run, "--case", "7"),
        *(winnow("export", corpus, "--format", form) for form in ("jsonl", "nanogpt")),
    ]
    assert [one.returncode for one in done] == [0] * len(done), [one.stderr for one in done]
    return folder


@contextmanager
def _spark(running: SparkSession | None) -> Iterator[SparkSession]:
    if running is not None:
        yield running
        return
    with session("local[2]", FEW_TASKS, preload=GROUPS, input_bytes=0) as own:
        yield own


class Subject:
    """Corpus and run in `folder`, and how they were: whatever a fault or a reader changes is put back."""

    def __init__(self, folder: Path, pristine: Path) -> None:
        self.folder, self._pristine = folder, pristine
        shutil.copytree(folder, pristine, copy_function=shutil.copy2)
        self._known = _seen(folder)
        self.files = sorted(path for path in self._known if path.startswith(("corpus/", "run/")) and not path.endswith("lock"))

    def restore(self) -> None:
        now = _seen(self.folder)
        for name in now.keys() - self._known.keys():
            (self.folder / name).unlink()
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_dir() and not (self._pristine / path.relative_to(self.folder)).exists():
                path.rmdir()
        for name in self._known.keys() - now.keys() | {name for name in now if now[name] != self._known.get(name)}:
            if name in self._known:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self._pristine / name, self.folder / name)


def _seen(folder: Path) -> dict[str, tuple[int, int]]:
    """(bytes, time of the last change) by path."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (stat.st_size, stat.st_mtime_ns) for path, stat in found}
