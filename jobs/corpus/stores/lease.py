"""Who may change a corpus in a store of objects: whoever holds its lease, an object that runs out unless it is renewed.

It is taken, renewed and given back by conditional puts, so of two who want it one gets it. A writer that was killed is waited for
until its lease has run out, by the clock of the machine that took it. A writer that was held up for longer than that has lost it:
it notices at its next renewal, or before it publishes, and stops. Should it not notice in time, the manifest is replaced
conditionally too, and the one that comes second is refused.
"""

import json
import os
import platform
import threading
import time
import uuid
from dataclasses import asdict, dataclass, replace

from jobs.corpus.stores.store import Conflict, Store
from pipeline.errors import CorpusError, WinnowError

LEASE_SECONDS = 60.0
RENEW_SECONDS = 15.0
MARGIN_SECONDS = 10.0  # before it runs out nothing is published or deleted any more
NAME = ".winnow/lease.json"


@dataclass(frozen=True)
class Holder:
    """What the object says."""

    owner: str  # a random word: no two are the same
    process: str  # for people
    ends_at: float  # seconds since 1970, by the clock of the holder; 0 once it is given back


class Lease:
    """Held for the length of a `with` block. Raises CorpusError where another holds it."""

    def __init__(self, store: Store, *, lease_seconds: float = LEASE_SECONDS, renew_seconds: float = RENEW_SECONDS) -> None:
        self._store, self._seconds, self._renew_seconds = store, lease_seconds, renew_seconds
        self._me = Holder(uuid.uuid4().hex, f"{platform.node()} {os.getpid()}", 0.0)
        self._version: str | None = None
        self._good_until = 0.0  # by this process' own clock, which nobody sets
        self._turn, self._ended, self._lost = threading.Lock(), threading.Event(), False

    def __enter__(self) -> "Lease":
        self._version = self._free_version()
        try:
            self._write(self._seconds)
        except Conflict:
            raise CorpusError(self._taken("somebody who was quicker")) from None
        threading.Thread(target=self._renew, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._turn:
            if not self._lost:
                try:
                    self._write(None)
                except (Conflict, WinnowError):
                    return  # it runs out by itself

    def check(self) -> None:
        """Raises CorpusError where this writer may not go on: its lease is another's, or may soon be."""
        with self._turn:
            try:
                if not self._lost:
                    self._write(self._seconds)
            except Conflict:
                self._lost = True
        if self._lost or time.monotonic() > self._good_until - MARGIN_SECONDS * self._seconds / LEASE_SECONDS:
            raise CorpusError(
                f"{self._store.root} is another writer's by now: this one was held up for longer than {self._seconds:g} s, and "
                "publishes nothing; run the same command again when the other has ended"
            )

    def _free_version(self) -> str | None:
        try:
            data, version = self._store.read_with_version(NAME)
        except FileNotFoundError:
            return None
        try:
            holder = Holder(**json.loads(data))
            left = holder.ends_at - time.time()
        except (ValueError, TypeError):  # damaged: it holds nobody off
            return version
        if left > 0:
            raise CorpusError(self._taken(f"{holder.process}, or its lease runs out in {left:.0f} s"))
        return version

    def _taken(self, by: str) -> str:
        return f"another winnow is working on {self._store.root} ({by}); wait for it, or name another --output"

    def _write(self, seconds: float | None) -> None:
        """Until so many seconds from now; null gives it back."""
        asked_at = time.monotonic()
        holder = replace(self._me, ends_at=0.0 if seconds is None else time.time() + seconds)
        data = json.dumps(asdict(holder)).encode()
        self._version = (
            self._store.put_new(NAME, data) if self._version is None else self._store.put_over(NAME, data, self._version)
        )
        self._good_until = asked_at + (seconds or 0.0)

    def _renew(self) -> None:
        while not self._ended.wait(self._renew_seconds):
            with self._turn:
                if self._ended.is_set() or self._lost:
                    return
                try:
                    self._write(self._seconds)
                except Conflict:
                    self._lost = True
                except WinnowError:  # asked for again at the next turn, as long as it holds
                    continue
