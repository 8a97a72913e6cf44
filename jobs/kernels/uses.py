"""A small call of everything that uses kernels, in groups that compile at the same time: one process takes one group.

Arguments have the types they have in a stage, as numba compiles a kernel for the types it is called with.
"""

from collections.abc import Callable

import pyarrow as pa

TEXT = "Words and marks, 12 of them: see the page. A second sentence follows here!\nAnd a second line of it\u200b."
TEXTS = pa.array([f"{TEXT} {number}" for number in range(3)], pa.string())
HOSTS = pa.array(["one.example", "two.example", "two.example"], pa.string())


def pages() -> None:
    """HTML to text."""
    from pipeline.read.html import extract

    extract(b"<p>x")


def measures() -> None:
    """Language, quality measures, and line edits."""
    from pipeline.language import identify
    from pipeline.quality.measures import line_edits, measure
    from pipeline.quality.mojibake import MojibakeSettings, mojibake_edits

    identify.identify(TEXTS, identify.LanguageSettings())
    measure(TEXTS, pa.array(["en"] * len(TEXTS)))
    line_edits(TEXTS)
    mojibake_edits(TEXTS, MojibakeSettings())


def findings() -> None:
    """The scan of each page."""
    from pipeline.poison.findings import ScanSettings
    from pipeline.poison.scan import scan

    scan(TEXTS, TEXTS, ScanSettings(), TEXTS)


def content() -> None:
    """Personal data, and items of benchmarks."""
    from pipeline.contamination.index import build_index, table_of
    from pipeline.contamination.overlap import contaminated
    from pipeline.contamination.settings import ContaminationSettings
    from pipeline.personal.scan import personal
    from pipeline.personal.settings import PersonalSettings

    settings = ContaminationSettings()
    contaminated(TEXTS, build_index(table_of([("exam", 1, "question", TEXT)]), settings), settings)
    personal(TEXTS, pa.array(["en"] * len(TEXTS)), PersonalSettings())


def campaigns() -> None:
    """What the scan compares across pages, and with an earlier corpus."""
    from pipeline.poison.sites.campaigns import CampaignSettings, sketches
    from pipeline.poison.sites.provenance import changes

    sketches(TEXTS, CampaignSettings())
    changes(TEXTS, TEXTS)


def copies() -> None:
    """Copies, near and exact."""
    from pipeline.duplicates.copies import shingle_sets, signature_bands, signatures, similarities, text_keys
    from pipeline.duplicates.settings import DuplicateSettings

    settings = DuplicateSettings()
    signature_bands(signatures(TEXTS, settings), settings)
    sets = shingle_sets(TEXTS, settings)
    similarities(sets, sets)
    text_keys(TEXTS)


def repeats() -> None:
    """Lines, passages and sentences that stand again."""
    from pipeline.duplicates.repeats import words_of

    words_of(TEXTS)


def words() -> None:
    """Counts of words."""
    from tokenizer.bpe.count import count_by_host
    from tokenizer.bpe.learn import TokenizerSettings

    settings = TokenizerSettings()
    count_by_host(TEXTS, HOSTS, None, settings.max_word_bytes, settings.words)


def merges() -> None:
    """Merges learned from counts."""
    from tokenizer.bpe.learn import TokenizerSettings, learn

    learn(pa.array([b"abab", b"bab"]), pa.array([5, 3]), TokenizerSettings())


def tokens() -> None:
    """Text to ids and back."""
    from tokenizer.bpe.encode import Encoder
    from tokenizer.bpe.learn import TokenizerSettings, learn
    from tokenizer.bpe.vocabulary import tokenizer_json

    settings = TokenizerSettings()
    learned = learn(pa.array([b"abab", b"bab"]), pa.array([5, 3]), settings)
    encoder = Encoder(tokenizer_json(learned, settings.words, settings.special_tokens))
    encoder.decode(encoder.encode(TEXTS).ids)


GROUPS: dict[str, Callable[[], None]] = {
    group.__name__: group for group in (pages, findings, measures, tokens, words, copies, content, campaigns, repeats, merges)
}  # longest first
