"""The bench's figures as tables."""

from typing import Any

from rich.console import Console
from rich.table import Table

Result = dict[str, Any]
# What the peer's filters do, as one call of ours does it; `words_kept` splits what C4 left.
MEASURES = ("words", "gopher_repetition", "gopher_quality", "c4", "words_kept", "fineweb")
FILTERS = {
    "Gopher repetition": ("words", "gopher_repetition"),
    "Gopher quality": ("words", "gopher_quality"),
    "C4": ("c4",),
    "FineWeb": ("words_kept", "fineweb"),
    "MinHash signatures": ("minhash",),
}


def show(console: Console, result: Result) -> None:
    machine, source = result["machine"], result["input"]
    console.print(
        f"\n{machine['processor']}, one core of {machine['cores']}; {machine['date']}; load before {machine['load_before']:.1f}"
    )
    size = f"{source['bytes'] / 1e6:.1f} MB, {result['winnow']['records']:,} records, {pages(result):,} pages"
    console.print(f"{', '.join(source['files'])}: {size}")
    for table in (_whole(result), _stages(result), _kernels(result), _growth(result)):
        if table.rows:
            console.print(table)


def pages(result: Result) -> int:
    return int(result["peer"]["pages"])


def speed(count: float, stage: dict[str, float]) -> float:
    """Per second of processor time."""
    return count / stage["cpu_seconds"] if stage["cpu_seconds"] else float("inf")


def _whole(result: Result) -> Table:
    """Read, extract, measure and judge, sign."""
    table = _table("From WARC to verdicts and signatures, one core", "", "pages/s", "pages/s by the wall", "× peer", "peak MB")
    peer, ours, floor = result["peer"], result["winnow"], result["floor"]
    peer_speed = speed(pages(result), peer["stages"]["whole"])
    for name, side, stage in (
        ("datatrove, dropping early as its users run it", peer, peer["stages"]["whole"]),
        ("datatrove, every step on every page, as winnow does", peer, _sum(peer, ("read", "extract", *MEASURES, "minhash"))),
        ("winnow, every step on every page", ours, ours["stages"]["whole"]),
        ("fastwarc + resiliparse main text and no more", floor, _sum(floor, ("read", "extract"))),
    ):
        found = speed(pages(result), stage)
        table.add_row(
            name, f"{found:,.1f}", f"{pages(result) / stage['seconds']:,.1f}", f"{found / peer_speed:,.1f}", _megabytes(side)
        )
    return table


def _stages(result: Result) -> Table:
    table = _table("Stage by stage, one core", "stage", "datatrove ms/page", "winnow ms/page", "ratio")
    peer, ours = result["peer"], result["winnow"]
    for name, theirs, mine in (
        ("read and decode", ("read",), ("read", "decode")),
        ("extract text", ("extract",), ("extract",)),
        ("language", (), ("language",)),
        ("measure (words, Gopher, C4, FineWeb)", MEASURES, ("measures",)),
        ("MinHash signatures", ("minhash",), ("minhash",)),
    ):
        left, right = (1000 * _sum(side, names)["cpu_seconds"] / pages(result) for side, names in ((peer, theirs), (ours, mine)))
        table.add_row(name, f"{left:,.3f}" if left else "–", f"{right:,.3f}", f"{left / right:,.1f}" if left else "–")
    return table


def _kernels(result: Result) -> Table:
    """The same texts, those that the peer's extractor gave; each filter as if alone, with the words it needs."""
    table = _table("Filters on the peer's texts, one core", "", "datatrove MB/s", "winnow MB/s", "ratio")
    peer, ours = result["peer"], result["kernels"]
    megabytes = peer["text_bytes"] / 1e6
    rows = [(name, stages, stages) for name, stages in FILTERS.items()]
    for name, theirs, mine in (*rows, ("the four filters in one call", MEASURES, ("measures",))):
        left, right = speed(megabytes, _sum(peer, theirs)), speed(megabytes, _sum(ours, mine))
        table.add_row(name, f"{left:,.2f}", f"{right:,.1f}", f"{right / left:,.0f}")
    return table


def _growth(result: Result) -> Table:
    """The whole command: every stage up to shards and report, Java and Spark included."""
    table = _table(
        "winnow curate --master local[1], held to one core",
        "input",
        "pages",
        "command s",
        "stages s",
        "start-up and the rest s",
        "pages/s in stages",
        "peak MB",
    )
    for row in result["growth"]:
        stages = sum(row["stage_seconds"].values())
        name = f"1/{row['part']}" if row["part"] > 1 else "all"
        numbers = (row["command_seconds"], stages, row["command_seconds"] - stages, row["documents"] / stages)
        table.add_row(name, f"{row['documents']:,}", *(f"{one:,.1f}" for one in numbers), _megabytes(row))
    return table


def _sum(side: Result, names: tuple[str, ...]) -> dict[str, float]:
    rows = [side["stages"][name] for name in names]
    return {key: sum(row[key] for row in rows) for key in ("seconds", "cpu_seconds")}


def _megabytes(row: Result) -> str:
    return f"{row['peak_memory_bytes'] / 1e6:,.0f}"


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(first, title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right")
    return table
