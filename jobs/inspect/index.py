"""A corpus opened for the view: one narrow table of pages, made at the start, and again once the corpus is another one.

The table lies in a temporary folder and goes with the process: kept anywhere else, it would hold the addresses of pages that a
takedown removes. Its rows have measures, the outcome and the broken rules as bits, and no text; texts are looked up one by one.
"""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from jobs.corpus.files.readers import VIEW, Say, reading
from jobs.corpus.folder import MANIFEST, Corpus, open_corpus
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import is_local
from jobs.corpus.views import named_damage
from jobs.quality.labels import Labels
from jobs.report import tokens
from jobs.report.rules import rules_of
from jobs.report.store import Store, open_store
from pipeline.errors import EnvironmentProblem
from pipeline.quality.rules import Rule
from tokenizer.bpe.vocabulary import read_tokenizer

Answer = TypeVar("Answer")
LARGEST_TOKENIZER_BYTES = 64 << 20
MOST_SECONDS = 60  # of one question; what takes longer is asked more narrowly


class Opened:
    """One state of a corpus, and what is asked of it."""

    def __init__(self, corpus: Corpus, store: Store) -> None:
        self.corpus, self.store = corpus, store
        self._kept: dict[str, Any] = {}

    def kept(self, name: str, ask: Callable[[Store], Answer]) -> Answer:
        """What a question of the whole corpus comes to: asked once, for it stays the same while the corpus does."""
        if name not in self._kept:
            self._kept[name] = ask(self.store)
        found: Answer = self._kept[name]
        return found

    @cached_property
    def rules(self) -> dict[str, tuple[Rule | None, int]]:
        """(the rule, or null where the recipe is of another version; its bit) by name."""
        known = {rule.name: rule for rule in rules_of(self.corpus.manifest)}
        return {
            row["rule"]: (known.get(row["rule"]), row["bit"]) for row in self.store.rows("select * from rule_bits order by place")
        }

    @cached_property
    def vocabulary(self) -> dict[str, Any] | None:
        """What there is to say of the tokens; none while there is no tokenizer, or where it is larger than any of ours."""
        corpus = self.corpus
        if not corpus.has("tokenizer") or corpus.files("tokenizer")[0].bytes > LARGEST_TOKENIZER_BYTES:
            return None
        vocabulary = read_tokenizer(corpus.text("tokenizer")).tokens
        return {"size": len(vocabulary), "looked_at": tokens.looked_at(self.store, vocabulary)}


class Index:
    """Answers one question at a time, of the corpus as it is when it is asked."""

    def __init__(self, root: str, other: str | None = None, say: Say = lambda _: None) -> None:
        self.root, self._say = root, say
        self.other = other
        self._lock, self._stack = threading.Lock(), ExitStack()
        self._opened: Opened | None = None
        self._state: tuple[int, ...] = ()
        self.token = secrets.token_urlsafe(32)  # of the one form that writes: who has it has read a page of ours
        self.labels = Labels(root) if "://" not in root else None

    def ask(self, question: Callable[[Opened], Answer]) -> Answer:
        """Raises EnvironmentProblem where the answer takes longer than MOST_SECONDS."""
        with self._lock:
            opened = self._current()
            with named_damage(), _bounded(opened.store):
                return question(opened)

    def close(self) -> None:
        with self._lock:
            self._stack.close()
            self._opened = None

    def _current(self) -> Opened:
        state = self._state_of_manifest()
        if self._opened is None or state != self._state:
            self._stack.close()
            self._opened = None
            self._stack.enter_context(reading(self.root, VIEW, self.root, self._say))
            corpus = open_corpus(self.root)
            corpus.require("select")
            self._opened = Opened(corpus, self._stack.enter_context(open_store(corpus, texts=False)))
            self._state = state
        return self._opened

    def _state_of_manifest(self) -> tuple[int, ...]:
        """Changes whenever the corpus does."""
        if not is_local(self.root):
            manifest = store_of(self.root).entry(MANIFEST)
            return (0,) if manifest is None else (manifest.bytes, round(manifest.changed_at * 1000))
        try:
            found = os.stat(Path(self.root, MANIFEST))  # noqa: PTH116 - one call
        except OSError:
            return (0,)
        return (found.st_ino, found.st_mtime_ns, found.st_size)


@contextmanager
def _bounded(store: Store) -> Iterator[None]:
    """Interrupts what takes too long, so that one question cannot hold the view for ever."""
    late = threading.Event()

    def interrupt() -> None:
        late.set()
        store.connection.interrupt()

    timer = threading.Timer(MOST_SECONDS, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late.is_set():
            raise EnvironmentProblem(f"this takes longer than {MOST_SECONDS} seconds: narrow the filter and ask again") from error
        raise
    finally:
        timer.cancel()
