"""Texts that find fault with tokenizers, and a small tokenizer to try them on."""

import gzip
from itertools import islice

import pyarrow as pa
import pytest
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.read.html import extract
from tests.paths import SHARED
from tokenizer.bpe.count import count_words
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.patterns import DEFAULT, GPT2, GPT4, WordPattern, word_pattern
from tokenizer.bpe.vocabulary import Merges, tokenizer_json

# Characters at which words begin or end: blanks, suffixes, digits of several scripts, marks, ligatures, invisible ones.
EDGES = " \n\r\t'sdmtlverSDLVEſﬅﬆKaß3456é漢あ١५१२Ⅷ½２٠ัา😀👩‍🔬.…,-<|>\u00a0\u3000\u2028\u200b\x00\x1c\x85\ufeffة"

PATTERNS = [
    DEFAULT,
    *(WordPattern(style, digits) for style, digits in ((GPT2, 0), (GPT2, 3), (GPT4, 3), (GPT4, 1), (GPT4, 0))),
    word_pattern(r"[^\S\n]?\p{Lu}+\p{Ll}*|\d\d|\P{L}", None),  # leaves lower-case letters between its matches
    word_pattern(r"\S+\s*|\s", None),  # a special token typed in a page is a word of it
]

texts = st.one_of(st.text(max_size=80), st.text(EDGES, max_size=120), st.text("ab ", max_size=300), st.text("ab'1 ", max_size=40))

SAMPLE = """The tokens of a page are not the words of a page: it's 1,024 or 2048 of them, and they'll be what the model's given.
Die Wörter einer Seite sind nicht ihre Zeichen; größere Wörter werden zerlegt, häufige Wörter bleiben ganz.
Les mots les plus fréquents restent entiers, les mots rares sont découpés. 言葉は文字に分けられる。言葉は文字である。
Слова страницы делятся на части; слова, которые встречаются часто, остаются целыми словами. aaaa aaaaaaaa abababab
<|endoftext|> in a page is text, and <|endoftext|> stays text.
"""


def settings_for(words: WordPattern, vocabulary_size: int, special_tokens: tuple[str, ...] = ()) -> TokenizerSettings:
    pattern = {GPT2: "gpt2", GPT4: "gpt4"}.get(words.style, words.own)
    digits = None if words.own else words.digits
    return TokenizerSettings(vocabulary_size=vocabulary_size, pattern=pattern, digits=digits, special_tokens=special_tokens)


def small_merges(vocabulary_size: int = 500, words: WordPattern = DEFAULT, special_tokens: tuple[str, ...] = ()) -> Merges:
    counts = count_words(pa.array([SAMPLE * 2]), 1024, words)
    return learn(counts["word"], counts["count"], settings_for(words, vocabulary_size, special_tokens))


def small_tokenizer(vocabulary_size: int = 500, words: WordPattern = DEFAULT, special_tokens: tuple[str, ...] = ()) -> str:
    return tokenizer_json(small_merges(vocabulary_size, words, special_tokens), words, special_tokens)


def reshaped(rows: list[str | None], kind: str) -> pa.Array | pa.ChunkedArray:
    """The same rows as Arrow may deliver them."""
    if kind == "sliced":
        return pa.array(["before", *rows, None, "after"], pa.string()).slice(1, len(rows))
    if kind == "chunked":
        return pa.chunked_array([pa.array(rows[:1], pa.string()), pa.array([], pa.string()), pa.array(rows[1:], pa.string())])
    return pa.array(rows, pa.large_string() if kind == "large" else pa.string())


def real_pages(*names: str) -> list[str]:
    """Texts of a developer's checkout, cut short; skips the test where there is none."""
    if SHARED is None:
        pytest.skip("needs the texts of ../shared")
    pages = []
    for name in names:
        with gzip.open(SHARED / "text" / name, "rt", encoding="utf-8", newline="") as file:
            pages.append(file.read(300_000))
    return pages


def crawled_pages(name: str, pages: int) -> list[str]:
    """The texts of the first pages of a crawl in a developer's checkout; skips the test where there is none."""
    if SHARED is None:
        pytest.skip("needs the crawl of ../shared")
    with (SHARED / "crawl" / name).open("rb") as file:
        records = (record for record in ArchiveIterator(file) if record.rec_type == "response" and record.http_headers)
        html = (one for one in records if "html" in (one.http_headers.get_header("Content-Type") or ""))
        return [extract(one.content_stream().read()).text for one in islice(html, pages)]


shapes = st.sampled_from(["plain", "sliced", "chunked", "large"])
rows = st.lists(st.none() | texts, max_size=6)
