"""What a run measured, as lines of JSON and as TensorBoard events; a resumed run forgets what lies after its checkpoint."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import CorpusError

METRICS, EVENTS = "metrics.jsonl", "events"


@dataclass(frozen=True)
class Measured:
    """A line of metrics.jsonl."""

    step: int
    loss: float  # nats per token
    gradient_norm: float
    learning_rate: float  # of matrices
    embedding_rate: float  # of embedding, head and norms
    tokens_per_second: float  # places, padding included, over all processes; of a tuning those that are learned
    mfu: float | None  # of all processes' peak, attention over whole rows (PaLM); null where the peak is not known
    mfu_causal: float | None  # the half of attention that a decoder computes
    validation_loss: float | None = None
    validation_bits_per_byte: float | None = None
    measures: dict[str, float] = field(default_factory=dict)  # what the stage of a tuning measures: accuracy, reward
    validation_measures: dict[str, float] = field(default_factory=dict)  # the same of examples that are held out


class Metrics:
    """Writes both; nothing at all where another process writes."""

    def __init__(self, run: Path, step: int, *, writes: bool) -> None:
        self._file, self._events = None, None
        if not writes:
            return
        from tensorboardX import SummaryWriter

        lines = [line for line in read_metrics(run) if line["step"] <= step]
        aside = run / f".{METRICS}.tmp"
        aside.write_text("".join(json.dumps(line) + "\n" for line in lines))
        aside.replace(run / METRICS)
        self._file = (run / METRICS).open("a")
        self._events = SummaryWriter(str(run / EVENTS), purge_step=step + 1)

    def add(self, measured: Measured) -> None:
        if self._file is None or self._events is None:
            return
        values = asdict(measured)
        self._file.write(json.dumps(values) + "\n")
        self._file.flush()
        scalars = {name: value for name, value in values.items() if not isinstance(value, dict)}
        scalars |= {
            f"{kind}/{name}": value for kind in ("measures", "validation_measures") for name, value in values[kind].items()
        }
        for name, value in scalars.items():
            if name != "step" and value is not None:
                self._events.add_scalar(name, value, measured.step)

    def close(self) -> None:
        if self._file is not None and self._events is not None:
            self._file.close()
            self._events.close()


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """Lines of metrics.jsonl; a last line that a killed process left half written is left out."""
    path = run / METRICS
    try:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("}\n")]
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise CorpusError(f"{path} is damaged ({error}): restore it, or remove it and lose the curves of the report") from error
