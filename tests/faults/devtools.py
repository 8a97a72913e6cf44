"""A real Chromium driven over the DevTools protocol: keys that are pressed, what has the focus, pictures. Nothing of it listens.

The protocol runs over two pipes (`--remote-debugging-pipe`), messages of JSON with a zero byte behind each.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tests.faults.browser import CHROMIUM, QUIET

RESTORED = "BackForwardCacheRestore"  # how a page comes back that was kept whole
SECONDS = 60  # of patience with one answer
MOST_STOPS = 400  # of Tab, on one page
# Chromium reads the protocol from descriptor 3 and writes it to 4. Both may be taken here, so a process between moves them.
MOVE = """import os, sys
read, write = (os.dup(int(number)) for number in sys.argv[1:3])
os.dup2(read, 3), os.dup2(write, 4), os.set_inheritable(3, True), os.set_inheritable(4, True)
os.execvp(sys.argv[3], sys.argv[3:])"""
KEYS = {  # name: (code, Windows' number, what it types)
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    " ": ("Space", 32, " "),
    "Escape": ("Escape", 27, ""),
    "Backspace": ("Backspace", 8, ""),
    "Home": ("Home", 36, ""),
    "End": ("End", 35, ""),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "PageDown": ("PageDown", 34, ""),
}
ALT, CONTROL, SHIFT = 1, 2, 8
COMMANDS = {("a", CONTROL): ["selectAll"]}  # headless Chromium has no window that would make these of the keys

# What has the focus, as a reader of the screen is told it and as an eye sees it.
FOCUS = """(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {
    tag: one.localName, name: one.getAttribute('name') || '', href: one.getAttribute('href') || '', id: one.id,
    text: (one.labels && one.labels.length ? one.labels[0].textContent
                                           : one.getAttribute('aria-label') || one.textContent).trim(),
    value: one.value === undefined ? '' : String(one.value), outline: style.outlineStyle, width: parseFloat(style.outlineWidth),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
  };
})()"""
REACHABLE = """[...document.querySelectorAll('a[href], input:not([type=hidden]), select, button, summary, textarea, [tabindex]')]
  .filter(one => one.tabIndex >= 0 && !one.disabled).length"""


class Focus(NamedTuple):
    """The element that the next key goes to."""

    tag: str
    name: str
    href: str
    id: str
    text: str  # its label, or what stands in it
    value: str
    outline: str  # CSS outline-style
    width: float  # of the outline, CSS pixels
    seen: bool  # some of it is in the window

    @property
    def shows(self) -> bool:
        return self.seen and self.outline != "none" and self.width >= 1


class Tab:
    """One page of the browser; raises AssertionError where Chromium refuses what is asked."""

    def __init__(self, read: BinaryIO, write: BinaryIO) -> None:
        self._read, self._write, self._number = read, write, 0
        self._session: str | None = None
        self.console: list[str] = []
        self._loads = 0  # pages that have come since the start

    def attach(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._write.write(json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        self._write.flush()
        until = time.monotonic() + SECONDS
        while True:
            answer = self._next(until)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                found: dict[str, Any] = answer["result"]
                return found

    def _next(self, until: float) -> dict[str, Any]:
        raw = bytearray()
        while (byte := self._read.read(1)) != b"\0":
            assert byte and time.monotonic() < until, "Chromium says nothing more"
            raw += byte
        message: dict[str, Any] = json.loads(raw)
        if message.get("method") == "Page.loadEventFired" or message.get("params", {}).get("type") == RESTORED:
            self._loads += 1
        elif message.get("method") == "Log.entryAdded":
            self.console.append(message["params"]["entry"]["text"])
        return message

    def _loaded(self, before: int) -> None:
        until = time.monotonic() + SECONDS
        while self._loads == before:
            self._next(until)

    def look(self, width: int, height: int, *, dark: bool = False, media: str = "", mobile: bool = False) -> None:
        """The window in CSS pixels, and how pages are drawn in it; `media` may be "print"."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media=media, features=scheme)

    def go(self, address: str) -> None:
        """Opens an address, as if typed in, and waits until the page stands."""
        before = self._loads
        self.call("Page.navigate", url=address)
        self._loaded(before)

    def press(self, key: str, modifiers: int = 0, times: int = 1) -> None:
        """A key down and up again, by its name or the one character that it types."""
        code, number, text = KEYS.get(key) or ("", ord(key.upper()) if key.isalnum() else 0, key)
        typed = {} if modifiers & ~SHIFT or not text else {"text": text}
        commands = COMMANDS.get((key, modifiers), [])
        for _ in range(times):
            both = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
            self.call("Input.dispatchKeyEvent", type="keyDown", commands=commands, **both, **typed)
            self.call("Input.dispatchKeyEvent", type="keyUp", **both)

    def follow(self, key: str = "Enter", modifiers: int = 0) -> None:
        """A key that leads to another page; waits until that stands."""
        before = self._loads
        self.press(key, modifiers)
        self._loaded(before)

    def back(self) -> None:
        """To the page before, as Alt and the left arrow do in a window."""
        history = self.call("Page.getNavigationHistory")
        before = self._loads
        self.call("Page.navigateToHistoryEntry", entryId=history["entries"][history["currentIndex"] - 1]["id"])
        self._loaded(before)

    def write(self, text: str) -> None:
        """Into what has the focus, key by key, in the place of what stands there."""
        self.press("a", CONTROL)
        for one in text:
            self.press(one)

    def asked(self, expression: str) -> Any:
        """What an expression comes to, asked from outside: the page itself may run nothing."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    @property
    def focus(self) -> Focus | None:
        found = self.asked(FOCUS)
        return Focus(**found) if found else None

    @property
    def address(self) -> str:
        return str(self.asked("location.pathname + location.search + location.hash"))

    @property
    def text(self) -> str:
        return str(self.asked("document.body.innerText"))

    @property
    def reachable(self) -> int:
        """Elements that Tab should reach."""
        return int(self.asked(REACHABLE))

    def picture(self, path: Path | None = None, *, whole: bool = False) -> bytes:
        """A PNG of the window, or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        data = base64.b64decode(shot["data"])
        if path:
            path.write_bytes(data)
        return data


def tabbed_to(tab: Tab, **wanted: str) -> Focus:
    """Presses Tab until what has the focus is as wanted (patterns); every stop on the way has to show that it has it."""
    for _ in range(MOST_STOPS):
        tab.press("Tab")
        here = tab.focus
        if here is None:
            continue
        assert here.shows, f"the focus is not seen at {here}"
        if all(re.search(pattern, getattr(here, name)) for name, pattern in wanted.items()):
            return here
    raise AssertionError(f"Tab never comes to {wanted} on {tab.address}")


@contextmanager
def browsing(width: int = 1280, height: int = 900, *, dark: bool = False) -> Iterator[Tab]:
    """A browser of its own profile, with one empty page. Raises FileNotFoundError where there is no Chromium."""
    if CHROMIUM is None:
        raise FileNotFoundError("no Chromium on this machine: apt-get install chromium")
    to_child, own_write = os.pipe()
    own_read, from_child = os.pipe()
    with tempfile.TemporaryDirectory(prefix="winnow-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [sys.executable, "-c", MOVE, str(to_child), str(from_child), CHROMIUM, *QUIET, "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "--hide-scrollbars", "about:blank"],
            pass_fds=(to_child, from_child), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_child)
        os.close(from_child)
        with open(own_read, "rb") as read, open(own_write, "wb") as write:
            try:
                tab = Tab(read, write)
                tab.attach()
                tab.look(width, height, dark=dark)
                yield tab
            finally:
                process.terminate()
                process.wait(20)
