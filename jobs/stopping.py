"""Ctrl-C and SIGTERM: the program ends in one line with status 130, at any moment.

A signal raises `Stopped` where the program stands. Inside `held` it raises nothing: the block looks whether it was asked to
stop, and says when. A second signal, two seconds later or more, ends the process at once.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EXIT_STATUS = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM)
ECHO_SECONDS = 2.0  # torchrun hands on a signal that the terminal has sent to its processes already


class Stopped(BaseException):
    """The user wants the program to end; the message says what was saved. No Exception, so that nothing takes it for an error."""


class _Listener:
    """What the signals of this process have said so far."""

    def __init__(self) -> None:
        self.asked_at: float | None = None
        self.holders = 0
        self.before: dict[signal.Signals, object] = {}

    def hear(self, *_: object) -> None:
        if self.asked_at is not None:
            if time.monotonic() - self.asked_at > ECHO_SECONDS:
                os.write(2, b"winnow: stopped at once\n")
                os._exit(EXIT_STATUS)
            return
        self.asked_at = time.monotonic()
        logging.disable(logging.CRITICAL)  # py4j logs every call that is cut short
        if not self.holders:
            raise Stopped


_listener = _Listener()


@contextmanager
def listening() -> Iterator[None]:
    """Within the block signals are heard; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _listener.before = {number: signal.getsignal(number) for number in SIGNALS}
    listen_again()
    try:
        yield
    finally:
        before, _listener.before, _listener.asked_at = _listener.before, {}, None
        logging.disable(logging.NOTSET)
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]


def listen_again() -> None:
    """After a library has put a handler of its own in place (Spark's answers SIGINT with calls to a busy Java)."""
    if _listener.before and threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            signal.signal(number, _listener.hear)


def asked() -> bool:
    """Whether a signal has come."""
    return _listener.asked_at is not None


@contextmanager
def held() -> Iterator[Callable[[], bool]]:
    """Within the block a signal raises nothing; what is yielded tells whether one has come. Raises Stopped at its end if so."""
    _listener.holders += 1
    try:
        yield asked
    finally:
        _listener.holders -= 1
    if asked():
        raise Stopped
