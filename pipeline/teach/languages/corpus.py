"""Sentences and declarations, as the model is shown them, split into what teaches and what tests.

The split is by a hash of the letters, and every training line that shares a run of NEAR letters with a held-out one is dropped,
so near-duplicates never stand on both sides.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa

from pipeline.language.letters import letter_samples
from pipeline.quality.plain_letters import plain
from pipeline.teach.languages.labels import UNUSED, is_claimed, label_of_declaration

HELD_OUT_SHARE = 0.1
NEAR = 24  # letters in a row that make two sentences near-duplicates
MAX_EXAMPLE_LETTERS = 600
FEWEST_LETTERS = 5
# Sentences are Cyrillic; Serbian is as often written in Latin letters, one to one (Latin digraphs included).
SERBIAN_LETTERS = (
    "а:a б:b в:v г:g д:d ђ:đ е:e ж:ž з:z и:i ј:j к:k л:l љ:lj м:m н:n њ:nj о:o п:p р:r с:s т:t ћ:ć у:u ф:f х:h ц:c ч:č џ:dž ш:š"
)
SERBIAN_LATIN = str.maketrans(dict(pair.split(":") for pair in SERBIAN_LETTERS.split()))


@dataclass
class Lines:
    """One label's lines of one source."""

    training: list[str] = field(default_factory=list)
    held_out: list[str] = field(default_factory=list)

    def add(self, lines: list[str]) -> None:
        training, held_out = split(lines)
        self.training += training
        self.held_out += held_out


@dataclass
class Corpus:
    """Letters only, as the model sees them: label -> sentences, and paragraphs of the Declaration."""

    sentences: dict[str, Lines] = field(default_factory=dict)
    declarations: dict[str, Lines] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        return sorted({*self.sentences, *self.declarations})

    @property
    def claimed(self) -> list[str]:
        return [label for label in self.labels if is_claimed(label)]

    def training(self, label: str) -> list[str]:
        return [line for source in (self.sentences, self.declarations) if label in source for line in source[label].training]


def read_corpus(sentences: Path, udhr: Path) -> Corpus:
    """Everything in the two folders; the files are the user's own."""
    corpus = Corpus()
    for file in sorted(sentences.glob("*.txt")):
        corpus.sentences.setdefault(file.stem, Lines()).add(letters_of(file.read_text(encoding="utf-8").splitlines()))
    with_sentences = set(corpus.sentences)
    if "sr" in corpus.sentences:
        cyrillic = corpus.sentences["sr"]
        latin = [[line.translate(SERBIAN_LATIN) for line in side] for side in (cyrillic.training, cyrillic.held_out)]
        corpus.sentences["sr_Latn"] = Lines(*latin)
    for file in sorted(udhr.glob("udhr_*.xml")):
        name = file.stem.removeprefix("udhr_")
        lines = letters_of(paragraphs(file)) if name not in UNUSED else []
        if lines:
            corpus.declarations.setdefault(label_of_declaration(name, with_sentences), Lines()).add(lines)
    return corpus


def letters_of(lines: list[str]) -> list[str]:
    """Each line as the model is shown it; lines of fewer than FEWEST_LETTERS letters are left out."""
    samples, _ = letter_samples(pa.array(lines, pa.string()), windows=1, window_bytes=4 * MAX_EXAMPLE_LETTERS)
    return [plain(sample) for sample in samples if len(sample) >= FEWEST_LETTERS]


def paragraphs(file: Path) -> list[str]:
    """Text of every <para>, by the standard library's parser."""
    root = ElementTree.parse(file).getroot()  # noqa: S314
    return [" ".join("".join(node.itertext()).split()) for node in root.iter() if node.tag.endswith("}para")]


def hash_share(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def split(lines: list[str]) -> tuple[list[str], list[str]]:
    """(training, held out): by hash, then without training lines that nearly repeat a held-out one."""
    held_out = sorted({line for line in lines if hash_share(line) < HELD_OUT_SHARE})
    seen = {run for line in held_out for run in letter_runs(line)}
    training = sorted({line for line in lines if hash_share(line) >= HELD_OUT_SHARE})
    return [line for line in training if seen.isdisjoint(letter_runs(line))], held_out


def letter_runs(line: str) -> Iterator[str]:
    """Every NEAR letters in a row, without spaces; a shorter line is one run."""
    letters = line.replace(" ", "")
    return (letters[i : i + NEAR] for i in range(max(1, len(letters) - NEAR + 1)))
