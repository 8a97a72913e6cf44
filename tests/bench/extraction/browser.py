"""Pages as a real browser shows them: headless Chromium asked for the text of each, with the page's scripts and network off.

A server on the loopback hands out the pages under a policy that lets nothing run and nothing load; one page of ours puts each
in a frame, reads it there and posts what it found. `noscript` is hidden as for any reader, as scripting itself is on.
"""

import contextlib
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"
SECONDS_A_PAGE = 20  # of patience with one frame
SECONDS_IN_ALL = 1800

DRIVER = """<!doctype html><meta charset=utf-8><body><script>
// Elements that only a sheet hides.
const OF_SHEETS = ('p div span li ul a section nav header footer aside h1 h2 h3 h4 b i td tr table form label button svg main '
  + 'article img font em strong code pre').split(' ');
// Why the nearest ancestor that is at fault is not seen; "" for what a reader sees.
function reason(node, view) {
  for (let e = node.parentElement; e; e = e.parentElement) {
    const style = view.getComputedStyle(e);
    const tag = e.localName;
    if (style.display === 'none') {
      if (e.style && e.style.display === 'none') return 'style attribute';
      if (e.hasAttribute('hidden')) return 'hidden';
      return OF_SHEETS.includes(tag) ? 'sheet' : tag;
    }
    if (tag === 'details' && !e.open && !node.parentElement.closest('summary')) return 'details';
    if (tag === 'select' || tag === 'textarea' || tag === 'option' || tag === 'video' || tag === 'audio' || tag === 'canvas'
        || tag === 'iframe' || tag === 'object' || tag === 'svg' || tag === 'math') return tag;
    if (style.visibility !== 'visible') return 'visibility';
  }
  return 'other';
}
function unseen(node, view) {  // shown by innerText, and yet nothing that a reader sees
  for (let e = node.parentElement; e; e = e.parentElement) {
    const s = view.getComputedStyle(e);
    if (s.opacity === '0') return 'opacity';
    if (parseFloat(s.fontSize) === 0) return 'font size';
    if (s.clip !== 'auto' || s.clipPath !== 'none') return 'clip';
    if (s.color === 'rgba(0, 0, 0, 0)' || s.color === s.backgroundColor) return 'colour';
    if (parseFloat(s.textIndent) < -900) return 'off screen';
    const r = e.getBoundingClientRect();
    if (r.right < 0 || r.bottom + view.scrollY < 0) return 'off screen';
    if (s.overflow !== 'visible' && (r.width <= 1 || r.height <= 1)) return 'extent';
  }
  return '';
}
function read(frame) {
  const page = frame.contentDocument, view = frame.contentWindow;
  const body = page && page.body;
  if (!body || !body.getClientRects().length) return {text: '', hidden: [], unseen: []};
  const hidden = [], not_seen = [];
  const walk = page.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode());) {
    const text = n.data.trim(), parent = n.parentElement && n.parentElement.localName;
    if (!text || ['script', 'style', 'noscript', 'iframe', 'noembed', 'noframes'].includes(parent)) continue;
    const range = page.createRange();
    range.selectNodeContents(n);
    const seen = range.getClientRects().length && view.getComputedStyle(n.parentElement).visibility === 'visible';
    if (!seen) hidden.push([text.slice(0, 20000), reason(n, view)]);
    else { const why = unseen(n, view); if (why) not_seen.push([text.slice(0, 20000), why]); }
  }
  return {text: body.innerText, hidden: hidden, unseen: not_seen};
}
async function main() {
  const count = COUNT;
  for (let number = 0; number < count; number++) {
    const frame = document.createElement('iframe');
    frame.width = 1280; frame.height = 900;
    const loaded = new Promise(done => { frame.onload = done; setTimeout(done, PATIENCE); });
    frame.src = '/page/' + number;
    document.body.replaceChildren(frame);
    await loaded;
    let found;
    try { found = read(frame); } catch (error) { found = {text: '', hidden: [], unseen: [], failed: String(error)}; }
    await fetch('/found/' + number, {method: 'POST', body: JSON.stringify(found)});
  }
  await fetch('/done', {method: 'POST', body: ''});
}
main();
</script>"""


class Shown(NamedTuple):
    """What Chromium makes of one page; `hidden` and `unseen`: (text, why) of its text nodes."""

    text: str  # innerText
    hidden: list[tuple[str, str]]
    unseen: list[tuple[str, str]]  # in innerText, and yet transparent, clipped, off the screen


def chromium() -> str | None:
    """The path of the browser, null where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def shown_by_chromium(pages: Sequence[bytes]) -> list[Shown | None]:
    """What each page, given as UTF-8, shows; null where the browser could not say. Raises FileNotFoundError without a browser."""
    browser = chromium()
    if browser is None:
        raise FileNotFoundError("no Chromium here; install one: apt-get install chromium")
    found: list[Shown | None] = [None] * len(pages)
    done = threading.Event()
    with (
        _served(pages, found, done) as address,
        tempfile.TemporaryDirectory(prefix="winnow-browser-", ignore_cleanup_errors=True) as profile,
    ):
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
        options += ["--no-first-run", "--mute-audio", "--disable-extensions", f"--user-data-dir={profile}"]
        process = subprocess.Popen([browser, *options, "--remote-debugging-port=0", address], stderr=subprocess.DEVNULL)
        try:
            done.wait(SECONDS_IN_ALL)
        finally:
            process.terminate()
            process.wait()
    return found


@contextlib.contextmanager
def _served(pages: Sequence[bytes], found: list[Shown | None], done: threading.Event) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, _, number = self.path.strip("/").partition("/")
            if kind == "page":
                self._answer(pages[int(number)], POLICY)
            elif not kind:
                driver = DRIVER.replace("COUNT", str(len(pages))).replace("PATIENCE", str(SECONDS_A_PAGE * 1000))
                self._answer(driver.encode(), "")
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            kind, _, number = self.path.strip("/").partition("/")
            if kind == "done":
                done.set()
            else:
                told = json.loads(body)
                if "failed" not in told:
                    found[int(number)] = Shown(told["text"], _pairs(told["hidden"]), _pairs(told["unseen"]))
            self._answer(b"", "")

        def _answer(self, body: bytes, policy: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _pairs(given: list[list[str]]) -> list[tuple[str, str]]:
    return [(text, why) for text, why in given]
