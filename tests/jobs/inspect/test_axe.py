"""Every page of the view before axe-core and before somebody without a mouse, in a real Chromium, in light and in dark.

`make test-axe` fetches axe-core; without it, or without Chromium, these tests are skipped.
"""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from jobs.inspect.index import Index
from jobs.quality.labels import Label
from tests.faults.browser import CHROMIUM, opened
from tests.jobs.inspect.test_pages import PAGES
from tests.paths import PROJECT

AXE = PROJECT / ".venv-axe" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
pytestmark = pytest.mark.skipif(CHROMIUM is None or not AXE.is_file(), reason="needs Chromium and axe-core: make test-axe")

# What a page is asked once it stands. Nothing of it is in the view: there no script runs.
QUESTIONS = """
const told = found => { const pre = document.createElement('pre'); pre.id = 'told'; pre.textContent = JSON.stringify(found);
                        document.body.append(pre); };
const ways = [...document.querySelectorAll('a[href], input:not([type=hidden]), select, button, [tabindex]')];
const unreached = [], unseen = [];
for (const one of ways) {
  one.blur(); const before = getComputedStyle(one).outlineStyle; one.focus();
  if (document.activeElement !== one) unreached.push(one.outerHTML.slice(0, 120));
  else if (getComputedStyle(one).outlineStyle === 'none' && before === 'none') unseen.push(one.outerHTML.slice(0, 120));
}
const jumps = ways.filter(one => one.tabIndex > 0).length;
const first = ways.length ? ways[0].getAttribute('href') : null;
if (document.activeElement) document.activeElement.blur();
axe.run(document, {resultTypes: ['violations']}).then(found => told({
  ways: ways.length, unreached, unseen, jumps, first,
  violations: found.violations.map(one => [one.impact, one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]),
}));
"""


def asked(client: TestClient, address: str, folder: Path, *, dark: bool) -> dict[str, Any]:
    style = client.get("/style.css").text
    if dark:
        style = re.sub(r"\(prefers-color-scheme:\s*dark\)", "all", style)
    source = client.get(address).text.replace('<link rel="stylesheet" href="/style.css">', f"<style>{style}</style>")
    assert "<style>" in source
    script = f"<script>{AXE.read_text('utf-8')}</script><script>{QUESTIONS}</script>"
    page = folder / "page.html"
    page.write_text(source.replace("</body>", f"{script}</body>"), "utf-8")
    found = re.search(r'<pre id="told">(.*?)</pre>', opened(page).document, re.DOTALL)
    assert found is not None, "the page did not answer"
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


def addresses(index: Index) -> list[str]:
    def some(opened_: Any) -> list[str]:
        [row] = opened_.store.rows("select min(doc_id) as one, max(doc_id) as other from pages")
        [copy] = opened_.store.rows("select min(cluster_id) as one from duplicates")
        assert index.labels is not None
        index.labels.add(Label(row["one"], "ann", 1, "a good page"))
        index.labels.add(Label(row["one"], "bob", 0, "an index"))
        return [
            f"/documents/{row['one']}?person=ann", f"/documents/{row['one']}/against/{row['other']}", f"/clusters/{copy['one']}",
            "/rules/gopher_short_doc?minimum=80", "/documents?search=page", "/documents?passage=line&low=0",
            f"/documents/{row['one']}/reads", "/labels?person=cy", "/takedown?host=host0.test",
            "/nowhere",
        ]  # fmt: skip

    return [*PAGES, *index.ask(some)]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_and_the_keyboard_reaches_everything(
    client: TestClient, index: Index, tmp_path: Path, dark: bool
) -> None:
    faults = {}
    for address in addresses(index):
        told = asked(client, address, tmp_path, dark=dark)
        serious = [one for one in told["violations"] if one[0] in SERIOUS]
        assert told["ways"] > 10 and told["first"] == "#main", "the first way leads past the bar"
        if serious or told["unreached"] or told["unseen"] or told["jumps"]:
            faults[address] = (serious, told["unreached"], told["unseen"], told["jumps"])
    assert faults == {}


def test_a_page_that_nobody_can_read_is_found_out(client: TestClient, tmp_path: Path) -> None:
    """The test itself: a field without a name, a picture without words, a link that shows no focus."""

    class Broken:
        @staticmethod
        def get(address: str) -> Any:
            answer = client.get(address)
            broken = '<input><img src="data:,"><a href="#x" style="outline:0">x</a>'
            text = answer.text.replace('<main id="main">', f'<main id="main">{broken}')
            return type("Answer", (), {"text": text})

    told = asked(Broken(), "/", tmp_path, dark=False)  # type: ignore[arg-type]
    assert {one[1] for one in told["violations"]} >= {"label", "image-alt"} and told["unseen"]
