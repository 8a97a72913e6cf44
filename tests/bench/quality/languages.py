"""The language model on held-out text, on languages that it was never taught, with vector instructions forbidden, and its cost.

macro_f1      of held-out sentences in 75 languages, as pages; beside it a fastText model where one is named (lid.176), asked
              with the raw sentences that it was made for
manuals       of pages of the crawl whose language is known, those named so, and those named otherwise with confidence
left_out      taught again from the same data: languages that were left out whole, a fold at a time (a quarter of an hour)
same_bits     answers of this machine with its instructions, and with those of every x86-64 and numpy's own switched off
cost          processor time of identification, by page and as a share of ingest's
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.arrays import flatten
from pipeline.language.codes import language_of_label
from pipeline.language.fasttext_model import read_fasttext
from pipeline.language.identify import SHIPPED_SHA256, LanguageSettings, identify
from pipeline.language.letters import letter_samples
from pipeline.language.model import write_model
from pipeline.quality.plain_letters import plain
from pipeline.read.ingest import ingest_file
from pipeline.teach.languages.__main__ import SEED, teach
from pipeline.teach.languages.corpus import FEWEST_LETTERS, hash_share, read_corpus
from pipeline.teach.languages.measure import SURE, macro_f1

ROUNDS = 3
PLAIN_CPU = {
    "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX",
}  # fmt: skip
NAMES_OF_OTHERS = {"no": "nb"}  # lid.176 calls Bokmål Norwegian


def held_out(shared: Path) -> tuple[list[str], list[str]]:
    """(raw sentences, languages): those whose letters the split holds out."""
    raw, languages = [], []
    for file in sorted((shared / "langid" / "sentences").glob("*.txt")):
        lines = file.read_text("utf-8").splitlines()
        samples, _ = letter_samples(pa.array(lines, pa.string()), windows=1, window_bytes=2400)
        for line, sample in zip(lines, map(plain, samples), strict=True):
            if len(sample) >= FEWEST_LETTERS and hash_share(sample) < 0.1:
                raw.append(line)
                languages.append(file.stem)
    return raw, languages


def of_sentences(shared: Path, other: Path | None) -> dict[str, Any]:
    raw, truth = held_out(shared)
    found = identify(pa.array(raw, pa.string()), LanguageSettings())
    answers = found.column("language").to_pylist()
    pieces = identify(pa.array([line[:40] for line in raw], pa.string()), LanguageSettings()).column("language").to_pylist()
    sure = found.column("confidence").to_numpy() >= SURE
    right = np.array([answer == language for answer, language in zip(answers, truth, strict=True)])
    told: dict[str, Any] = {
        "sentences": len(raw), "macro_f1": round(macro_f1(truth, answers), 4),
        "of_40_characters": round(macro_f1(truth, pieces), 4),
        "right_and_sure": round(float((sure & right).mean()), 4), "wrong_and_sure": round(float((sure & ~right).mean()), 4),
    }  # fmt: skip
    if other is not None:
        model = read_fasttext(other)
        labels, _ = model.classified(flatten(pa.array([line.replace("\t", " ") for line in raw], pa.large_string())))
        theirs = [language_of_label(model.names[label]) if label >= 0 else "und" for label in labels]
        theirs = [NAMES_OF_OTHERS.get(one, one) for one in theirs]
        known = {NAMES_OF_OTHERS.get(one, one) for one in map(language_of_label, model.names)}
        both = [place for place, language in enumerate(truth) if language in known]
        told |= {
            "other": other.name, "other_macro_f1": round(macro_f1(truth, theirs), 4),
            "languages_of_both": len({truth[one] for one in both}),
            "of_both": round(macro_f1([truth[one] for one in both], [answers[one] for one in both]), 4),
            "other_of_both": round(macro_f1([truth[one] for one in both], [theirs[one] for one in both]), 4),
        }  # fmt: skip
    return told


def of_manuals(shared: Path) -> dict[str, Any]:
    """Pages whose path and content agree on a language."""
    with gzip.open(shared / "crawl" / "languages.tsv.gz", "rt") as rows:
        known = {
            url: language.split("-")[0].split("_")[0] for url, language, *_ in (line.rstrip("\n").split("\t") for line in rows)
        }
    found: dict[str, tuple[str, float]] = {}
    settings = ingest_settings(Recipe())
    for file in sorted((shared / "crawl").glob("*.warc.gz")):
        with file.open("rb") as stream:
            for part in ingest_file(stream, file.name, settings):
                columns = (part.measures.column(name).to_pylist() for name in ("url", "language", "language_confidence"))
                found |= {url: (language, sure) for url, language, sure in zip(*columns, strict=True) if url in known}
    right = np.array([answer == NAMES_OF_OTHERS.get(known[url], known[url]) for url, (answer, _) in found.items()])
    sure = np.array([confidence >= SURE for _, confidence in found.values()])
    return {
        "pages": len(found), "right": round(float(right.mean()), 4), "right_and_sure": round(float((right & sure).mean()), 4),
        "wrong_and_sure": round(float((~right & sure).mean()), 4),
    }  # fmt: skip


def of_left_out(shared: Path) -> dict[str, Any]:
    """What tables say of languages that they were not taught, once they are as sure as the model; and whether that one ships."""
    model, left_out = teach(read_corpus(shared / "langid" / "sentences", shared / "langid" / "udhr" / "udhr"), SEED)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.npz"
        write_model(model, file)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    shares = [one.sure for one in left_out]
    return {
        "labels": len(shares),
        "wrong_and_sure": round(float(np.mean(shares)), 4),
        "at_most_3_in_100": sum(share <= 0.03 for share in shares),
        "ships": digest == SHIPPED_SHA256,
    }


ANSWERS = """
import hashlib, sys, pyarrow as pa
from pathlib import Path
from pipeline.language.identify import LanguageSettings, identify
lines = [line for file in sorted(Path(sys.argv[1]).glob("*.txt")) for line in file.read_text("utf-8").splitlines()[:100]]
found = identify(pa.array(lines + [line[:20] for line in lines]), LanguageSettings())
print(hashlib.sha256(b"".join(bytes(part) for column in found.columns for part in column.buffers() if part)).hexdigest())
"""


def same_bits(shared: Path) -> bool:
    command = [sys.executable, "-c", ANSWERS, str(shared / "langid" / "sentences")]
    runs = [subprocess.run(command, env=os.environ | one, capture_output=True, text=True, check=True) for one in ({}, PLAIN_CPU)]
    return runs[0].stdout == runs[1].stdout


def cost(shared: Path) -> dict[str, Any]:
    """The least of some rounds, over one file of the crawl."""
    file = shared / "crawl" / "debian-manuals.warc.gz"
    settings, whole, alone = ingest_settings(Recipe()), [], []
    for _ in range(ROUNDS):
        started = time.process_time()
        with file.open("rb") as stream:
            texts = [
                text for part in ingest_file(stream, file.name, settings) for text in part.documents.column("text").to_pylist()
            ]
        whole.append(time.process_time() - started)
        started = time.process_time()
        identify(pa.array(texts, pa.string()), LanguageSettings())
        alone.append(time.process_time() - started)
    return {
        "pages": len(texts),
        "microseconds_a_page": round(1e6 * min(alone) / len(texts), 1),
        "share_of_ingest": round(min(alone) / min(whole), 3),
    }


def language(shared: Path, other: Path | None) -> dict[str, Any]:
    return {
        "held_out": of_sentences(shared, other), "manuals": of_manuals(shared), "same_bits": same_bits(shared),
        "cost": cost(shared),
    }  # fmt: skip
