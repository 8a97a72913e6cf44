"""Everybody who reads a corpus or a run: each asks one question, and its answer is all that it says and writes."""

import random
import re
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

from jobs.commands.shown.failures import as_winnow_error
from jobs.corpus.files.parquet import read_groups
from jobs.corpus.folder import changing, open_corpus
from jobs.inspect.index import Index
from jobs.inspect.views import hosts, overview, vocabulary
from jobs.report import report_of
from jobs.runs.audit.audit_run import audit_run
from jobs.runs.record import open_run_loader, read_run
from jobs.runs.train.train_model import train_run
from jobs.spark import tables as spark_tables
from model.audit.separation import bootstrap
from model.training.parallel import Team
from pipeline.errors import WinnowError
from pipeline.hashing import file_sha256
from pipeline.tables import TABLES
from tests.faults.subject import KEPT, STOPPED_AFTER
from tests.jobs.running import winnow
from tokenizer.bpe.encode import load_encoder

SAID_OF_BREAKAGE = "nobody foresaw"
_VARIES = re.compile(r"[\d,.]+ (tokens/s|s\b)")


class Answer(NamedTuple):
    """`status`: 0 where the question was answered, else that of the command."""

    status: int
    text: str


class Reader(NamedTuple):
    """One way to read. `ask` gets the folder with corpus and run."""

    name: str
    ask: Callable[[Path], Answer]


def command(name: str, *words: str) -> Reader:
    """A winnow command; CORPUS, RUN and CERTIFICATE stand for the folders."""

    def ask(folder: Path) -> Answer:
        (taken,) = (folder / "corpus/takedowns").iterdir()
        places = {"CORPUS": folder / "corpus", "RUN": folder / "run", "CERTIFICATE": taken / "certificate.json"}
        done = winnow(*(places.get(word, word) for word in words))
        return Answer(done.returncode, _VARIES.sub(r"… \1", done.stdout + done.stderr))

    return Reader(name, ask)


def exporting(form: str) -> Reader:
    """An export, with all files that it wrote."""

    def ask(folder: Path) -> Answer:
        answer = command("", "export", "CORPUS", "--format", form).ask(folder)
        written = sorted((folder / "corpus/export" / form).rglob("*"))
        hashes = [f"{path.name} {file_sha256(path)}" for path in written if path.is_file()]
        return Answer(answer.status, answer.text + "\n".join([] if answer.status else hashes))

    return Reader(f"export {form}", ask)


def calling(name: str, function: Callable[[Path], object]) -> Reader:
    """A function of ours; an error that is not foreseen comes out as it does from a command."""

    def ask(folder: Path) -> Answer:
        try:
            return Answer(0, str(function(folder)))
        except Exception as error:
            known = as_winnow_error(error) if not isinstance(error, WinnowError) else error
            return Answer(known.exit_status, str(known)) if known else Answer(2, f"{SAID_OF_BREAKAGE}: {error!r}")

    return Reader(name, ask)


def _stage_reads(folder: Path) -> str:
    """What a stage does before Spark's own reader gets the files."""
    corpus = open_corpus(str(folder / "corpus"))
    spark_tables._checked.clear()
    for table in TABLES:
        spark_tables.check_files(corpus, corpus.files(table))
    return "all files are those that were written"


def _rows_read(folder: Path) -> list[int]:
    corpus = open_corpus(str(folder / "corpus"))
    return [
        hash(str(rows.to_pylist())) for name in TABLES for one in corpus.files(name) for rows in read_groups(corpus.root, one)
    ]


def _loaded(folder: Path) -> str:
    loader = open_run_loader(folder / "run", read_run(folder / "run"))
    batches = [loader.batch(step) for step in range(12)]
    spans = [loader.spans(int(row)) for batch in batches for row in batch.rows]
    return f"{[np.asarray(batch.tokens).tobytes().hex() for batch in batches]} {spans}"


def _trained(folder: Path) -> str:
    """The run goes on to its end, as `winnow train` has it; from an earlier checkpoint it does some steps a second time."""
    record = read_run(folder / "run")
    measured = train_run(folder / "corpus", folder / "run", record.train_plan, Team())
    steps = [(one.step, one.loss, one.gradient_norm) for one in measured if one.step > STOPPED_AFTER]
    return f"{steps} {file_sha256(folder / 'run/step-0000012/model.safetensors')}"


def _audited(folder: Path) -> str:
    """Intervals are of few draws here: they take all the time, and read nothing."""
    with patch("jobs.runs.audit.audit_rows.bootstrap", partial(bootstrap, draws=3)):
        return str(audit_run(folder / "run", documents=2))


def _viewed(folder: Path) -> str:
    """What `winnow inspect` shows first."""
    with closing(Index(str(folder / "corpus"))) as index:
        return f"{overview(index, {}, {})} {hosts(index, {}, {})} {vocabulary(index, {}, {})}"


def _encoded(folder: Path) -> str:
    encoder = load_encoder(open_corpus(str(folder / "corpus")).text("tokenizer"))
    return encoder.decode(np.arange(600, dtype=np.int32)).hex()


def _written(folder: Path) -> str:
    """Whoever comes to change the corpus, and what was swept for that."""
    lying = {path for path in (folder / "corpus").rglob("*") if path.is_file()}
    with changing(str(folder / "corpus")) as corpus:
        tables = sorted(corpus.manifest["tables"])
    return f"{tables} {sorted(path.name for path in lying if not path.exists())}"


READERS = (
    command("explain", "explain", "CORPUS", KEPT, "--json"),
    command("explain --run", "explain", "CORPUS", KEPT, "--run", "RUN"),
    command("trace a token", "trace", "CORPUS", "--shard", "0", "--token", "100"),
    command("trace a URL", "trace", "CORPUS", "--url", KEPT),
    command("verify", "verify", "CORPUS"),
    command("verify a certificate", "verify", "CERTIFICATE"),
    exporting("jsonl"),
    exporting("nanogpt"),
    exporting("megatron"),
    exporting("mds"),
    exporting("parquet"),
    command("export hf", "export", "RUN", "--format", "hf"),
    command("takedown --dry-run", "takedown", "CORPUS", "--url", KEPT, "--dry-run", "--run", "RUN"),
    command("generate", "generate", "RUN", "--prompt", "The old", "--max-tokens", "6"),
    command("evaluate", "evaluate", "RUN", "--json"),
    calling("audit", _audited),
    command("diff", "diff", "CORPUS", "CORPUS", "--json"),
    calling("view", _viewed),
    calling("report", lambda folder: report_of(open_corpus(str(folder / "corpus")))),
    calling("stage", _stage_reads),
    calling("rows of tables", _rows_read),
    calling("loader", _loaded),
    calling("train", _trained),
    calling("tokenizer", _encoded),
    calling("next writer", _written),
)


def drawn(rng: random.Random, costs: dict[str, float]) -> Reader:
    """A reader, quick ones more often: as often as all together have about the same time."""
    asked = [one for one in READERS if one.name in costs]
    return rng.choices(asked, [1 / (0.02 + costs[one.name]) for one in asked])[0]
