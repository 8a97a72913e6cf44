"""Pages opened in a real Chromium, headless and offline: what they ran, asked for, and became."""

import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--enable-logging=stderr", "--v=0",
)  # fmt: skip
SECONDS = 90


class Opened(NamedTuple):
    """A page as Chromium left it."""

    document: str  # serialised again, after everything in it had its chance
    console: list[str]  # errors of scripts, and what a policy refused
    asked_for: list[str]  # first lines of what came to the proxy, the browser's own calls home left out


def opened(page: Path | str) -> Opened:
    """A file, or an address on this machine. Whatever it would load from elsewhere goes to a proxy that answers nothing."""
    address = page if isinstance(page, str) else page.resolve().as_uri()
    direct = f";{address.split('/')[2]}" if isinstance(page, str) else ""
    with tempfile.TemporaryDirectory(prefix="winnow-browser-") as profile, _proxy() as (port, heard):
        where = [
            f"--user-data-dir={profile}",
            f"--proxy-server=http://127.0.0.1:{port}",
            f"--proxy-bypass-list=<-loopback>{direct}",
        ]
        done = subprocess.run(
            [str(CHROMIUM), *QUIET, *where, "--virtual-time-budget=2000", "--dump-dom", address],
            check=True, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=SECONDS,
        )  # fmt: skip
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return Opened(done.stdout, console, [line for line in heard if not _own(line)])


def _own(line: str) -> bool:
    """Whether the browser itself asked, for updates and the like."""
    host = line.split(" ")[1].split("://")[-1].split("/")[0].split(":")[0] if " " in line else ""
    return host.endswith((".google.com", ".googleapis.com", ".gvt1.com", ".gstatic.com"))


@contextmanager
def _proxy() -> Iterator[tuple[int, list[str]]]:
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = threading.Thread(target=_hear, args=(server, heard), daemon=True)
        listening.start()
        yield server.getsockname()[1], heard
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    listening.join(5)


def _hear(server: socket.socket, heard: list[str]) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        with caller:
            caller.settimeout(2)
            with suppress(OSError):
                heard.append(caller.recv(4096).split(b"\r\n")[0].decode("latin-1"))
                caller.sendall(b"HTTP/1.1 502 Nothing\r\nContent-Length: 0\r\n\r\n")
