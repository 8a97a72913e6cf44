"""Compiles the kernels that most tests use, half of them in each of two processes: `python -m tests.compile_kernels`.

Numba keeps what it has compiled beside the source. In a fresh clone every process of the tests would otherwise compile all of
it at the same time, on few cores.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.duplicates.copies import shingle_sets, signature_bands, signatures, similarities, text_keys
from pipeline.poison.scan import scan
from pipeline.poison.sites import campaigns
from pipeline.quality.measures import line_edits
from pipeline.read import ingest
from tests.crawls import prose, write_crawl
from tokenizer.bpe.count import count_by_host, totals
from tokenizer.bpe.encode import Encoder
from tokenizer.bpe.learn import learn
from tokenizer.bpe.vocabulary import tokenizer_json

RECIPE = Recipe()


def reading() -> None:
    """WARC to documents with their measures."""
    with tempfile.TemporaryDirectory() as folder:
        [warc], _ = write_crawl(Path(folder), files=1, pages=4)
        with warc.open("rb") as stream:
            for _ in ingest.ingest_file(stream, warc.name, ingest_settings(RECIPE)):
                pass


def the_rest() -> None:
    """Findings, edits, copies, campaigns, words, merges and tokens."""
    texts = pa.array([prose(number, 30) for number in range(8)], pa.string())
    hosts = pa.array([f"{number}.example" for number in range(8)], pa.string())
    scan(texts, texts, RECIPE.scan, texts)
    line_edits(texts, RECIPE.lines)
    signature_bands(signatures(texts, RECIPE.duplicates), RECIPE.duplicates)
    sets = shingle_sets(texts, RECIPE.duplicates)
    similarities(sets, sets)
    text_keys(texts)
    campaigns.sketches(texts, RECIPE.campaigns)
    settings = RECIPE.tokenizer
    words = totals(pa.Table.from_batches([count_by_host(texts, hosts, None, settings.max_word_bytes, settings.words)]))
    merges = learn(words["word"], words["count"], settings)
    Encoder(tokenizer_json(merges, settings.words, settings.special_tokens)).encode(texts)


HALVES = {"reading": reading, "the_rest": the_rest}


def main() -> int:
    if sys.argv[1:]:
        HALVES[sys.argv[1]]()
        return 0
    halves = [subprocess.Popen([sys.executable, "-m", "tests.compile_kernels", name]) for name in HALVES]
    codes = [half.wait() for half in halves]
    return int(any(codes))  # a half that a signal ended has a code below 0


if __name__ == "__main__":
    sys.exit(main())
