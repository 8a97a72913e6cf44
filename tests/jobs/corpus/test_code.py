"""jobs/corpus/code.py: which code decides a result. Each change is made for real, in a copy of the source."""

import ast
import importlib
import importlib.metadata
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.corpus import code
from jobs.corpus.stages import STEPS
from jobs.runs.folder import TRAINING
from tests.paths import PROJECT

ANOTHER = ("", "\n\n\ndef another() -> None: ...\n")  # a function more, at the end
WORKS = {step.name: step.module for step in STEPS} | {"run": TRAINING}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("source")
    for package in code.OURS:
        shutil.copytree(PROJECT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def before(copy: Path) -> dict[str, code.Code]:
    return versions(copy)


@pytest.fixture
def changed(copy: Path, before: dict[str, code.Code]) -> Iterator["Changed"]:
    one = Changed(copy, before)
    yield one
    for path, original in one.originals.items():
        path.write_bytes(original)


class Changed:
    """A copy of the source; asks which stages a change of a file makes again."""

    def __init__(self, root: Path, before: dict[str, code.Code]) -> None:
        self.root, self.before, self.originals = root, before, dict[Path, bytes]()

    def file(self, name: str, old: str, new: str) -> set[str]:
        text = (self.root / name).read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        return self._written(name, (text.replace(old, new, 1) if old else text + new).encode())

    def data(self, name: str) -> set[str]:
        return self._written(name, (self.root / name).read_bytes() + b"\0")

    def _written(self, name: str, content: bytes) -> set[str]:
        path = self.root / name
        self.originals[path] = path.read_bytes()
        path.write_bytes(content)
        now = versions(self.root)
        return {name for name in WORKS if now[name].files != self.before[name].files}


def versions(root: Path = PROJECT) -> dict[str, code.Code]:
    """By stage, as a process finds them that starts now."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "ROOT", root)
        return {name: code.decides.__wrapped__(module) for name, module in WORKS.items()}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("jobs/report/style.css", "body", "/* a comment */ body"),
        ("jobs/commands/options.py", 'help="folder of a corpus, or its URL in a store"', 'help="the folder of a corpus"'),
        ("jobs/export/mds.py", *ANOTHER),
        ("pipeline/kernels/html/scan.py", "def ", "# a comment\ndef "),
        ("pipeline/kernels/html/scan.py", '"""One walk', '"""One single walk'),
        ("pipeline/quality/measures.py", '"a line must end in', '"a line has to end in'),
        ("jobs/corpus/folder.py", *ANOTHER),
        ("jobs/ask/verify.py", *ANOTHER),
    ],
)
def test_what_decides_nothing_makes_no_stage_again(changed: Changed, name: str, old: str, new: str) -> None:
    assert changed.file(name, old, new) == set()


def test_a_phrase_that_teaches_makes_no_stage_again(changed: Changed) -> None:
    phrases = sorted((changed.root / "pipeline" / "teach").rglob("*.txt"))
    assert changed.data(phrases[0].relative_to(changed.root).as_posix()) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "stages"),
    [
        ("jobs/report/style.css", "body", "body, main", {"report"}),
        ("jobs/report/template.html", "<h2>", "<h2 id=x>", {"report"}),
        ("pipeline/kernels/html/scan.py", *ANOTHER, {"ingest"}),
        ("pipeline/kernels/scores/word_order.py", *ANOTHER, {"scan"}),
        ("pipeline/kernels/duplicates/minhash.py", *ANOTHER, {"ingest", "scan", "dedup", "repeats"}),
        ("pipeline/quality/verdicts.py", *ANOTHER, {"filter", "select", "report"}),
        ("tokenizer/shards/splits.py", "TRAIN, LATE, VALIDATION", "LATE, TRAIN, VALIDATION", {"shard", "run"}),
        ("tokenizer/bpe/learn.py", *ANOTHER, {"tokenizer"}),
        ("model/training/train.py", *ANOTHER, {"run"}),
        ("jobs/runs/train/train_model.py", *ANOTHER, {"run"}),
    ],
)
def test_what_decides_makes_those_again_that_read_it(changed: Changed, name: str, old: str, new: str, stages: set[str]) -> None:
    assert changed.file(name, old, new) == stages


@pytest.mark.parametrize(
    ("model", "stages"),
    [
        ("pipeline/models/langid.npz", {"ingest"}),
        ("pipeline/models/quality.json", {"ingest"}),
        ("pipeline/models/sentences.npz", {"scan"}),
        ("pipeline/models/word_order.npz", {"scan"}),
    ],
)
def test_a_model_that_ships_makes_those_again_that_load_it(changed: Changed, model: str, stages: set[str]) -> None:
    assert changed.data(model) == stages


def test_a_library_counts_where_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    before = versions()
    real = importlib.metadata.version
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0" if name == "Resiliparse" else real(name))
    after = versions()
    assert {name for name in WORKS if after[name].libraries != before[name].libraries} == {"ingest"}


def test_the_engine_room_hands_on_values_only() -> None:
    """A function of pipeline/ or tokenizer/ that the engine room calls for a stage is in the closure of a stage's own work."""
    works = {name for module in WORKS.values() for name in code.reached(module)}
    engine = {
        name: file
        for module in WORKS.values()
        for name, file in code.reached(module, without=()).items()
        if name not in works and name.startswith(code.ENGINE)
    }
    assert {"jobs.corpus.folder", "jobs.corpus.recipe", "jobs.stages.stage", "pipeline.tables"} <= set(engine)
    left_out = [
        f"{name} calls {module}.{function}"
        for name, file in engine.items()
        for module, function in functions_of(file)
        if module.split(".")[0] in ("pipeline", "tokenizer", "model") and module not in works
    ]
    assert left_out == []


def functions_of(file: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of what a file imports from our modules and could call; classes of settings and errors are values."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and code.file_of(node.module or "") is not None:
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                value = getattr(module, alias.name, None)  # a module that nothing has loaded yet is no function
                if callable(value) and not isinstance(value, type):
                    yield str(node.module), alias.name


def test_schemas_and_nothing_else_stand_in_tables() -> None:
    """pipeline/tables.py enters a fingerprint by the schemas that a stage reads and writes, so it may hold nothing else."""
    tree = ast.parse((PROJECT / "pipeline" / "tables.py").read_text("utf-8"))
    kinds = {type(node) for node in tree.body[1:]}
    assert kinds <= {ast.Import, ast.Assign, ast.AnnAssign}
