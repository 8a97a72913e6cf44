"""The same corpus without one rule of its recipe: a folder of links to its files, made again from the rules on.

Files of a corpus are never changed, so the two share what they have in common. The tokenizer is the corpus' own: what a rule does
to a model is not to be mixed up with what it does to the ids.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from jobs.corpus.files import readers
from jobs.corpus.folder import MANIFEST, Corpus, changing, corpus_at
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.views import connect, rows
from jobs.stages.curate import STAGES, run_stages
from jobs.stages.stage import Work, working
from pipeline.errors import UsageError
from pipeline.quality.rules import resolve, rule_settings
from pipeline.quality.verdicts import OWN

MADE_AGAIN = tuple(stage for stage in STAGES if stage.name != "report")
DROPPED_BY_ONE = """
SELECT rule, count(*) AS pages FROM verdicts
SEMI JOIN (SELECT doc_id FROM verdicts GROUP BY doc_id HAVING count(*) = 1) USING (doc_id) GROUP BY rule ORDER BY rule
"""


def pages_of_each_rule(corpus: Corpus, wanted: str) -> dict[str, int]:
    """Rule -> pages that it alone drops, of `wanted`: names with commas, or "all" that drop any. Raises UsageError."""
    corpus.require("filter")
    if not corpus.is_local:
        raise UsageError(f"--rules: {corpus.root} is in a store, which has no links; copy it to a folder of this machine")
    names = [rule.name for rule in resolve(rule_settings(corpus.manifest["recipe"]["rules"]))]
    with connect(corpus) as database:
        dropped = {row["rule"]: row["pages"] for row in rows(database, DROPPED_BY_ONE)}
    chosen = [name for name in names if name in dropped] if wanted == "all" else wanted.split(",")
    if unknown := [name for name in chosen if name not in names]:
        raise UsageError(f"--rules: {corpus.root} was made without a rule {unknown[0]}; it has {', '.join(names)}")
    return {name: dropped.get(name, 0) for name in chosen}


def corpus_without(corpus: Corpus, rule: str, folder: Path, say: Callable[[str], None], master: str | None = None) -> Path:
    """The corpus in `folder`; what stands there goes on where it stopped, unless the corpus has other pages by now."""
    if not has_same_pages(corpus, folder):
        link(corpus, folder)
    recipe = recipe_without(corpus, rule)
    with changing(str(folder)) as variant, working(Work(variant, recipe, master=master)) as work:
        run_stages(work, MADE_AGAIN, lambda stage: say(f"without {rule}: {stage}"), lambda *_: None)
    return folder


def has_same_pages(corpus: Corpus, folder: Path) -> bool:
    """Whether a corpus in `folder` was made of the very pages: a takedown leaves others."""
    return Path(folder, MANIFEST).exists() and corpus_at(str(folder)).files("documents") == corpus.files("documents")


def recipe_without(corpus: Corpus, rule: str) -> Recipe:
    """The corpus' own, but for the rule; with its tokenizer."""
    standing, off = corpus.manifest["recipe"], {rule: {"enabled": False}}
    rules = {OWN: off} if rule in standing["rules"].get(OWN, {}) else off
    return build_recipe({"base": "corpus", "rules": rules, "tokenizer": {"from": corpus.root}}, standing)


def link(corpus: Corpus, folder: Path) -> None:
    """Every file that the manifest names, and the manifest last: what is not whole is begun anew. It is on record in the corpus
    before it has a page, so that a takedown there names it.
    """
    readers.register(corpus.root, readers.Reader(readers.COPY, str(folder.resolve())))
    for stored in (one for table in corpus.manifest["tables"] for one in corpus.files(table)):
        target = folder / stored.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(corpus.path(stored.file), target)
        except OSError:  # another disk
            shutil.copyfile(corpus.path(stored.file), target)
    Path(folder, ".winnow").mkdir(exist_ok=True)
    shutil.copyfile(corpus.path(MANIFEST), folder / MANIFEST)
