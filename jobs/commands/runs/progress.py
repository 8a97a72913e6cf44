"""How a training run is seen: a moving line on a terminal, a plain line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jobs.commands.shown.terminal import messages, say
from jobs.runs.train.metrics import Measured


@contextmanager
def training_progress(steps: int) -> Iterator[Callable[[Measured], None]]:
    """Yields what is called with every step's measurements."""
    if not messages.is_terminal:
        every = max(1, steps // 20)
        yield lambda one: say(progress_line(one, steps)) if one.validation_loss is not None or one.step % every == 0 else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} steps"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=messages) as progress:
        line = progress.add_task("training", total=steps)

        def show(one: Measured) -> None:
            progress.update(line, completed=one.step, description=progress_line(one, None))
            if one.validation_loss is not None:
                progress.console.print(progress_line(one, steps), markup=False)

        yield show


def progress_line(one: Measured, steps: int | None) -> str:
    parts = [f"step {one.step:,} of {steps:,}:"] if steps else []
    parts += [f"loss {one.loss:.3f}", f"{one.tokens_per_second:,.0f} tokens/s"]
    if steps:
        parts.append(f"rates {one.learning_rate:.3g} matrices, {one.embedding_rate:.3g} embedding")
    if one.mfu is not None and one.mfu_causal is not None:
        parts.append(f"MFU {one.mfu:.1%} ({one.mfu_causal:.1%} causal)")
    if one.validation_loss is not None:
        bits = "" if one.validation_bits_per_byte is None else f", {one.validation_bits_per_byte:.3f} bits/byte"
        parts.append(f"held-out {one.validation_loss:.3f} nats/token{bits}")
        parts += [f"{name.replace('_', ' ')} {value:.3f}" for name, value in one.validation_measures.items()]
    elif steps:
        parts += [f"{name.replace('_', ' ')} {value:.3f}" for name, value in one.measures.items()]
    return " ".join(parts)
