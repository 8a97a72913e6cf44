"""Quality measures the slow, obvious way: Python strings, one text at a time. The kernels must agree to the last bit."""

import unicodedata
from collections import Counter
from dataclasses import dataclass

import re2

from pipeline.kernels import characters
from pipeline.quality.measures import LineRules
from pipeline.quality.plain_letters import plain
from pipeline.quality.stop_words import PARTICLES, STOP_WORDS
from tests.reference import mojibake
from tests.reference.english_tokens import english_tokens, is_letter

SPACE, MARK, LETTER, DIGIT, EXTEND, RUN, JOINER, DIGIT_JOINER = range(8)
PHRASES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
ASCII_LOWER = {byte: byte + 32 for byte in range(65, 91)}
TERMINALS = {chr(code_point) for code_point in range(0x20000) if characters.character_table()[code_point] & characters.TERMINAL}


def word_chars(character: str) -> int:
    """Letters of a word in the run that starts with `character`."""
    return 2 if characters.is_east_asian(character) else 4


def run_chunks(run: str) -> list[str]:
    """A run of an unspaced script in words of equal length; the last takes what is left.

    >>> run_chunks("これは一つの文です")
    ['これ', 'は一', 'つの', '文で', 'す']
    >>> run_chunks("ภาษาไทยไม่")
    ['ภาษา', 'ไทยไ', 'ม่']
    """
    size = word_chars(run[0])
    words = max(1, (len(run) + size // 2) // size)
    return [run[i * size : (i + 1) * size] for i in range(words - 1)] + [run[(words - 1) * size :]]


def end_of_run(text: str, start: int) -> int:
    """Where the letters of one script, with the combining marks among them, end."""
    at = start + 1
    while at < len(text):
        kind = characters.class_of(text[at])
        if kind != EXTEND and not (kind == RUN and word_chars(text[at]) == word_chars(text[start])):
            break
        at += 1
    return at


class Token(str):
    """A word or mark and which it is."""

    is_word = False
    is_alphabetic = False


def token(text: str, kind: int) -> Token:
    """`kind` is the class of the character it starts with, or RUN for any piece of a run."""
    made = Token(text)
    made.is_word = kind in (LETTER, DIGIT, RUN)
    made.is_alphabetic = kind == RUN or (made.is_word and any(character.isalpha() for character in text))
    return made


def tokens(text: str) -> list[Token]:
    """Words and marks, as pipeline/kernels/quality/words.py defines them."""
    kinds = [characters.class_of(character) for character in text]
    found: list[Token] = []
    at = 0
    while at < len(text):
        start, kind = at, kinds[at]
        at += 1
        if kind == SPACE:
            continue
        if kind == RUN:
            at = end_of_run(text, start)
            found += [token(chunk, RUN) for chunk in run_chunks(text[start:at])]
            continue
        if kind in (LETTER, DIGIT):
            while at < len(text):
                letters = [k for k in kinds[start:at] if k in (LETTER, DIGIT)]
                following = kinds[at + 1] if at + 1 < len(text) else SPACE
                in_word = kinds[at] in (LETTER, DIGIT, EXTEND)
                in_word |= kinds[at] == JOINER and following in (LETTER, DIGIT)
                in_word |= kinds[at] == DIGIT_JOINER and following == DIGIT and letters[-1] == DIGIT
                if not in_word:
                    break
                at += 1
        else:
            while at < len(text) and (text[at] == text[start] or kinds[at] == EXTEND):
                at += 1
        found.append(token(text[start:at], kind))
    return found


def top_ngram_chars(words: list[Token], n: int) -> int:
    """The most frequent n-gram's characters, spaces included, times its count; the first among equals."""
    ngrams = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    if not ngrams:
        return 0
    ngram, count = ngrams.most_common(1)[0]
    return len(" ".join(ngram)) * count


def duplicate_ngram_chars(words: list[Token], n: int) -> int:
    """Characters in n-grams seen before, each stepped over whole."""
    seen, chars, i = set(), 0, 0
    while i <= len(words) - n:
        ngram = tuple(words[i : i + n])
        if ngram in seen:
            chars += sum(map(len, ngram))
            i += n
        else:
            seen.add(ngram)
            i += 1
    return chars


def repeated(segments: list[str]) -> tuple[int, int]:
    """(second and later copies, their characters)."""
    copies = [segment for i, segment in enumerate(segments) if segment in segments[:i]]
    return len(copies), sum(map(len, copies))


def stop_words(text: str, language: str | None) -> int | None:
    if language in PARTICLES:
        return sum(particle in text for particle in PARTICLES[language])
    if language in STOP_WORDS:
        return len(set(STOP_WORDS[language]) & set(tokens(text)))
    return None


def stop_word_share(words: list[Token], language: str | None) -> float | None:
    return share(sum(word in STOP_WORDS[language] for word in words), len(words)) if language in STOP_WORDS else None


def alphabetic_token_share(text: str) -> float | None:
    found = english_tokens(text)
    return share(sum(any(map(is_letter, token)) for token in found), len(found))


def citation_at(line: str, at: int) -> int:
    """Length of the citation mark that starts at `at`, else 0."""
    for mark in ("[edit]", "[citation needed]"):
        if line.startswith(mark, at):
            return len(mark)
    end = at + 1
    while end < len(line) and unicodedata.category(line[end])[0] == "N":
        end += 1
    return end + 1 - at if line[at] == "[" and line[end : end + 1] == "]" else 0


def without_citations(line: str) -> str:
    left, at = "", 0
    while at < len(line):
        length = citation_at(line, at)
        left += "" if length else line[at]
        at += length or 1
    return left


def line_words(line: str) -> tuple[int, int]:
    """(words, characters of the longest) between spaces; runs of unspaced scripts count as their words, never long."""
    words, longest = 0, 0
    for chunk in "".join(" " if characters.class_of(character) == SPACE else character for character in line).split():
        run_words, at = 0, 0
        while at < len(chunk):
            is_run = characters.class_of(chunk[at]) == RUN
            end = end_of_run(chunk, at) if is_run else at + 1
            run_words += len(run_chunks(chunk[at:end])) if is_run else 0
            at = end
        words += max(1, run_words)
        longest = longest if run_words else max(longest, len(chunk))
    return words, longest


def sentences(line: str) -> int:
    """Ends of sentences in one line, and one more for what is left after the last."""
    count, at, is_open = 0, 0, False
    while at < len(line):
        if line[at] not in TERMINALS:
            is_open |= not line[at].isspace()
            at += 1
            continue
        first, marks = at, 0
        while at < len(line) and (line[at] in TERMINALS or is_closer(line[at])):
            marks += line[at] in TERMINALS
            at += 1
        if is_open and ends_sentence(line[:first], line[first], marks, line[at:]):
            count += 1
            is_open = False
    return max(count + is_open, 1) if line.strip() else 0


def is_closer(character: str) -> bool:
    return unicodedata.category(character) in ("Pe", "Pf") or character in "\"'"


def ends_sentence(before: str, terminal: str, marks: int, after: str) -> bool:
    if not after or terminal >= "\u3000":
        return True
    if not after[0].isspace():
        return False
    if terminal not in ".…":
        return True
    if after.strip()[:1].islower():
        return False
    is_initial = marks == 1 and characters.class_of(before[-1]) == LETTER and (len(before) == 1 or before[-2].isspace())
    return not is_initial


@dataclass
class C4:
    """What C4's line rules make of a text: (line, reason) of every line, reason "" where it is kept; the lines kept; counts."""

    fates: list[tuple[str, str]]
    kept: list[str]
    sentences: int = 0
    lorem: int = 0
    curly: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.kept)


def c4(text: str, rules: LineRules) -> C4:
    result = C4([], [])
    for raw in text.splitlines():
        reason, line = c4_line(raw.strip(), rules, result)
        result.fates.append((raw, reason))
        if not reason:
            result.kept.append(line)
            result.sentences += sentences(line)
    return result


def c4_line(line: str, rules: LineRules, result: C4) -> tuple[str, str]:
    """(reason, cleaned line)."""
    if not line:
        return "c4_blank_line", line
    words, longest = line_words(line)
    cleaned = without_citations(line) if rules.remove_citations else line
    lower = cleaned.translate(ASCII_LOWER)
    if rules.max_word_chars is not None and longest > rules.max_word_chars:
        return "c4_long_word", cleaned
    if rules.require_terminal_punctuation and (not cleaned.endswith((".", "?", "!", '"', "'")) or cleaned.endswith("...")):
        return "c4_no_terminal_punctuation", cleaned
    if rules.min_words_per_line is not None and words < rules.min_words_per_line:
        return "c4_short_line", cleaned
    result.lorem += "lorem ipsum" in lower
    if rules.drop_javascript_lines and "javascript" in lower:
        return "c4_javascript_line", cleaned
    result.curly += "{" in lower
    if rules.drop_policy_lines and any(phrase in lower for phrase in PHRASES):
        return "c4_policy_line", cleaned
    return "", cleaned


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def measures(text: str, language: str | None, rules: LineRules) -> dict[str, float | None]:
    """Every measure of one text, in the order of MEASURES."""
    text_chars, text = len(text), plain(text)
    all_tokens = tokens(text)
    words = [word for word in all_tokens if word.is_word]
    lines = text.splitlines()
    paragraphs = re2.split("\n\n+", text.strip())
    repeated_paragraphs, paragraph_chars = repeated(paragraphs)
    segments = re2.split("\n+", text)
    repeated_lines, line_chars = repeated(segments)
    c4_result = c4(text, rules)
    kept = [line for line in c4_result.text.split("\n") if line.strip()]
    return {
        "text_chars": text_chars,
        "word_count": len(words),
        "mark_count": len(all_tokens) - len(words),
        "mean_word_chars": share(sum(map(len, words)), len(words)),
        "hashes_per_word": share(text.count("#"), len(all_tokens)),
        "ellipses_per_word": share(text.count("...") + text.count("…"), len(all_tokens)),
        "bullet_line_share": share(sum(line.lstrip().startswith(("•", "-")) for line in lines), len(lines)),
        "ellipsis_line_share": share(sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)),
        "alphabetic_word_share": share(sum(word.is_alphabetic for word in words), len(words)),
        "alphabetic_token_share": alphabetic_token_share(text) if language == "en" else None,
        "stop_word_count": stop_words(text, language),
        "stop_word_share": stop_word_share(words, language),
        "capital_share": share(sum("A" <= one <= "Z" for one in text), sum(one.isascii() and one.isalpha() for one in text)),
        "digit_share": share(sum("0" <= one <= "9" for one in text), len(text)),
        "mean_line_chars": share(len(text), len(lines)),
        "repeated_paragraph_share": share(repeated_paragraphs, len(paragraphs)),
        "repeated_paragraph_char_share": share(paragraph_chars, len(text)),
        "repeated_line_share": share(repeated_lines, len(segments)),
        "repeated_line_char_share": share(line_chars, len(text)),
        **{f"top_{n}_gram_char_share": share(top_ngram_chars(all_tokens, n), len(text)) for n in (2, 3, 4)},
        **{f"duplicate_{n}_gram_char_share": share(duplicate_ngram_chars(all_tokens, n), len(text)) for n in range(5, 11)},
        "kept_line_count": len(kept),
        "kept_sentence_count": c4_result.sentences,
        "lorem_ipsum_line_count": c4_result.lorem,
        "curly_bracket_line_count": c4_result.curly,
        "terminal_line_share": share(sum(line[-1] in TERMINALS for line in kept), len(kept)),
        "short_line_share": share(sum(len(line) <= 30 for line in kept), len(kept)),
        "repeated_char_share": share(repeated(kept)[1], len(c4_result.text.replace("\n", ""))),
        "newlines_per_word": share(c4_result.text.count("\n"), len(tokens(c4_result.text))),
        "mojibake_share": share(mojibake.left(text), len(text)),
        "quality": None,
    }
