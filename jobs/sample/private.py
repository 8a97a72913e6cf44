"""Pages with what nobody may keep: personal data that no person has, a token that opens nothing, and a question of an exam.

The exam's file lies beside the crawl under a name that is no input's, and the sample's recipe names it.
"""

import hashlib
import json
from html import escape
from pathlib import Path

from jobs.sample.layout import page
from jobs.sample.oddities import NOTES, text_of
from jobs.sample.visits import Reply, Visit

EXAM = "_exam.jsonl"  # names that begin with "_" are no inputs
# Numbers that are valid and given to nobody: of documentation, of fiction, or drawn by us.
DATA = {
    "email": "long.table@the-lane-behind-the-mill.org",
    "phone": "+44 20 7946 0018",
    "iban": "GB33 BUKB 2020 1555 5555 55",
    "card": "4916 6734 7572 5015",
    "ip": "93.184.216.34",
}
TOKEN = "ghp_" + hashlib.sha256(b"it opens nothing").hexdigest()[:36]
QUESTIONS = (
    "A ferry carries nine sacks of barley or three men at a time. How many crossings does the ferryman need for forty sacks and "
    "the seven men who carry them, if he takes no man and sack together?",
    "Two clocks are set at noon; one loses four minutes a day and the other gains six. After how many days do they show the same "
    "time again?",
)


def private_visits() -> list[Visit]:
    return [
        private_visit("long-table", "The long table", DATA, "personal data"),
        private_visit("station-diary", "The diary of a weather station", {"token": TOKEN}, "a token"),
        private_visit("quiz", "The quiz in the reading room", {"question": QUESTIONS[0]}, "a question of an exam"),
    ]


def private_visit(name: str, title: str, planted: dict[str, str], note: str) -> Visit:
    text = text_of({"long-table": "fete", "station-diary": "diary", "quiz": "quiz"}[name]).format(**planted)
    paragraphs = "\n".join(f"<p>{escape(one)}</p>" for one in text.strip().split("\n\n"))
    return Visit(
        url=NOTES.url(f"{name}.html"), language="en", reply=Reply(body=page(NOTES, title, paragraphs).encode()), note=note
    )


def exam() -> bytes:
    """The benchmark, as JSON lines."""
    return "".join(json.dumps({"id": number, "question": one}) + "\n" for number, one in enumerate(QUESTIONS)).encode()


def recipe_with_exam(recipe: bytes, directory: Path) -> bytes:
    """The sample's recipe with the exam's place in it."""
    place = json.dumps(str((directory / EXAM).resolve()))  # a string is written alike in TOML
    return recipe.replace(b'"_exam.jsonl"', place.encode())
