"""An application served on this machine alone until it is stopped."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from pipeline.errors import EnvironmentProblem

ADDRESS = "127.0.0.1"


def serve_application(application: Callable[[int], Any], port: int, say: Callable[[int], None], *, clients: int = 64) -> None:
    """Serves what `application` makes for a port, and says which; port 0 takes one that is free. Ends with Ctrl-C.

    Raises EnvironmentProblem where the port is taken. `clients` are answered at once, more are refused.
    """
    with _listening(port) as listener:
        port = listener.getsockname()[1]
        say(port)
        server_of(application(port), clients).run([listener])


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((ADDRESS, port), backlog=256)
    except OSError as error:
        raise EnvironmentProblem(f"port {port} cannot be used: {error.strerror}; name another --port, or none") from error


def server_of(application: Any, clients: int = 64) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            http="h11",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=clients,
            h11_max_incomplete_event_size=16 << 10,
            timeout_keep_alive=5,
        )
    )
