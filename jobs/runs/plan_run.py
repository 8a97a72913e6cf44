"""`winnow plan`: what a run will cost, from model/budget.py, as numbers and as tables."""

import math
from dataclasses import asdict
from typing import Any

from model.budget import FITS, REPEATED, inference_memory, repeated_loss, repeated_optimum, training_memory
from model.deletion import DeletionCosts, best_spacing, cost_of
from model.training.plan import TrainPlan
from pipeline.units import si

PRECISIONS = {"fp32": 4.0, "bf16": 2.0, "int8": 1.0, "int4": 0.5}
Table = tuple[str, list[str], list[list[object]]]


def planned(
    plan: TrainPlan, vocabulary: int, tokens: float | None, unique_tokens: float | None, flops: float | None, reached: float
) -> dict[str, Any]:
    """The run as planned, the best one for `flops` if any are given, memory by part. `reached`: FLOP/s of one GPU in practice."""
    shape = plan.shape(vocabulary)
    read = tokens or float(plan.steps * plan.step_tokens)
    work = read * shape.flops_per_token(plan.row_tokens)
    unique = unique_tokens or read
    memory = training_memory(shape, micro_tokens=plan.micro_batch_rows * plan.row_tokens, optimizer=plan.optimizer, bf16=True)
    return {
        "run": {
            "model": plan.model,
            "layers": shape.layers,
            "width": shape.width,
            "learning_rate": plan.learning_rate,
            "step_tokens": plan.step_tokens,
            "steps": plan.steps,
            "parameters": shape.parameters,
            "parameters_by_part": shape.parameters_by_part,
            "tokens": read,
            "epochs": read / unique,
            "flops": work,
            "gpu_hours": work / reached / 3600,
            "guessing_loss": math.log(vocabulary),
            "expected_loss": {fit.source: _said(fit.loss(shape.parameters, read), vocabulary) for fit in FITS},
            "expected_loss_repeated": _said(repeated_loss(shape.parameters, read, unique), vocabulary),
            "extrapolated": [fit.source for fit in (*FITS, REPEATED) if not fit.knows(shape.parameters, read)],
        },
        "optimum": _optimum(flops, unique_tokens, reached) if flops else None,
        "memory_bytes": memory | {"all": sum(memory.values())},
        "inference_bytes": {name: inference_memory(shape.parameters, size) for name, size in PRECISIONS.items()},
    }


def _said(loss: float, vocabulary: int) -> float | None:
    """A fit that expects more than guessing among all tokens would lose says nothing of such a run."""
    return loss if loss < math.log(vocabulary) else None


def _loss_row(name: str, source: str, run: dict[str, Any], loss: float | None) -> list[object]:
    if loss is None:
        return [f"{name}: says nothing of a run so small (more than {run['guessing_loss']:.2f}, which guessing gives)", None]
    return [f"{name}{' (extrapolated)' if source in run['extrapolated'] else ''}", loss]


def _optimum(flops: float, unique_tokens: float | None, reached: float) -> dict[str, Any]:
    found: dict[str, Any] = {"flops": flops, "gpu_hours": flops / reached / 3600}
    for fit in FITS:
        parameters, tokens = fit.optimum(flops)
        found[fit.source] = {"parameters": parameters, "tokens": tokens, "loss": fit.loss(parameters, tokens)}
    if unique_tokens:
        parameters, tokens = repeated_optimum(flops, unique_tokens)
        loss = repeated_loss(parameters, tokens, unique_tokens)
        found["repeating"] = {"parameters": parameters, "tokens": tokens, "epochs": tokens / unique_tokens, "loss": loss}
    return found


def planned_deletion(
    plan: TrainPlan, vocabulary: int, unique_tokens: float | None, run_hours: float, *, requests: float, page_tokens: float,
    hour_price: float, gigabyte_price: float, late_share: float, late_requests: float,
) -> dict[str, Any]:  # fmt: skip
    """What requests will cost by the spacing of kept checkpoints; `best` is the one to choose. Shares are from 0 to 1."""
    shape = plan.shape(vocabulary)
    memory = training_memory(shape, micro_tokens=1, optimizer=plan.optimizer, bf16=False)
    first_epoch = plan.steps if unique_tokens is None else max(1, min(plan.steps, round(unique_tokens / plan.step_tokens)))
    costs = DeletionCosts(
        steps=plan.steps, first_epoch=first_epoch, rows_per_page=max(1.0, page_tokens / plan.row_tokens), requests=requests,
        checkpoint_bytes=memory["weights"] + memory["optimizer"], run_hours=run_hours, hour_price=hour_price,
        gigabyte_price=gigabyte_price, late_share=late_share, late_requests=late_requests,
    )  # fmt: skip
    best = best_spacing(costs)
    tried = sorted({best, *(max(1, min(first_epoch, round(best * factor))) for factor in (0.25, 0.5, 2, 4)), first_epoch})
    return {"best": best, "first_epoch": first_epoch, "spacings": [asdict(cost_of(costs, spacing)) for spacing in tried]}


def deletion_table(answer: dict[str, Any], currency: str = "EUR") -> Table:
    title = f"checkpoints for deletions: keep_every={answer['best']} costs least; first epoch: {answer['first_epoch']} steps"
    rows = [list(one.values()) for one in answer["spacings"]]
    names = [name.replace("_", " ") for name in answer["spacings"][0]]
    return title, [f"cost, {currency}" if name == "cost" else name for name in names], rows


def planned_tables(answer: dict[str, Any]) -> list[Table]:
    run, optimum = answer["run"], answer["optimum"]
    facts: list[list[object]] = [
        ["model", run["model"]],
        *([name.replace("_", " "), run[name]] for name in ("layers", "width", "learning_rate", "step_tokens", "steps")),
        ["parameters", si(run["parameters"])],
        ["tokens", si(run["tokens"])],
        ["epochs", run["epochs"]],
        ["compute", si(run["flops"], "FLOP")],
        ["GPU hours", run["gpu_hours"]],
    ]
    if run.get("cost") is not None:
        facts.append([f"cost, {run['currency']}", run["cost"]])
    losses = [_loss_row(f"expected loss, {source}", source, run, loss) for source, loss in run["expected_loss"].items()]
    repeated = "expected loss, repeated tokens worth less"
    losses.append(_loss_row(repeated, REPEATED.source, run, run["expected_loss_repeated"]))
    tables: list[Table] = [("this run", ["", "value"], [*facts, *losses])]
    if optimum:
        best = [
            [source, si(one["parameters"]), si(one["tokens"]), one["tokens"] / one["parameters"], one["loss"]]
            for source, one in optimum.items()
            if isinstance(one, dict)
        ]
        columns = ["fit", "parameters", "tokens", "tokens per parameter", "loss"]
        tables.append((f"best for {si(optimum['flops'], 'FLOP')} ({optimum['gpu_hours']:.3g} GPU hours)", columns, best))
    for title, key in (("memory of training", "memory_bytes"), ("memory of the weights alone", "inference_bytes")):
        tables.append((title, ["part", "size"], [[part, si(size, "B")] for part, size in answer[key].items()]))
    return tables
