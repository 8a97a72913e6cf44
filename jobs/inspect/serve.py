"""The view, served on this machine alone until it is stopped."""

import socket
from collections.abc import Callable

import uvicorn

from jobs.inspect.app import application
from jobs.inspect.index import Index
from pipeline.errors import EnvironmentProblem

ADDRESS = "127.0.0.1"


def serve(root: str, other: str | None, port: int, say: Callable[[str], None]) -> None:
    """Serves the corpus at `root` beside `other`; port 0 takes one that is free. Ends with Ctrl-C.

    Raises CorpusError where it is no decided corpus, EnvironmentProblem where the port is taken.
    """
    index = Index(root, other, say)
    try:
        index.ask(lambda _: None)  # what is wrong with the corpus is said before anybody is asked to look
        with _listening(port) as listener:
            port = listener.getsockname()[1]
            say(f"http://{ADDRESS}:{port}/ shows {root}; stop with Ctrl-C")
            _server(index, port).run([listener])
    finally:
        index.close()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        raise EnvironmentProblem(f"port {port} cannot be used: {error.strerror}; name another --port, or none") from error


def _server(index: Index, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application(index, port),
            http="h11",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=64,
            h11_max_incomplete_event_size=16 << 10,
            timeout_keep_alive=5,
        )
    )
