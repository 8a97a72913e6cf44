"""Quality measures of a text: what Gopher, C4 and FineWeb look at, as numbers; and C4's line rules, as edits.

`measure` reads text and judges nothing; pipeline/quality/rules.py judges and reads no text. FineWeb's measures are taken on the
lines that C4's rules leave, as in its pipeline.

Definitions are datatrove's (0.10), on whose numbers the published bounds were tuned, except for these:

- Words are runs of Unicode letters, digits and marks (kernels/words.py), not spaCy's tokens: "don't" is one word, two there;
  "well-known" is one word, three tokens there. Punctuation is what Unicode calls so, not a list of 100 signs. Where that decides,
  which is the share of words with a letter, English pages have it in both forms: `alphabetic_word_share` as the paper has it,
  `alphabetic_token_share` as datatrove counts (kernels/quality/english_tokens.py).
- Scripts without spaces: 2 characters of Han or kana are a word, 4 of Thai, Lao, Khmer or Burmese. That is near the length
  of their words, so counts (50 words) and n-grams weigh as in English. Tokenizers for English make a word of every clause there,
  and Gopher's bounds on count and length drop a third of the Chinese and Japanese pages. The mean length of such words says
  nothing, and pipeline/quality/rules.py does not look at it.
- n-grams are equal word by word; datatrove joins the words first, so "a bc" equals "ab c" there.
- Sentences are counted by rule (kernels/line_rules.py), an abbreviation ends none; spaCy's ends one at every mark.
  Case is folded in ASCII only.
- Letters are composed and without points (plain_letters.py), but in `text_chars`. A share of nothing is null. Second and later
  copies of paragraphs, lines and n-grams are compared by 64-bit hashes.

`make bench-quality` counts how often a verdict is datatrove's, by preset and by rule: docs/figures.md has the shares.
"""

import functools
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.arrays import FlatText, flatten, pieces
from pipeline.errors import RecipeError
from pipeline.quality.edits import LINE_EDITS
from pipeline.quality.mojibake import mojibake_left
from pipeline.quality.plain_letters import plain_letters
from pipeline.quality.stop_words import PARTICLES, STOP_WORDS
from pipeline.settings import check_settings, setting
from pipeline.tables import INT, MEASURES, SHARE

if TYPE_CHECKING:  # the first lives beside numba; the second is given by whoever scores
    from pipeline.kernels.quality.words import Tokens
    from pipeline.quality.score import QualityModel

# In the order of the fates in kernels/line_rules.py, then line_edits.CITATION.
EDIT_REASONS = (
    "", "c4_blank_line", "c4_long_word", "c4_no_terminal_punctuation", "c4_short_line", "c4_javascript_line", "c4_policy_line",
    "c4_citation",
)  # fmt: skip

_NO_LIMIT = 1 << 40


@dataclass(frozen=True, kw_only=True)
class LineRules:
    """C4's rules for lines. A line they drop becomes an edit of its page; pages are judged by rules.py."""

    require_terminal_punctuation: bool = setting(
        False, "a line must end in . ? ! or a quotation mark", "C4; off as in FineWeb, for it takes headings, lists, code and CJK"
    )
    max_word_chars: int | None = setting(1000, "characters of a line's longest word between spaces", "datatrove's C4", minimum=1)
    min_words_per_line: int | None = setting(3, "a line with fewer words between spaces goes", "C4", minimum=0)
    drop_javascript_lines: bool = setting(True, 'lines that say "javascript" go', "C4")
    drop_policy_lines: bool = setting(True, "lines on terms of use, privacy or cookie policies go", "C4")
    remove_citations: bool = setting(True, "[], [12], [edit] and [citation needed] go", "C4; takes the index of x[1] in code too")
    drop_blank_lines: bool = setting(
        False, "blank lines go", "C4 does; here a blank line parts paragraphs, and one stays where lines went between two"
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "lines.")


C4_LINES = LineRules()


def measure(
    text: pa.Array, language: pa.Array, line_rules: LineRules = C4_LINES, model: "QualityModel | None" = None
) -> pa.RecordBatch:
    """MEASURES of every text, a row each. A null text is empty; a share of nothing is null, and null breaks no rule.

    `model` gives the score `quality`, which is null without one.
    """
    schema = pa.schema(list(MEASURES.items()))
    measured = [
        pa.RecordBatch.from_pydict(_measure_piece(text[first:last], language[first:last], line_rules, model), schema=schema)
        for first, last in pieces(text)
    ]
    return pa.concat_batches(measured) if measured else pa.RecordBatch.from_pylist([], schema=schema)


def line_edits(text: pa.Array, line_rules: LineRules = C4_LINES) -> pa.RecordBatch:
    """The deletions (LINE_EDITS) that leave of each text what C4's line rules leave of it.

    Text with its edits applied equals C4's lines joined by newlines, but for two things that C4 also does: kept lines are not
    stripped (indentation is meaning in code), and unless `drop_blank_lines` one blank line stays between paragraphs.
    """
    from pipeline.kernels.quality.line_edits import line_edits as edits_of

    made = []
    for first, last in pieces(text):
        flat = flatten(text[first:last])
        lines, _ = _kept(flat, line_rules)
        edits = edits_of(flat.data, flat.offsets, lines, _table(), line_rules.remove_citations, line_rules.drop_blank_lines)
        reasons = pa.DictionaryArray.from_arrays(pa.array(edits.reasons, pa.uint8()), pa.array(EDIT_REASONS)).cast(pa.string())
        replacements = pa.repeat("", len(edits.rows))
        columns = [pa.array(edits.rows + np.int32(first)), pa.array(edits.starts), pa.array(edits.ends), replacements, reasons]
        made.append(pa.RecordBatch.from_arrays(columns, schema=LINE_EDITS))
    return pa.concat_batches(made) if made else pa.RecordBatch.from_pylist([], schema=LINE_EDITS)


def _measure_piece(
    text: pa.Array, language: pa.Array, line_rules: LineRules, model: "QualityModel | None"
) -> dict[str, pa.Array]:
    from pipeline.kernels.characters import count_characters
    from pipeline.kernels.quality.words import tokenise

    plain = plain_letters(text)
    flat = flatten(plain)
    chars, tokens = count_characters(*flat), tokenise(*flat, _table())
    measured = {
        "text_chars": _count(chars if plain is text else count_characters(*flatten(text))),
        **_words(tokens, chars),
        **_listed_words(plain, language, tokens),
        **_lines(flat, chars, np.diff(tokens.offsets)),
        **_letters(flat, language, chars),
        **_repeated_lines(flat, chars),
        **_kept_lines(flat, line_rules),
        **_mojibake(flat, chars),
    }
    scores = model.scores(measured, language, tokens.offsets, tokens.hashes) if model else pa.nulls(len(text), SHARE)
    return measured | {"quality": scores}


def _words(tokens: "Tokens", text_chars: np.ndarray) -> dict[str, pa.Array]:
    """Gopher's measures of words and n-grams."""
    from pipeline.kernels.quality.ngrams import repeated_chars
    from pipeline.kernels.quality.words import count_words

    words, marks, word_chars, alphabetic = count_words(tokens.offsets, tokens.chars, tokens.kinds).T
    repeated = repeated_chars(tokens.offsets, tokens.hashes, tokens.chars, _multiplier()).T
    ngrams = [f"top_{n}_gram_char_share" for n in (2, 3, 4)] + [f"duplicate_{n}_gram_char_share" for n in range(5, 11)]
    return {
        "word_count": _count(words),
        "mark_count": _count(marks),
        "mean_word_chars": _share(word_chars, words),
        "alphabetic_word_share": _share(alphabetic, words),
        **{name: _share(chars, text_chars) for name, chars in zip(ngrams, repeated, strict=True)},
    }


def _lines(flat: FlatText, text_chars: np.ndarray, tokens: np.ndarray) -> dict[str, pa.Array]:
    """Gopher's measures of lines, and of symbols, which are per word and mark."""
    from pipeline.kernels.quality.lines import count_line_shapes

    lines, bullets, ending_in_ellipsis, hashes, ellipses = count_line_shapes(*flat, _table()).T
    return {
        "hashes_per_word": _share(hashes, tokens),
        "ellipses_per_word": _share(ellipses, tokens),
        "bullet_line_share": _share(bullets, lines),
        "ellipsis_line_share": _share(ending_in_ellipsis, lines),
        "mean_line_chars": _share(text_chars, lines),
    }


def _letters(flat: FlatText, language: pa.Array, text_chars: np.ndarray) -> dict[str, pa.Array]:
    from pipeline.kernels.characters import count_ascii_kinds
    from pipeline.kernels.quality.english_affixes import english_rules
    from pipeline.kernels.quality.english_tokens import count_english_tokens

    letters, capitals, digits = count_ascii_kinds(*flat).T
    english = pc.fill_null(pc.equal(language, "en"), False).to_numpy(zero_copy_only=False)
    tokens, alphabetic = count_english_tokens(*flat, english, english_rules()).T
    return {
        "alphabetic_token_share": _share(alphabetic, tokens),
        "capital_share": _share(capitals, letters),
        "digit_share": _share(digits, text_chars),
    }


def _listed_words(text: pa.Array, language: pa.Array, tokens: "Tokens") -> dict[str, pa.Array]:
    """Stop words of each text's own language: different ones, and their share of the words; null where there is no list."""
    from pipeline.kernels.quality.words import count_listed, count_words

    lists = pc.fill_null(pc.index_in(language, pa.array(list(STOP_WORDS))), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    different, every = count_listed(tokens.offsets, tokens.hashes, lists, _stop_word_hashes()).T
    words = count_words(tokens.offsets, tokens.chars, tokens.kinds)[:, 0]
    known = lists >= 0
    for unspaced, particles in PARTICLES.items():
        rows = np.flatnonzero(pc.fill_null(pc.equal(language, unspaced), False).to_numpy(zero_copy_only=False))
        if len(rows):
            texts = text.take(pa.array(rows))
            different[rows] = sum(pc.fill_null(pc.match_substring(texts, word), False).cast(INT).to_numpy() for word in particles)
            known[rows] = True
    return {
        "stop_word_count": pa.array(different, INT, mask=~known),
        "stop_word_share": _share(every, np.where(lists >= 0, words, 0)),
    }


def _repeated_lines(flat: FlatText, text_chars: np.ndarray) -> dict[str, pa.Array]:
    """Gopher's measures of repeated lines and paragraphs."""
    from pipeline.kernels.quality.lines import count_repeated_segments

    counts = count_repeated_segments(*flat, _table(), _multiplier()).T
    paragraphs, repeated_paragraphs, paragraph_chars, lines, repeated_lines, line_chars = counts
    return {
        "repeated_paragraph_share": _share(repeated_paragraphs, paragraphs),
        "repeated_paragraph_char_share": _share(paragraph_chars, text_chars),
        "repeated_line_share": _share(repeated_lines, lines),
        "repeated_line_char_share": _share(line_chars, text_chars),
    }


def _kept_lines(flat: FlatText, line_rules: LineRules) -> dict[str, pa.Array]:
    """C4's counts of pages, and FineWeb's measures of the text that C4's line rules leave."""
    from pipeline.kernels.quality.lines import count_kept_lines
    from pipeline.kernels.quality.words import tokenise

    _, kept = _kept(flat, line_rules)
    words_and_marks = np.diff(tokenise(kept.data, kept.offsets, _table()).offsets)
    sentences, lorem, curly = kept.counts.T
    lines, terminal, short, repeated_chars, chars, newlines = count_kept_lines(kept.data, kept.offsets, _table(), _multiplier()).T
    return {
        "kept_line_count": _count(lines),
        "kept_sentence_count": _count(sentences),
        "lorem_ipsum_line_count": _count(lorem),
        "curly_bracket_line_count": _count(curly),
        "terminal_line_share": _share(terminal, lines),
        "short_line_share": _share(short, lines),
        "repeated_char_share": _share(repeated_chars, chars),
        "newlines_per_word": _share(newlines, words_and_marks),
    }


def _mojibake(flat: FlatText, text_chars: np.ndarray) -> dict[str, pa.Array]:
    return {"mojibake_share": _share(mojibake_left(flat), text_chars)}


def _kept(flat: FlatText, rules: LineRules):  # type: ignore[no-untyped-def]  # Lines and KeptText live beside numba
    from pipeline.kernels.quality.line_rules import keep_lines, split_lines

    lines = split_lines(*flat)
    kept = keep_lines(
        *flat, lines, _table(),
        max_word_chars=_NO_LIMIT if rules.max_word_chars is None else rules.max_word_chars,
        min_words=rules.min_words_per_line or 0,
        needs_terminal=rules.require_terminal_punctuation,
        drop_javascript=rules.drop_javascript_lines,
        drop_policies=rules.drop_policy_lines,
        remove_citations=rules.remove_citations,
    )  # fmt: skip
    return lines, kept


def _count(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype(np.int32), INT)


def _share(part: np.ndarray, whole: np.ndarray) -> pa.Array:
    return pa.array((part / np.maximum(whole, 1)).astype(np.float32), SHARE, mask=whole == 0)


@functools.cache
def _table() -> np.ndarray:
    from pipeline.kernels.characters import character_table

    return character_table()


@functools.cache
def _multiplier() -> np.uint64:
    """Places hashes in tables. Drawn per process so that no page can be written to make them slow; it changes no result."""
    return np.uint64(secrets.randbits(64) | 1)


@functools.cache
def _stop_word_hashes() -> np.ndarray:
    """uint64 [languages, longest list]: ascending hashes of each list of STOP_WORDS, padded with the largest number."""
    from pipeline.kernels.quality.words import hash_words

    hashed = [np.unique(hash_words(*flatten(pa.array(words)))) for words in STOP_WORDS.values()]
    table = np.full((len(hashed), max(map(len, hashed))), np.iinfo(np.uint64).max, dtype=np.uint64)
    for row, hashes in zip(table, hashed, strict=True):
        row[: len(hashes)] = hashes
    return table
