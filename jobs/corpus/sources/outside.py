"""What goes wrong outside: which errors pass if one waits, and what any of them means in one line."""

import errno
import sys
from collections.abc import Callable
from typing import TypeVar

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from jobs.corpus.sources.settings import SourceSettings
from pipeline.errors import InputError, WinnowError

Result = TypeVar("Result")

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
PASSING_ERRNOS = frozenset(
    {
        errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ETIMEDOUT, errno.EBUSY, errno.EAGAIN, errno.ENETUNREACH,
        errno.EHOSTUNREACH, getattr(errno, "EREMOTEIO", errno.EBUSY),
    }
)  # fmt: skip
REFUSED_STATUSES = frozenset({401, 403, 407})
LIBRARIES = frozenset(
    {"botocore", "aiobotocore", "aiohttp", "urllib3", "requests", "http", "s3fs", "gcsfs", "adlfs", "google", "azure"}
)
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})  # of this machine: no fault of an input
SHOWN_CHARACTERS = 200
EXTRAS = {"s3": "remote", "s3a": "remote"}


class AnsweredWith(Exception):
    """A server's status that is no file."""

    def __init__(self, status: int, reason: str = "", retry_after: float = 0.0) -> None:
        super().__init__(f"HTTP {status} {reason}".strip())
        self.status, self.retry_after = status, retry_after


class EndsEarly(Exception):
    """Fewer bytes came than were promised."""


class IsAnother(Exception):
    """What is there now is not what was there, or an answer contradicts what was asked."""


def passes(error: BaseException) -> bool:
    """Whether the same request may succeed if it is made again."""
    if isinstance(error, AnsweredWith):
        return error.status in PASSING_STATUSES
    if isinstance(error, EndsEarly):
        return True
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError | requests.exceptions.InvalidURL):
        return False
    if type(error).__name__ == "FileExpired":  # fsspec's word for another ETag; it has the errno of a busy store
        return False
    if isinstance(error, OSError) and error.errno in PASSING_ERRNOS:
        return True
    return isinstance(error, _passing_kinds())


def _passing_kinds() -> tuple[type[BaseException], ...]:
    """Of the libraries that are loaded: a class that was not imported has raised nothing."""
    found: list[type[BaseException]] = [
        ConnectionError, TimeoutError, requests.exceptions.ConnectionError, requests.exceptions.Timeout,
        requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError, urllib3.exceptions.TimeoutError,
    ]  # fmt: skip
    wanted = {
        "botocore.exceptions": ("HTTPClientError", "ConnectionError", "ResponseStreamingError", "IncompleteReadError"),
        "aiohttp": ("ClientConnectionError", "ClientPayloadError"),
        "fsspec.exceptions": ("FSTimeoutError",),
    }
    for module, names in wanted.items():
        found += [getattr(sys.modules[module], name) for name in names if hasattr(sys.modules.get(module), name)]
    return tuple(found)


def persisting(call: Callable[[], Result], settings: SourceSettings, name: str) -> Result:
    """The same, but what does not pass is raised as it is."""
    patience = Retrying(
        stop=stop_after_attempt(settings.attempts), wait=_Wait(settings), retry=retry_if_exception(passes), reraise=True,
        before_sleep=lambda state: RETRIES.note(name, state),
    )  # fmt: skip
    return patience(call)


def trying(call: Callable[[], Result], settings: SourceSettings, name: str) -> Result:
    """What `call` gives, asked for up to `settings.attempts` times where an error passes.

    Raises InputError that names the input where it does not pass, or not soon enough; a full disk and our own mistakes stay.
    """
    try:
        return persisting(call, settings, name)
    except WinnowError:
        raise
    except Exception as error:
        line = meaning(error, name, settings.attempts)
        if line is None:
            raise
        raise InputError(line) from error


class Retries:
    """What this process has asked for again, for whoever watches; nothing is decided by it."""

    def __init__(self) -> None:
        self.count = 0
        self.last: str | None = None

    def note(self, name: str, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        self.count += 1
        self.last = f"{name}: {_words(error)}, asked for again" if error is not None else None


RETRIES = Retries()


class _Wait:
    """Exponential with full jitter, and at least what the server asked for: both up to the most that is waited."""

    def __init__(self, settings: SourceSettings) -> None:
        self._most = settings.most_wait_seconds
        self._jitter = wait_random_exponential(multiplier=settings.first_wait_seconds, max=self._most)

    def __call__(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after if isinstance(error, AnsweredWith) else 0.0
        return min(max(asked, self._jitter(state)), self._most)


def meaning(error: BaseException, name: str, attempts: int = 1, doing: str = "read") -> str | None:
    """One line that says what is wrong with `name` and what to do; null where the error is none of the outside's."""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return None
    if isinstance(error, IsAnother) or type(error).__name__ == "FileExpired":
        return f"{name} is not what it was: {_words(error)}; run the same command again when nobody writes it"
    if isinstance(error, FileNotFoundError) or (isinstance(error, AnsweredWith) and error.status in (404, 410)):
        return f"{name} does not exist; check the name"
    if _is_refusal(error):
        return f"{name} may not be {doing} ({_words(error)}): check its rights, or the credentials that its store takes"
    if isinstance(error, ImportError):
        extra = EXTRAS.get(name.partition("://")[0])
        install = f'`pip install "winnow[{extra}]"`' if extra else "the package that it names"
        return f"{name} needs a package that is not there ({_words(error)}): install {install}, on every machine that reads"
    if passes(error):
        return f"{name} cannot be {doing}: {_words(error)}, {attempts} times in a row; run the same command again"
    if isinstance(error, IsADirectoryError):
        return f"{name} is a folder; name a file"
    library = type(error).__module__.partition(".")[0] in LIBRARIES
    if library or isinstance(error, OSError | AnsweredWith | EndsEarly):
        return f"{name} cannot be {doing}: {_words(error)}"
    return None


def _is_refusal(error: BaseException) -> bool:
    if isinstance(error, AnsweredWith):
        return error.status in REFUSED_STATUSES
    return isinstance(error, PermissionError) or "Credentials" in type(error).__name__


def _words(error: BaseException) -> str:
    """The first line of what an error says, of any length and origin; of those that wrap another, what that one says."""
    inner = getattr(error, "reason", None)
    wrapped = [one for one in (inner, *error.args) if isinstance(one, BaseException)]
    if wrapped:
        return _words(wrapped[0])
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = " ".join(str(text).split("\n")[0].split())
    return first if len(first) <= SHOWN_CHARACTERS else f"{first[:SHOWN_CHARACTERS]}…"
