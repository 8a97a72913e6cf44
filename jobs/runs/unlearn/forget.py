"""An approximate method on a run that has no clean checkpoint to go back to: the newest weights, changed until they say less.

Nothing is proven by it. It is for runs that cannot be replayed, and says so in its certificate.
"""

import shutil
import time
from pathlib import Path

import numpy as np

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import open_loader
from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.record import locking, read_run
from jobs.runs.unlearn.affected import removed_reads
from jobs.runs.unlearn.replay import REPLAY, Replayed, finish_interrupted, hashes, reads_summary, take_place, updated
from model import checkpoint
from model.training.parallel import Team
from model.training.train import fresh_state, make_deterministic
from model.unlearning.feed import Retained
from model.unlearning.settings import settings_of
from model.unlearning.unlearn import unlearn
from pipeline.errors import CorpusError


def forget(corpus: Corpus, run: Path, name: str, method: str, documents: list[np.ndarray], team: Team) -> None:
    """Unlearns the documents (token ids) of request `name`; the new weights take the place of every checkpoint that saw them.

    Raises CorpusError where the documents' tokens are gone: only a replay can do without them.
    """
    with locking(run):
        finish_interrupted(run)
        found, record = removed_reads(corpus, run), read_run(run)
        if not found.requests:
            return
        if not documents or found.requests != [name]:
            raise CorpusError(
                f"the tokens of {', '.join(found.requests)} are no longer at hand, so {method} has nothing to unlearn: "
                "use --method exact, or name --run in the command that removes the pages"
            )
        wanted, plan = updated(corpus, record, found.fingerprints), record.train_plan
        make_deterministic(plan)
        state = fresh_state(plan, record.vocabulary, team.device)
        checkpoint_of(run, record, found.final)
        checkpoint.load(run, found.final, state)
        loader = open_loader(corpus.root, plan.loader, fingerprint=wanted.corpus_fingerprint)
        retained = Retained.without(loader, [])  # the shards hold filler where the pages were
        started, steps = time.monotonic(), 0
        for _ in unlearn(state, documents, retained, settings_of(method, seed=plan.seed), plan):
            steps += 1
        seconds, before, aside = time.monotonic() - started, hashes(run, found.final), run / REPLAY
        shutil.rmtree(aside, ignore_errors=True)  # a replay that was begun and given up
        position = found.final * plan.batch_rows
        checkpoint.save(aside, state, position=position, corpus=wanted.fingerprint, shards=wanted.all_shards, plan=wanted.plan)
        speed, after = steps * plan.step_tokens / seconds, hashes(aside, found.final)
        done = Replayed(method, found.final, found.final, steps, seconds, speed, before, after, **reads_summary(found))
        take_place(run, wanted, found, done, keep_to=0)
