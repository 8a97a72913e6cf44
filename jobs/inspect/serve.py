"""The view, served on this machine alone until it is stopped."""

from collections.abc import Callable

from jobs.inspect.app import application
from jobs.inspect.index import Index
from jobs.loopback.server import ADDRESS, serve_application


def serve(root: str, other: str | None, port: int, say: Callable[[str], None]) -> None:
    """Serves the corpus at `root` beside `other`; port 0 takes one that is free. Ends with Ctrl-C.

    Raises CorpusError where it is no decided corpus, EnvironmentProblem where the port is taken.
    """
    index = Index(root, other, say)
    try:
        index.ask(lambda _: None)  # what is wrong with the corpus is said before anybody is asked to look
        shown = f"shows {root}; stop with Ctrl-C"
        serve_application(lambda port: application(index, port), port, lambda port: say(f"http://{ADDRESS}:{port}/ {shown}"))
    finally:
        index.close()
