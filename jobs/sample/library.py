"""The documentation of this Python's standard library as HTML pages, rendered by pydoc in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.errors import EnvironmentProblem

RENDERER = Path(__file__).with_name("render_pydoc.py")
# Nothing of the user's environment may reach a page: os.environ, time.tzname and the order of sets all show in them.
ENVIRONMENT = {"HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "PATH": os.defpath, "PYTHONHASHSEED": "0", "TZ": "UTC"}


def library_pages() -> dict[str, str]:
    """Path on the documentation's host -> HTML, about 20 MB in 700 to 800 pages (by the version of Python)."""
    # -S -s -P: no site-packages and no folder of ours on the search path; the modules loaded are Python's own
    command = [sys.executable, "-S", "-s", "-P", str(RENDERER)]
    with tempfile.TemporaryDirectory(prefix="winnow-sample-") as folder:
        done = subprocess.run(  # noqa: S603  (our own program, no shell, nothing from outside in the command)
            command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
        )
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or ["no message"])[-1]
        message = f"{sys.executable} could not describe its own library with pydoc ({last_line})"
        raise EnvironmentProblem(f"{message}; install the full standard library")
    pages = map(json.loads, done.stdout.splitlines())
    return {page["path"]: page["html"] for page in pages}
