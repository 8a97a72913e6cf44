"""`make walk`: a newcomer's way from a crawl to the documents that others ask for, by README's own commands, step by step.

    python -m tests.bench.walk [--folder build/walk] [--minutes 20] [--pictures] [--output docs/walk.json]

Pages are looked at in a real Chromium, and a rule's bound is typed in by real keys. Prints what each step took and gave; what the
commands print is in FOLDER/walk.log. Ends with 1 where a step fails, after which none is taken, or where the whole takes longer.
CPU seconds are those of everything that a step starts, Java and browser too, except what one of them does in its last second
where nobody waits for its end.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

from docs.make_pictures import BOUND, DOCS, RULE, WIDTH, take
from tests.bench.clock import TreeSeconds
from tests.bench.sides import machine
from tests.faults.browser import CHROMIUM
from tests.faults.devtools import browsing, tabbed_to
from tests.paths import PROJECT

SAMPLE = "winnow sample crawl"
CURATE = "winnow curate crawl --output corpus --recipe crawl/recipe.toml"
INSPECT = "winnow inspect corpus"
CHANGE = f"winnow curate crawl --output corpus --set rules.{RULE}.minimum={BOUND}"
DIFF = "winnow diff before corpus --html diff.html"
TRAIN = "winnow train corpus -o run --steps 40 --set batch_rows=8 --set save_every=10 --set keep_every=10"
TAKEDOWN = "winnow takedown corpus --url http://fieldnotes.example/ --run run --oracle"
VERIFY = "winnow verify corpus/takedowns/*/certificate.json"
CARD = "winnow card corpus --output card"

SELECTED = r"select: (.*?) in [\d.]+ s"
MADE_HERE = ".walk"  # in a folder that the walk may empty: it made it
PATIENCE = 1200  # seconds with one command
# A card as the Hub draws it: Markdown below its front matter.
CARD_PAGE = """<!doctype html><meta charset="utf-8"><title>card</title><style>
body {{ font: 16px/1.5 sans-serif; max-width: 1000px; margin: 40px auto; color: #1a1d21 }}
table {{ border-collapse: collapse; margin: 16px 0 }} th, td {{ border: 1px solid #d0d4d9; padding: 5px 12px }}
code {{ background: #eef0f2; padding: 2px 5px; font-size: 87% }} pre code {{ display: block; padding: 12px; font-size: 80% }}
h1, h2 {{ border-bottom: 1px solid #d0d4d9; padding-bottom: 6px }}</style>{body}"""


class Step(NamedTuple):
    """One thing that a newcomer does."""

    name: str
    does: str  # the command, or in words
    take: Callable[[], str]  # does it and says what it gave; raises where it fails


class Taken(NamedTuple):
    """A step as it went."""

    step: str
    does: str
    seconds: float
    cpu_seconds: float
    gave: str  # or why it failed
    failed: bool


class StepFailed(Exception):
    """A command that ended badly, or did not say what it should."""


class Walk:
    """The newcomer's folder, and the steps in it. Commands are run by bash with `folder` as the working directory."""

    def __init__(self, folder: Path, pictures: Path) -> None:
        self.folder, self.pictures = folder, pictures
        beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {"PATH": beside, "COLUMNS": "160"}

    def steps(self) -> list[Step]:
        def command(name: str, line: str, gives: str) -> Step:
            return Step(name, line, lambda: found(gives, self.run(line)))

        return [
            command("sample", SAMPLE, r"\d+ records in .*"),
            command("curate", CURATE, SELECTED),
            Step("report", "opens corpus/report.html", self.report),
            Step("inspect", f"{INSPECT}; goes to {RULE} by keys, types {BOUND}", self.inspect),
            Step("change a bound", f"cp -r corpus before; {CHANGE}", self.change),
            Step("diff", DIFF, self.diff),
            command("train", TRAIN, r"step 40 of 40: .*(held-out .*byte)"),
            Step("takedown", TAKEDOWN, self.takedown),
            Step("certificate", f"opens it; {VERIFY}", self.certificate),
            Step("card", CARD, self.card),
        ]

    def run(self, command: str) -> str:
        """What it prints. Raises StepFailed where it fails, subprocess.TimeoutExpired where it does not end."""
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            printed, _ = process.communicate(timeout=PATIENCE)
        except BaseException:  # Ctrl-C too: Java is not left behind
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        with (self.folder / "walk.log").open("a", encoding="utf-8") as log:
            log.write(f"$ {command}\n{printed}\n")
        if process.returncode:
            last = (printed.strip().splitlines() or ["it printed nothing"])[-1]
            raise StepFailed(f"ends with {process.returncode}: {last}")
        return printed

    def picture_of(self, name: str, page: Path, part: str = "") -> str:
        """Takes the picture; what the page says."""
        with browsing(WIDTH) as tab:
            take(tab, name, page.resolve().as_uri() + part, self.pictures)
            return tab.text

    def report(self) -> str:
        return found(r"Every record is accounted for\. (.*)", self.picture_of("report", self.folder / "corpus" / "report.html"))

    @contextmanager
    def served(self) -> Iterator[str]:
        """`winnow inspect` as a reader starts it, until Ctrl-C: the address that it says."""
        process = subprocess.Popen(
            INSPECT.split(), cwd=self.folder, env=self.environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        with process.stderr as said:
            try:
                yield found(r"http://\S+", next((line for line in said if "http://" in line), ""))
                process.send_signal(signal.SIGINT)
                process.wait(60)
            finally:
                process.kill()  # where it has not ended by itself
                process.wait()

    def inspect(self) -> str:
        with self.served() as address, browsing(WIDTH) as tab:
            tab.go(address)
            for href in ("/rules", f"/rules/{RULE}"):
                tabbed_to(tab, href=f"^{href}$")
                tab.follow()
            stands = tabbed_to(tab, name="^minimum$").value
            tab.write(str(BOUND))
            tab.follow()
            take(tab, "inspect", folder=self.pictures)
            back, gone = (found(rf"{name}\n(.+)\n≈", tab.text) for name in ("Come back", "Would go"))
        return f"at {BOUND} in place of {stands}, {back} pages would come back and {gone} go"

    def change(self) -> str:
        shutil.copytree(self.folder / "corpus", self.folder / "before")
        return found(SELECTED, self.run(CHANGE))

    def diff(self) -> str:
        moved = found(r"[\d,]+ of [\d,]+ pages have another outcome", self.run(DIFF))
        self.picture_of("diff", self.folder / "diff.html", "#settings")  # below the names of folders of the machine
        return moved

    def takedown(self) -> str:
        printed = self.run(TAKEDOWN)
        return f"{found(r'steps trained again +([0-9]+)', printed)} steps trained again, {found('exact +yes', printed)}"

    def certificate(self) -> str:
        (page,) = self.folder.glob("corpus/takedowns/*/certificate.html")
        shown = found(r"Removed.*", self.picture_of("certificate", page))
        return f"{shown}; {found(r'ok +certificate: (the oracle .*)', self.run(VERIFY))}"

    def card(self) -> str:
        self.run(CARD)
        _, _, markdown = (self.folder / "card" / "README.md").read_text("utf-8").split("---\n", 2)
        page = self.folder / "card.html"
        body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
        page.write_text(CARD_PAGE.format(body=body), "utf-8")
        statement = found(r"[\d,]+ pages of the web, .*? of text", self.picture_of("card", page))
        return f"{', '.join(sorted(file.name for file in (self.folder / 'card').iterdir()))}: {statement}"


def found(pattern: str, text: str) -> str:
    """The last match of a pattern, or of its group, in one line. Raises StepFailed where there is none."""
    matches = list(re.finditer(pattern, text))
    if not matches:
        raise StepFailed(f"nothing there says {pattern!r}; its last words: {' '.join(text.split())[-200:]!r}")
    return " ".join((matches[-1][1] if matches[-1].re.groups else matches[-1][0]).split())


def children_seconds() -> float:
    """User and system time of children that ended and were waited for, to the last of it."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def walked(steps: Sequence[Step], clocks: Sequence[Callable[[], float]]) -> Iterator[Taken]:
    """Each step as it has been taken, up to the first that fails. Each clock may miss some CPU seconds: the largest counts."""
    for step in steps:
        wall, before = time.perf_counter(), [clock() for clock in clocks]
        try:
            gave, failed = step.take(), False
        except Exception as error:
            gave, failed = f"failed: {' '.join(str(error).split()) or repr(error)}", True
        spent = max(clock() - then for clock, then in zip(clocks, before, strict=True))
        yield Taken(step.name, step.does, time.perf_counter() - wall, spent, gave, failed)
        if failed:
            return


def told(steps: Sequence[Step], minutes: float, clocks: Sequence[Callable[[], float]]) -> tuple[list[Taken], bool]:
    """Prints each step once it is taken, then the whole; what was taken, and whether all of it went well and in time."""
    print(f"{'step':16}{'seconds':>9}{'CPU s':>8}  what it gave", flush=True)
    taken = list[Taken]()
    for one in walked(steps, clocks):
        taken.append(one)
        print(f"{one.step:16}{one.seconds:9.1f}{one.cpu_seconds:8.1f}  {one.gave}", flush=True)
    seconds, spent = sum(one.seconds for one in taken), sum(one.cpu_seconds for one in taken)
    in_time, arrived = seconds <= 60 * minutes, not any(one.failed for one in taken)
    verdict = f"{'within' if in_time else 'longer than'} {minutes:g} minutes"
    print(f"{'the whole way' if arrived else 'so far':16}{seconds:9.1f}{spent:8.1f}  {verdict}")
    return taken, in_time and arrived


def emptied(folder: Path) -> Path:
    """The folder without what an earlier walk left there. Exits where it holds something that no walk made."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MADE_HERE).exists():
        raise SystemExit(f"{folder} holds what no walk has made: name another --folder, or empty it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MADE_HERE).touch()
    return folder.resolve()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "walk", help="what an earlier walk left there goes")
    parser.add_argument("--minutes", type=float, default=20, help="that the whole may take")
    parser.add_argument("--pictures", action="store_true", help="take the pictures of docs/ anew, not those of the folder alone")
    parser.add_argument("--output", type=Path, help="where the table goes as JSON")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("no Chromium found; on Debian: apt-get install chromium fonts-noto-core")
        return 2
    measured_on = machine()
    folder = emptied(options.folder)
    walk = Walk(folder, DOCS if options.pictures else folder)
    taken, well = told(walk.steps(), options.minutes, (TreeSeconds(), children_seconds))
    if options.output:
        steps = [one._asdict() | {name: round(getattr(one, name), 1) for name in ("seconds", "cpu_seconds")} for one in taken]
        result = {"machine": measured_on, "minutes": options.minutes, "steps": steps}
        options.output.write_text(json.dumps(result, indent=1) + "\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
