r"""The patterns that cut text into words, in the dialect of each engine that reads them.

`gpt2` and `gpt4` are cut by a kernel of ours (tokenizer/bpe/split.py); the regular expressions here define them for everybody
else. An own pattern is cut by RE2, which cannot be made to backtrack; what none of its matches covers lies between two
words and is a word too. It is written in what RE2, Oniguruma (HF tokenizers) and Rust's regex (tiktoken) read alike:
classes, groups, alternatives and repetition; no look-around, no anchors, no flags. Each search is linear; it is up to the
pattern that it does not look far ahead only to take little, as `\p{L}+!|\p{L}` does.
"""

from dataclasses import dataclass
from functools import lru_cache

import re2
from tokenizers import Regex

from pipeline.errors import RecipeError
from tokenizer.bpe.characters import LETTERS, NUMBERS, SPACES, code_points

GPT2, GPT4, OWN = 0, 1, 2
STYLES = {"gpt2": GPT2, "gpt4": GPT4}
OWN_DIGITS = {GPT2: 1, GPT4: 3}  # where the recipe names no number
MOST_DIGITS = 100


@dataclass(frozen=True)
class WordPattern:
    """What a word is."""

    style: int
    digits: int = 0  # at most so many in a word, 0 for any number; nothing to an own pattern
    own: str = ""

    @property
    def regex(self) -> str:
        """As a tokenizer.json has it."""
        if self.style == OWN:
            return self.own
        digits = self._digits("")
        if self.style == GPT2:
            return rf"'(?:[sdmt]|ll|ve|re)| ?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+|\s+(?!\S)|\s+"
        return (
            rf"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*"
            r"|\s+\z|\s*[\r\n]|\s+(?!\S)|\s+"
        )

    @property
    def tiktoken_regex(self) -> str:
        """The same words for tiktoken, whose engine gives up on long runs unless they are possessive (`++`, no way back)."""
        if self.style == OWN:
            return rf"(?:{self.own})|(?:(?!{self.own})[\s\S])++"  # what lies between two matches, which others keep unasked
        digits = self._digits("+")
        if self.style == GPT2:
            return rf"'(?:[sdmt]|ll|ve|re)| ?\p{{L}}++|{digits}| ?[^\s\p{{L}}\p{{N}}]++|\s++$|\s+(?!\S)|\s"
        return (
            rf"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{{L}}\p{{N}}]?+\p{{L}}++|{digits}| ?[^\s\p{{L}}\p{{N}}]++[\r\n]*+"
            r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
        )

    def _digits(self, possessive: str) -> str:
        """Numbers: GPT-2's take the blank before them, bounded ones do not."""
        if self.digits == 0:
            return (" ?" if self.style == GPT2 else "") + rf"\p{{N}}+{possessive}"
        return r"\p{N}" if self.digits == 1 else rf"\p{{N}}{{1,{self.digits}}}{possessive}"


DEFAULT = WordPattern(GPT2, 1)


@lru_cache
def word_pattern(pattern: str, digits: int | None) -> WordPattern:
    """What a recipe means: "gpt2", "gpt4" or a regular expression, and how many digits a word may have."""
    style = STYLES.get(pattern, OWN)
    if style == OWN:
        if digits is not None:
            raise RecipeError(f"digits is {digits}, but an own pattern says itself what it does with digits: leave digits out")
        compiled(pattern)
        return WordPattern(OWN, 0, pattern)
    if digits is not None and not 0 <= digits <= MOST_DIGITS:
        raise RecipeError(f"digits is {digits}: at most so many stand in one word, 1 to {MOST_DIGITS}, or 0 for any number")
    return WordPattern(style, OWN_DIGITS[style] if digits is None else digits)


def recognised(regex: str) -> WordPattern:
    """The pattern of which a tokenizer.json carries this regular expression. Raises RecipeError if we cannot cut by it."""
    for style in (GPT2, GPT4):
        for digits in range(MOST_DIGITS + 1):
            if WordPattern(style, digits).regex == regex:
                return WordPattern(style, digits)
    return word_pattern(regex, None)


# --- own patterns -------------------------------------------------------------------------------------------------------------

_ESCAPED_LETTERS = "nrtfvx"  # that every engine takes for the same one character


def _ranges(ranges: str) -> str:
    r"""`"41-5a aa"` -> `\x{41}-\x{5a}\x{aa}-\x{aa}`."""
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in code_points(ranges))


def _others(ranges: str) -> str:
    """All code points but these."""
    gaps, start = [], 0
    for first, last in code_points(ranges):
        gaps.append(f"{start:x}-{first - 1:x}")
        start = last + 1
    return _ranges(" ".join([*gaps, f"{start:x}-10ffff"]))


# RE2 knows the letters of an older Unicode and only ASCII's white space: these are spelled out for it.
_SPELLED = {
    escape: (_others if escape[1] in "PS" else _ranges)(ranges)
    for escapes, ranges in (
        ((r"\p{L}", r"\pL", r"\P{L}", r"\PL"), LETTERS),
        ((r"\p{N}", r"\pN", r"\P{N}", r"\PN"), NUMBERS),
        ((r"\s", r"\S"), SPACES),
    )
    for escape in escapes
}
_DIGITS = {r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}


def _refused(pattern: str, reason: str) -> RecipeError:
    return RecipeError(f'pattern {pattern!r} cannot cut words: {reason}; take "gpt2" or "gpt4" or change it')


def _escape(pattern: str, at: int) -> str:
    r"""The escape that begins at a backslash: `\p{Lu}`, `\x{1f600}`, `\n` or `\.`."""
    letter = pattern[at + 1 : at + 2]
    if letter in ("p", "P", "x") and pattern[at + 2 : at + 3] == "{":
        return pattern[at : pattern.find("}", at) + 1] or pattern[at:]
    return pattern[at : at + (4 if letter == "x" else 3 if letter in ("p", "P") else 2)]


def _for_re2(pattern: str) -> str:
    """The pattern with its classes spelled out; raises on what the engines read differently."""
    written, at, inside = [], 0, False
    while at < len(pattern):
        character, two = pattern[at], pattern[at : at + 2]
        if character == "\\":
            escape = _escape(pattern, at)
            letter = escape[1:2]
            if escape not in _SPELLED and escape not in _DIGITS and letter.isalnum() and letter not in _ESCAPED_LETTERS + "pP":
                raise _refused(pattern, f"engines do not agree on {escape}")
            spelled = _SPELLED.get(escape)
            written.append(_DIGITS.get(escape, escape) if spelled is None else spelled if inside else f"[{spelled}]")
            at += len(escape)
            continue
        if inside:
            if character == "[" or two in ("&&", "--", "~~", "||"):
                raise _refused(pattern, f"engines do not agree on {two} inside brackets; put a backslash before it")
            inside = character != "]"
        elif character == "[":
            inside = True
            if pattern[at + 1 : at + 3].lstrip("^").startswith("]"):
                raise _refused(pattern, r"engines do not agree on ] first inside brackets; write \]")
        elif character in "^$" or (two == "(?" and pattern[at : at + 3] != "(?:") or two in ("{,", "}?", "}+"):
            raise _refused(pattern, f"engines do not agree on {pattern[at : at + 3]} ")
        written.append(character)
        at += 1
    return "".join(written)


@lru_cache(maxsize=8)
def compiled(pattern: str) -> "re2._Regexp":
    """An own pattern for RE2, which reads and tells bytes."""
    spelled = _for_re2(pattern)
    options = re2.Options()
    options.log_errors = False
    try:
        expression = re2.compile(spelled.encode(), options)
        Regex(pattern)  # what it will be in tokenizer.json
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error.args[0]
        raise _refused(pattern, f"RE2 does not take it ({reason.partition(': ')[0]})") from error
    except Exception as error:  # the type that tokenizers raises is Exception itself
        raise _refused(pattern, f"HF tokenizers does not take it ({error})") from error
    if expression.fullmatch(b""):
        raise _refused(pattern, "it matches nothing at all, too")
    return expression
