"""The data sheet beside the language model: what it was made from, how, and how often it is right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One label: sentences it was trained on, and the share of held-out text it names rightly (None: nothing held out)."""

    label: str
    training: int
    held_out: int
    sentence: float | None
    piece: float | None
    declaration: float | None
    taken_for: Counter[str]


HEAD = """# Data sheet of the language model

A fastText classifier (softmax over hashed character 1- to 4-grams, 16 dimensions, product-quantised), {languages} languages
under {labels} labels, {size:,} bytes, SHA-256 `{digest}`.

Made by `python -m pipeline.teach.language SENTENCES UDHR --output langid.ftz --seed {seed}` (one thread, two minutes).

| data | what | licence |
|---|---|---|
| SENTENCES | up to 1,000 web and news sentences in each of 75 languages, one file a language | Apache-2.0 |
| UDHR | the Universal Declaration of Human Rights in XML, © Office of the High Commissioner for Human Rights; \
those of {declarations} taught, the others test | reproduced freely with source named |

Input is what `pipeline.language.letters.letter_samples` gives: lower-case letters of the main script, one space for all else.
Split by a hash of the letters (10 % held out); training sentences that share 24 letters in a row with a held-out one were dropped
as near-duplicates, and {dropped} that two cross-fitted models took for another language ({worst_dropped}).
Held-out sentences were not cleaned, so some of the errors below are the data's. Serbian was also taught in Latin letters,
transliterated one to one. Three kinds of example: sentences, pieces of 12 to 60 letters, paragraphs of up to 600 letters,
half of them with international words ("linux", "karl") put in; twice as many examples of {large}.

## Right answers, share

`sentence`: one held-out sentence; `piece`: its first 30 letters; `declaration`: one paragraph of the Declaration, in
languages where it did not teach. Mean over languages: sentence {sentence:.3f}, piece {piece:.3f}, declaration {declaration:.3f}.

| label | trained on | held out | sentence | piece | declaration | most often taken for |
|---|---:|---:|---:|---:|---:|---|
"""

TAIL = """
## Known confusions

- `hr` and `sr` in Latin letters: sentences without a telling word are a coin toss. Bosnian was left out: its sentences were
  taken for either as often as not. A Bosnian page answers `hr` or `sr`.
- Malay was left out: most sentences that were to teach it are Indonesian. A Malay page answers `id`.
- `ca` takes some technical Spanish: a few Catalan sentences are Spanish; cleaning removes the clear cases.
- `nb`, `nn`, `da`: pieces of a few words; paragraphs are told apart.
- `zu` and `xh`, `tn` and `st`: short pieces.
- `zh` is Simplified (sentences) and Traditional (one document); both answer `zh`. Cantonese is not told apart.
- {scripts}: taught by one document each; in effect the script decides, so a second language
  of that script (Tigrinya, Dzongkha, …) gets the same answer, without doubt in its confidence.
- `vi` in Han characters and `az` in Cyrillic letters were not taught; their documents count against the last column.
- A language that was not taught is given the nearest one that was, often with a confidence above 0.5.
- Code, tables and menus: letters decide, and program text in Latin letters mostly reads as English.
"""


def data_sheet(
    *,
    corpus: list[Measured],
    taught: Sequence[str],
    large: Sequence[str],
    dropped: Counter[str],
    digest: str,
    size: int,
    seed: int,
) -> str:
    """The whole page, Markdown."""
    unmeasured = [row.label for row in corpus if not row.held_out]
    languages = {row.label.split("_")[0] for row in corpus}
    head = HEAD.format(
        languages=len(languages),
        labels=len(corpus),
        size=size,
        digest=digest,
        large=", ".join(large),
        seed=seed,
        declarations=", ".join(taught),
        dropped=sum(dropped.values()),
        worst_dropped=", ".join(f"{label} {count}" for label, count in dropped.most_common(6)),
        sentence=mean([row.sentence for row in corpus]),
        piece=mean([row.piece for row in corpus]),
        declaration=mean([row.declaration for row in corpus]),
    )
    return (
        head
        + "\n".join(table_row(row) for row in corpus)
        + "\n"
        + TAIL.format(scripts=", ".join(f"`{label}`" for label in unmeasured if "_" not in label))
    )


def table_row(row: Measured) -> str:
    taken = ", ".join(f"{label} {count}" for label, count in row.taken_for.most_common(3)) or "–"
    cells = (row.label, row.training, row.held_out, share(row.sentence), share(row.piece), share(row.declaration), taken)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def mean(values: list[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / max(1, len(known))
