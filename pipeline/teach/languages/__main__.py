"""`python -m pipeline.teach.languages`: a language model that may answer "none of mine", and its data sheet.

Same input, seed and libraries: same bytes.
"""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipeline.language.model import Certainty, LanguageModel, Table, assemble, write_model
from pipeline.teach.languages.certainty import Fold, asked, fold_tables, given, learn_certainty, typical_shares
from pipeline.teach.languages.clean import drop_foreign
from pipeline.teach.languages.corpus import Corpus, read_corpus
from pipeline.teach.languages.labels import NOISE, is_claimed
from pipeline.teach.languages.learn import kin_of, learn
from pipeline.teach.languages.measure import (
    held_out_sentences,
    macro_f1,
    measure,
    named,
    sure_of_noise,
    sure_of_pages,
    sure_though_untaught,
    unclaimed,
)  # fmt: skip
from pipeline.teach.languages.sheet import LeftOut, Sheet, data_sheet

SEED = 20240520


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, split, weigh, learn to be sure, measure, write model and sheet."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.teach.languages", description="Teach a language model.")
    parser.add_argument("sentences", type=Path, help="folder of LANGUAGE.txt, one sentence a line")
    parser.add_argument("udhr", type=Path, help="folder of udhr_*.xml (Universal Declaration of Human Rights)")
    parser.add_argument(
        "--output", type=Path, required=True, help="model file (.npz); its data sheet is written beside it as .md"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    corpus = read_corpus(chosen.sentences, chosen.udhr)
    model, left_out = teach(corpus, chosen.seed)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    write_model(model, chosen.output)
    data = chosen.output.read_bytes()
    letters, truth = held_out_sentences(corpus)
    sheet = Sheet(
        rows=measure(model, corpus),
        macro_f1=macro_f1(truth, named(model, letters)[0]),
        left_out=left_out,
        unclaimed=sure_though_untaught(model, corpus, unclaimed(corpus)),
        noise=sure_of_noise(model),
        grams=len(model.table.keys),
        entries=len(model.table.weights),
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        seed=chosen.seed,
    )
    chosen.output.with_suffix(".md").write_text(data_sheet(sheet), encoding="utf-8")
    print(f'{len(sheet.rows)} labels, {sheet.size:,} bytes, macro-F1 {sheet.macro_f1:.4f}\nSHIPPED_SHA256 = "{sheet.digest}"')


def teach(corpus: Corpus, seed: int) -> tuple[LanguageModel, list[LeftOut]]:
    """The model, and what tables that never saw some languages say of them once they are as sure as it is."""
    print("in another language's file:", drop_foreign(corpus, seed), flush=True)
    names = [*corpus.labels, NOISE]
    table, folds = learn(corpus, names, seed), list(fold_tables(corpus, names, seed))
    certainty = certainty_of(corpus, names, table, folds)
    model = assemble(tuple(names), np.array([is_claimed(name) for name in names]), table, certainty, kin_of(names))
    return model, [one for fold in folds for one in left_out_of(corpus, model, fold)]


def certainty_of(corpus: Corpus, names: Sequence[str], table: Table, folds: Sequence[Fold]) -> Certainty:
    """Of what the table says, and of what those say that lack some languages."""
    whole, number = given(names, table, asked(corpus, names, (), "whole")), {name: place for place, name in enumerate(names)}
    answers, labels = [whole], [whole.votes.best]
    for place, (out, taught, fold_table) in enumerate(folds):
        answers.append(given(taught, fold_table, asked(corpus, taught, out, f"fold {place}")))
        labels.append(np.array([number[taught[label]] for label in answers[-1].votes.best], np.int64))
    return learn_certainty(names, typical_shares(names, whole), answers, labels)


def left_out_of(corpus: Corpus, model: LanguageModel, fold: Fold) -> Iterator[LeftOut]:
    """What a fold's table, as sure as the model, says of the labels that it was not taught."""
    out, taught, table = fold
    kept, its = np.array([model.names.index(name) for name in taught]), model.certainty
    certainty = its._replace(typical=its.typical[kept], offset=its.offset[kept])
    blind = assemble(tuple(taught), model.taught[kept], table, certainty, model.kin[kept])
    for label, share in sure_though_untaught(blind, corpus, out).items():
        yield LeftOut(label, share, sure_of_pages(blind, corpus, label))


if __name__ == "__main__":
    main()
