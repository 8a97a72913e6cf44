"""The data sheet beside the language model: what it was made from, how, how often it is right, and when it is not to be
believed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.teach.languages.certainty import ENGLISH, FOLDS, LEFT_OUT_SHARE, MIDDLE, OTHER_LARGE, RARE
from pipeline.teach.languages.examples import CODE_SHARE, LARGE
from pipeline.teach.languages.labels import language_of
from pipeline.teach.languages.measure import SURE, Measured
from pipeline.teach.languages.pages import LONGEST, SHORTEST

WORST = 12


class LeftOut(NamedTuple):
    """A label that a table was not taught, and the share of its held-out lines that got a name with a confidence of SURE or
    more."""

    label: str
    sure: float
    sure_of_pages: float  # of pages made of those lines


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What the page tells."""

    rows: list[Measured]
    macro_f1: float
    left_out: list[LeftOut]
    unclaimed: dict[str, float]
    noise: dict[str, float]
    grams: int
    entries: int
    digest: str
    size: int
    seed: int


HEAD = """# Data sheet of the language model

{languages} languages under {labels} labels, and "none of these". {grams:,} n-grams of 1 to 5 letters and words speak for labels
with {entries:,} whole weights of a byte (multinomial logistic regression whose weights exist only where a label has the n-gram
often), {size:,} bytes, SHA-256 `{digest}`.

Made by `python -m pipeline.teach.languages SENTENCES UDHR --output langid.npz --seed {seed}` (one thread, ten minutes).

| data | what | licence |
|---|---|---|
| SENTENCES | up to 1,000 web and news sentences in each of 75 languages, one file a language | Apache-2.0 |
| UDHR | the Universal Declaration of Human Rights in XML, © Office of the High Commissioner for Human Rights; all its files | \
reproduced freely with source named |

Input is what `pipeline.language.letters` gives: lower-case letters of the main script, composed, without points, one space for
all else. Split by a hash of the letters (10 % held out); training lines that share 24 letters in a row with a held-out one were
dropped, and those that a table taught by the other half of the sentences takes for a larger language (Spanish in the Catalan
file, Indonesian in the Malay one). Held-out lines were not cleaned, so some of the errors below are the data's. Serbian was also
taught in Latin letters, transliterated one to one. Three kinds of example, new ones in each pass: lines, pieces of 12 to 60
letters, paragraphs of up to 600 letters, half of them with international words ("linux", "karl") put in, {code} in 100 with
program text; twice as many examples and n-grams of {large}.

Declarations in {unclaimed} further languages and variants, and noise ({noise_kinds}), teach what is no language of ours: where
one of these is best, the page is `und` and its confidence 0.

## Confidence

How likely the answer is right: a logistic function of how far it is ahead of the next language and of the next that is no
close relative, of the share of its n-grams that the language has (by what is usual in it), of the length, of how many parts
of the page say the same by themselves, and of the label. It is fitted on pages made of held-out lines: {shortest} to
{longest:,} letters, half of them with numbers, English menus, addresses and program text between the lines, half with terms
of no language among the words. They are asked of the model and of {folds} others, each of which was not taught one language
in {folds}: what those say of them is wrong whatever it is. Such pages weigh {left_out_share:.0f} in 100; right answers count
by how common pages in their language are: in English {english:.0f}, in another of the large languages {other_large:.0f}, in
a middle one {middle:.0f}, in a rare one {rare}.

| text, asked as pages | share named with a confidence of {sure} or more |
|---|---:|
| held-out lines, and rightly | {right_and_sure:.3f} |
| held-out lines of languages left out whole, in {folds} folds ({left_out_labels} labels) | {left_out:.4f} |
| pages made of these lines | {left_out_pages:.4f} |
| languages that are not claimed, other paragraphs than those that taught | {unclaimed_sure:.4f} |
{noise_rows}

Of lines in languages left out, most often named with confidence: {worst_left_out}. Nearly all of it is the
name of a close relative. At most 3 in 100 are named with confidence in {left_out_quiet} of the {left_out_labels}.

These are figures of development: settings were chosen by them, and the certainty was fitted with all folds at hand.

## Right answers, share

`sentence`: one held-out sentence; `piece`: its first 30 letters; `declaration`: one held-out paragraph of the Declaration;
`sure`: of all held-out lines those named rightly with a confidence of {sure} or more. Macro-F1 of held-out sentences, of all 75
languages and with `und` as an error: {macro_f1:.4f}. Mean over labels: sentence {sentence:.3f}, piece {piece:.3f}, declaration
{declaration:.3f}.

| label | sentences | paragraphs | held out | sentence | piece | declaration | sure | most often taken for |
|---|---:|---:|---:|---:|---:|---:|---:|---|
"""

TAIL = """
## Known confusions

- `bs`, `hr` and `sr` in Latin letters; `id` and `ms`; `nb`, `nn` and `da`; `zu`, `xh`, `nr` and `ss`: sentences without a
  telling word are a coin toss, and their confidence says so. Many of the sentences in the file of `ms` are Indonesian,
  and of Indonesian pages some are called `ms` with little confidence.
- A label without sentences is taught by one document: on other subjects it is found less often than the table says.
- `zh` is Simplified (sentences) and Traditional (one document); both answer `zh`. Cantonese (`yue`) is told apart in what is
  spoken.
- Code, listings and encoded bytes are `und` where they are alone; among prose the prose decides.
"""


def data_sheet(sheet: Sheet) -> str:
    """The whole page, Markdown."""
    worst = sorted(sheet.left_out, key=lambda one: (-one.sure, one.label))[:WORST]
    head = HEAD.format(
        languages=len({language_of(row.label) for row in sheet.rows}),
        labels=len(sheet.rows),
        grams=sheet.grams,
        entries=sheet.entries,
        size=sheet.size,
        digest=sheet.digest,
        seed=sheet.seed,
        large=", ".join(sorted(LARGE)),
        unclaimed=len(sheet.unclaimed),
        noise_kinds=", ".join(sheet.noise),
        folds=FOLDS,
        left_out_share=100 * LEFT_OUT_SHARE,
        english=ENGLISH,
        other_large=OTHER_LARGE,
        middle=MIDDLE,
        rare=RARE,
        shortest=SHORTEST,
        longest=LONGEST,
        code=round(100 * CODE_SHARE),
        sure=SURE,
        right_and_sure=mean([row.sure for row in sheet.rows]),
        left_out_labels=len(sheet.left_out),
        left_out=mean([one.sure for one in sheet.left_out]),
        left_out_pages=mean([one.sure_of_pages for one in sheet.left_out]),
        left_out_quiet=sum(one.sure <= 0.03 for one in sheet.left_out),
        unclaimed_sure=mean(list(sheet.unclaimed.values())),
        noise_rows="\n".join(f"| {kind} | {sure:.4f} |" for kind, sure in sheet.noise.items()),
        worst_left_out=", ".join(f"`{one.label}` {one.sure:.2f}" for one in worst),
        macro_f1=sheet.macro_f1,
        sentence=mean([row.sentence for row in sheet.rows]),
        piece=mean([row.piece for row in sheet.rows]),
        declaration=mean([row.declaration for row in sheet.rows]),
    )
    return head + "\n".join(map(table_row, sheet.rows)) + "\n" + TAIL


def table_row(row: Measured) -> str:
    cells = (
        row.label, row.sentences, row.declarations, row.held_out, told(row.sentence), told(row.piece), told(row.declaration),
        told(row.sure), most(row.taken_for),
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def most(taken_for: Counter[str]) -> str:
    return ", ".join(f"{label} {count}" for label, count in taken_for.most_common(3)) or "–"


def told(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else 0.0
