"""A text that ends before the first of some words, though it comes in pieces that may cut them anywhere."""

import codecs
from collections.abc import Sequence

from pipeline.errors import UsageError

MOST_STOPS, LONGEST_STOP = 16, 256  # characters


class StoppedText:
    """Bytes in, text out. What may be the beginning of a stop is held back until more has come."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        check_stops(stops)
        self._stops, self._held, self.stopped = tuple(stops), "", False
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, piece: bytes) -> str:
        """What can be shown by now; nothing once a stop has come."""
        return self._shown(self._decoder.decode(piece))

    def end(self) -> str:
        """What was held back, when nothing more comes."""
        shown = self._shown(self._decoder.decode(b"", final=True))
        first = self._first_stop()
        rest, self._held = self._held[:first], ""
        self.stopped = self.stopped or first is not None
        return shown + rest

    def _shown(self, text: str) -> str:
        if self.stopped:
            return ""
        self._held += text
        first = self._first_stop()
        sure = len(self._held) - max((_overlap(self._held, stop) for stop in self._stops), default=0)
        if first is not None and first <= sure:  # else a longer one that began before it may still come
            self.stopped, shown, self._held = True, self._held[:first], ""
            return shown
        shown, self._held = self._held[:sure], self._held[sure:]
        return shown

    def _first_stop(self) -> int | None:
        return min((place for stop in self._stops if (place := self._held.find(stop)) >= 0), default=None)


def _overlap(text: str, stop: str) -> int:
    """Characters at the end of a text that are the beginning of a stop."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)


def check_stops(stops: Sequence[str]) -> None:
    """Raises UsageError for an empty one, too long a one, or too many."""
    if len(stops) > MOST_STOPS or not all(0 < len(stop) <= LONGEST_STOP for stop in stops):
        raise UsageError(f"stop is {list(stops)!r:.80}: at most {MOST_STOPS} texts of 1 to {LONGEST_STOP} characters")
