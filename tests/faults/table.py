"""docs/faults.json, where the outcomes of all runs add up by seed, and the table of them: docs/faults.md."""

import json
from pathlib import Path
from typing import Any

from tests.faults.outcome import Outcome, total
from tests.paths import PROJECT

JSON, PAGE = PROJECT / "docs/faults.json", PROJECT / "docs/faults.md"
COLUMNS = ("injected", "noticed", "harmless", "lost", "duplicated", "silent", "beyond")
HEAD = """# Faults

What was done to corpora, runs, crawls and writers on purpose, and what became of it. `make test-faults` puts in what fits into
one process, `make test-kills` kills real processes and fills real disks; both add their counts, by seed, to
[faults.json](faults.json) and write this page. A slice with its broken twins comes first in `make test-faults`. Killed workers
(F3) and what may decide no byte, partitions, order and hash seeds (F14), have tests of their own in tests/jobs/stages:
test_killed.py, test_laws.py; stages killed between and within their steps test_going_on.py. A few faults of every kind are part
of `make test`.

```sh no-run: 20 minutes each
make test-faults ARGS="--seed 100"
make test-kills ARGS="--seed 1 --times 40"
```

- *noticed*: said, by the name of what is damaged; or a writer was stopped, and its work is whole once it has been begun again
- *harmless*: the answer is that of before
- *lost*, *duplicated*: records, rows or files that the fault did not hit, and that are gone or are there more than once
- **silent**: another answer and nothing says so, or an error that does not name what is damaged
- *beyond*: what no checksum covers: url, date and id in a plain WARC file; the record of an export or a run, deleted
"""


def record(part: str, what: str, seed: int | str, outcome: Outcome) -> None:
    """Adds one outcome; a seed counts once, with its newest."""
    known = _read()
    seeds = known.get(part, {"seeds": {}})["seeds"] | {str(seed): outcome._asdict()}
    known[part] = {"what": what, "seeds": seeds}
    JSON.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text(page(known), "utf-8")


def page(known: dict[str, Any]) -> str:
    sums = {part: (entry["what"], len(entry["seeds"]), _sum(entry)) for part, entry in sorted(known.items(), key=_order)}
    head = f"| | fault | seeds | {' | '.join(COLUMNS)} |\n|---|---|---:|{'---:|' * len(COLUMNS)}\n"
    lines = [f"| {part} | {what} | {seeds:,} | {_cells(found)} |\n" for part, (what, seeds, found) in sums.items()]
    whole = total(found for _, _, found in sums.values())
    return f"{HEAD}\n{head}{''.join(lines)}| | **all** | | {_cells(whole)} |\n"


def _order(entry: tuple[str, Any]) -> tuple[int, str]:
    return int(entry[0].split(",")[0].split(" ")[0].lstrip("F")), entry[0]


def _sum(entry: dict[str, Any]) -> Outcome:
    return total(Outcome(**one) for one in entry["seeds"].values())


def _cells(outcome: Outcome) -> str:
    return " | ".join(f"{value:,}" for value in outcome)


def _read() -> dict[str, Any]:
    return json.loads(JSON.read_text("utf-8")) if Path(JSON).exists() else {}
