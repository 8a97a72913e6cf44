"""The entry point of `winnow`. Signals are heard before anything large is imported; errors are one line, never a traceback."""

import logging
import sys
from typing import Any

from jobs import stopping

MOST_CHARACTERS = 2000  # of an error: paths have 4,096 at most, and few have a tenth


def main() -> Any:
    """Exit 0 fine, 1 a promise broken, 2 usage or bad input, 130 stopped by the user."""
    with stopping.listening():
        try:
            from jobs.commands.app import app

            app(standalone_mode=True)
        except BaseException as error:
            _trace(error)
            line, status = _ending(error)
            if line is not None:
                sys.stderr.write(f"winnow: {_one_line(line)}\n")
            sys.exit(status)


def _trace(error: BaseException) -> None:
    """Where it was raised, under --verbose alone; what it quotes of a page is made harmless."""
    if isinstance(error, Exception) and logging.getLogger("jobs").isEnabledFor(logging.DEBUG):
        logging.getLogger("jobs").debug("what led to the line below", exc_info=error)


def _one_line(text: str) -> str:
    """What is said of names and values that others have chosen: nothing that a terminal obeys, and no more than can be read."""
    shown = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS // 2]} … {text[-MOST_CHARACTERS // 2 :]}"
    try:
        from pipeline.invisible import spelled

        return "".join(map(spelled, shown))
    except (MemoryError, ImportError, SystemError):
        return ascii(shown)


def _ending(error: BaseException) -> tuple[str | None, Any]:
    """(the line to say, the exit status)"""
    interrupted = isinstance(error, stopping.Stopped | KeyboardInterrupt)
    if interrupted or stopping.asked():  # whatever it was that broke when a call was cut short
        saved = str(error) if isinstance(error, stopping.Stopped) else ""
        return f"stopped{saved and f' {saved}'}; the same command continues", stopping.EXIT_STATUS
    if isinstance(error, SystemExit):
        return None, error.code
    try:
        from jobs.commands.shown.failures import shown

        known = shown(error)
    except (MemoryError, ImportError, SystemError):  # too little is left to load even what says so
        return "memory does not suffice to begin with: make room, then run the same command again", 2
    return str(known), known.exit_status
