"""Pages with what nobody may keep: personal data that no person has, a token that opens nothing, a question of an exam, a page
of a house on a list, and one with words of a list.

The exam and the lists lie beside the crawl under names that are no input's, and the sample's recipe names them.
"""

import hashlib
import json
from html import escape
from pathlib import Path

from jobs.sample.layout import page
from jobs.sample.oddities import NOTES, text_of
from jobs.sample.sites import WARES
from jobs.sample.visits import Reply, Visit

EXAM, HOUSES, WORDS = "_exam.jsonl", "_houses.txt", "_words/en"  # names that begin with "_" are no inputs
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


def listed_visits() -> list[Visit]:
    """Pages that lists of the recipe are against: by the address, and by the words."""
    oaths, wares = (_paragraphs(text_of(name)) for name in ("oaths", "wares"))
    return [
        Visit(url=NOTES.url("oaths.html"), language="en", reply=Reply(body=page(NOTES, "A box of oaths", oaths).encode()),
              note="words of a list"),
        Visit(url=WARES.url("aisles.html"), language="en", reply=Reply(body=page(WARES, "Eleven aisles", wares).encode()),
              note="an address on a list"),
    ]  # fmt: skip


def private_visit(name: str, title: str, planted: dict[str, str], note: str) -> Visit:
    text = text_of({"long-table": "fete", "station-diary": "diary", "quiz": "quiz"}[name]).format(**planted)
    body = page(NOTES, title, _paragraphs(text)).encode()
    return Visit(url=NOTES.url(f"{name}.html"), language="en", reply=Reply(body=body), note=note)


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{escape(one)}</p>" for one in text.strip().split("\n\n"))


def exam() -> bytes:
    """The benchmark, as JSON lines."""
    return "".join(json.dumps({"id": number, "question": one}) + "\n" for number, one in enumerate(QUESTIONS)).encode()


def beside() -> dict[str, bytes]:
    """What lies beside the crawl, by its name there."""
    return {
        EXAM: exam(),
        HOUSES: f"# hosts whose pages are not wanted\n{WARES.host}\n".encode(),
        WORDS: b"botheration\ngadzooks\nthunderation\n",
    }


def recipe_with_places(recipe: bytes, directory: Path) -> bytes:
    """The sample's recipe with the places of what lies beside it."""
    for name in beside():
        place = json.dumps(str((directory / name).resolve()))  # a string is written alike in TOML
        recipe = recipe.replace(json.dumps(name).encode(), place.encode())
    return recipe
