"""One thread that writes for all who ask: a request waits until a slot is free, and gets its text in pieces as they come.

The model is touched by this thread alone. What comes out goes to the event loop of the one who asked.
"""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from jobs.runs.generate_text import LoadedRun
from jobs.runs.write.stops import StoppedText
from model.decode.slots import Slots, Written
from model.generate import SamplingSettings
from pipeline.errors import EnvironmentProblem, WinnowError

STOP, LENGTH = "stop", "length"
CHECKED_SECONDS = 1.0  # between looks at whether the run is still the one that was loaded


class Busy(EnvironmentProblem):
    """As many wait as may wait."""


class Piece(NamedTuple):
    """Some text, and how it ended where it did; or what went wrong."""

    text: str
    tokens: int  # of the answer so far
    finish: str | None = None
    error: WinnowError | None = None


@dataclass(eq=False)
class Ticket:
    """An answer on its way."""

    prompt: list[int]
    settings: SamplingSettings
    text: StoppedText
    loop: asyncio.AbstractEventLoop
    pieces: "asyncio.Queue[Piece]" = field(default_factory=asyncio.Queue)
    tokens: int = 0
    cancelled: bool = False

    def send(self, piece: Piece) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.pieces.put_nowait, piece)

    async def read(self) -> AsyncIterator[Piece]:
        """All pieces, the last with how it finished. Whoever stops reading calls the text off."""
        try:
            while True:
                piece = await self.pieces.get()
                if piece.error is not None:
                    raise piece.error
                yield piece
                if piece.finish is not None:
                    return
        finally:
            self.cancelled = True


class Desk:
    """`still` raises a WinnowError where the run is no longer what was loaded; nothing new is written then."""

    def __init__(self, loaded: LoadedRun, slots: int, waiting: int, still: Callable[[], None]) -> None:
        context, end = loaded.record.train_plan.row_tokens, loaded.record.end_of_text
        self._loaded, self._slots, self._still = loaded, Slots(loaded.model, slots, context=context, end=end), still
        self._waiting: queue.Queue[Ticket | None] = queue.Queue(waiting)
        self._running: dict[int, Ticket] = {}
        self._checked, self._closed = -CHECKED_SECONDS, False
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self._thread.start()

    def ask(self, prompt: list[int], settings: SamplingSettings, stops: tuple[str, ...]) -> Ticket:
        """Raises Busy where too many wait. Called in the event loop that is to read it."""
        ticket = Ticket(prompt, settings, StoppedText(stops), asyncio.get_running_loop())
        try:
            self._waiting.put_nowait(ticket)
        except queue.Full:
            raise Busy("too many requests wait: ask again later") from None
        return ticket

    def close(self) -> None:
        """Ends the thread after the step that it is in."""
        self._closed = True
        with suppress(queue.Full):
            self._waiting.put_nowait(None)  # it may wait for somebody to ask
        self._thread.join(30)

    def _work(self) -> None:
        while not self._closed:
            try:
                self._take()
                for number, ticket in list(self._running.items()):
                    if ticket.cancelled:
                        self._slots.cancel(number)
                        del self._running[number]
                for one in self._slots.step():
                    self._deliver(one)
            except Exception as error:  # whatever it is, nobody is left waiting for ever
                self._fail(error if isinstance(error, WinnowError) else EnvironmentProblem(f"the text broke off: {error!r:.200}"))

    def _take(self) -> None:
        """New ones into free slots; waits where nothing is written."""
        while self._slots.free and not self._closed:
            try:
                ticket = self._waiting.get(block=not self._running)
            except queue.Empty:
                return
            if ticket is None or ticket.cancelled:
                continue
            try:
                self._look()
                self._running[self._slots.join(ticket.prompt, ticket.settings)] = ticket
            except WinnowError as error:
                ticket.send(Piece("", 0, None, error))

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._checked >= CHECKED_SECONDS:
            self._still()
            self._checked = now

    def _deliver(self, one: Written) -> None:
        ticket = self._running.get(one.ticket)
        if ticket is None:
            return
        text = ""
        if one.token is not None:
            ticket.tokens += 1
            text = ticket.text.feed(self._loaded.decoded(one.token))
        stopped = ticket.text.stopped
        if not one.last and not stopped:
            if text:
                ticket.send(Piece(text, ticket.tokens))
            return
        del self._running[one.ticket]
        self._slots.cancel(one.ticket)
        ticket.send(Piece(text + ticket.text.end(), ticket.tokens, STOP if one.ended or stopped else LENGTH))

    def _fail(self, error: WinnowError) -> None:
        for number, ticket in self._running.items():
            self._slots.cancel(number)
            ticket.send(Piece("", ticket.tokens, None, error))
        self._running.clear()
