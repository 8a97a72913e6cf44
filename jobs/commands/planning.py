"""`winnow plan`: what training a model, or curating a whole crawl, will cost before it is begun."""

from typing import Annotated, Any

import typer

from jobs.commands.options import Json, within
from jobs.commands.runs.training import Depth, Set, Size, Steps, model_named, planned_run
from jobs.runs.record import need_torch
from pipeline.errors import UsageError

app = typer.Typer()
GPU_HOUR = 3.0  # of an H100 by the hour in 2026, in dollars or euros


@app.command()
def plan(
    model: Size = None,
    depth: Depth = None,
    vocabulary: Annotated[int, within("tokens of the tokenizer", minimum=1)] = 16_384,
    tokens: Annotated[float | None, within("to read in all; default those of the plan's steps", above=0)] = None,
    unique_tokens: Annotated[float | None, within("that there are; beyond them they are repeated", above=0)] = None,
    flops: Annotated[float | None, within("of compute: the best size and number of tokens for it", above=0)] = None,
    hours: Annotated[float | None, within("on one GPU, as compute", above=0)] = None,
    peak: Annotated[float, within("dense bf16 FLOP/s of the GPU; default H100 and H200", above=0)] = 989.4e12,
    mfu: Annotated[
        float, within("share of the peak that is reached; measure yours with `make bench-train`", above=0, maximum=1)
    ] = 0.4,
    steps: Steps = None,
    changes: Set = None,
    deletion: Annotated[bool, typer.Option("--deletion", help="also which checkpoints to keep for deletion requests")] = False,
    requests: Annotated[float, within("with --deletion: so many are expected while checkpoints are kept", minimum=0)] = 10,
    page_tokens: Annotated[float, within("with --deletion: of a page; longer ones are read earlier", above=0)] = 800,
    hour_price: Annotated[float | None, within("with --deletion: of the GPU; default --price, else 3", minimum=0)] = None,
    gigabyte_price: Annotated[float, within("with --deletion: of storage, over the whole time", minimum=0)] = 0.25,
    late_share: Annotated[
        float, within("with --deletion: of the rows, those of shards.read_last_hosts", minimum=0, below=1)
    ] = 0.0,
    late_requests: Annotated[float, within("with --deletion: of the requests, those for these hosts", minimum=0, below=1)] = 0.0,
    crawl: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CORPUS", help="in place of a run: a crawl's cost from this corpus' stages; several sizes give a line"
        ),
    ] = None,
    dump: Annotated[float | None, within("with --crawl: pages of the crawl that is planned; default 3e9", above=0)] = None,
    price: Annotated[float | None, within("of a GPU hour; with --crawl of a core-hour", minimum=0)] = None,
    currency: Annotated[str, typer.Option(help="that prices are in")] = "EUR",
    as_json: Json = False,
) -> None:
    """What a run will cost: size, expected loss, FLOPs, hours, memory; what deletions from it will; or what a crawl will."""
    if crawl:
        _plan_crawl(crawl, dump, price, currency, as_json=as_json)
        return
    if dump is not None:
        raise UsageError("--dump says how large a crawl is: name a corpus that its cost is known of with --crawl")
    need_torch()
    from jobs.commands.shown.terminal import print_json, print_table
    from jobs.runs.plan_run import deletion_table, planned, planned_deletion, planned_tables

    if flops is None and hours is not None:
        flops = hours * 3600 * peak * mfu
    chosen = planned_run(model_named(model, depth), steps, None, changes)
    answer = planned(chosen, vocabulary, tokens, unique_tokens, flops, peak * mfu)
    answer["run"] |= {"price": price, "currency": currency, "cost": None if price is None else answer["run"]["gpu_hours"] * price}
    if deletion:
        of_an_hour = next(one for one in (hour_price, price, GPU_HOUR) if one is not None)
        answer["deletion"] = planned_deletion(
            chosen, vocabulary, unique_tokens, answer["run"]["gpu_hours"], requests=requests, page_tokens=page_tokens,
            hour_price=of_an_hour, gigabyte_price=gigabyte_price, late_share=late_share, late_requests=late_requests,
        )  # fmt: skip
    if as_json:
        print_json(answer)
        return
    if deletion:
        print_table(*deletion_table(answer["deletion"], currency))
    for title, columns, rows in planned_tables(answer):
        print_table(title, columns, rows)


def _plan_crawl(crawl: list[str], dump: float | None, price: float | None, currency: str, *, as_json: bool) -> None:
    from jobs.ask.crawl_cost import PAGES_OF_A_DUMP, crawl_cost, points
    from jobs.commands.shown.terminal import console, harmless, print_json, print_table

    answer = crawl_cost(points(crawl), PAGES_OF_A_DUMP if dump is None else dump, price, currency)
    if as_json:
        print_json(answer)
        return
    print_table(*_of_stages(answer))
    print_table(*_of_all(answer))
    for line in answer["not_measured"]:
        console.print(f"  not measured: {harmless(line)}")


def _of_stages(answer: dict[str, Any]) -> tuple[str, list[str], list[list[object]]]:
    from pipeline.units import si

    measured = " and ".join(f"{one['pages']:,}" for one in answer["measured"])
    drawn_out = f", extrapolated {si(answer['times_the_largest'])} times" if answer["extrapolated"] else ""
    rows: list[list[object]] = [
        [
            name, one["fixed_core_seconds"], one["core_milliseconds_a_page"], _hours(one["core_hours"]),
            *("–" if one[key] is None else si(one[key], "B") for key in ("shuffled_bytes", "stored_bytes")),
        ]
        for name, one in answer["stages"].items()
    ]  # fmt: skip
    title = f"{si(answer['pages'])} pages, from {measured} that were curated{drawn_out}"
    return title, ["stage", "fixed core-s", "core-ms a page", "core-hours", "shuffled", "disk"], rows


def _of_all(answer: dict[str, Any]) -> tuple[str, list[str], list[list[object]]]:
    from pipeline.units import si

    whole = answer["all"]
    rows: list[list[object]] = [
        ["core-hours", _hours(whole["core_hours"])],
        ["shuffled", si(whole["shuffled_bytes"], "B") if whole["shuffled_bytes"] else "–"],
        ["disk of the corpus", si(whole["stored_bytes"], "B") if whole["stored_bytes"] else "–"],
        ["the crawl itself, as stored", si(whole["input_bytes"], "B")],
        ["memory of a worker, one a core", si(whole["worker_bytes"], "B") if whole["worker_bytes"] else "–"],
    ]
    if answer["cost"] is not None:
        unit = answer["currency"]
        rows.append([f"cost at {answer['price']:,} {unit} a core-hour", f"{answer['cost']:,.2f} {unit}"])
    return "in all, at most" if answer["at_most"] else "in all", ["", "value"], rows


def _hours(hours: float | None) -> str:
    return "–" if hours is None else f"{hours:,.0f}" if hours >= 100 else f"{hours:.3g}"
