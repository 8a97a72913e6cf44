"""E-mail addresses written so that no program reads them: "jo (at) firm [dot] org", "jo at firm dot org", "jo @ firm.org".

Where "at" or "dot" stands in brackets it is one. The words alone are said of other things, too ("we met at noon dot"): they
count after a word that announces an address, or where nobody says the word otherwise ("arobase", capitals between small letters).
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.personal.emails import LABEL, LETTER, is_for_documentation, registered
from pipeline.personal.spans import Span, after_word, compiled

AT = r"at|ät|arobase|arroba|chiocciola|klammeraffe|собака"
DOT = r"dot|d0t|point|punto|ponto|punkt|точка"
IN_BRACKETS_AT = rf"(?: ?[\[({{<] ?(?:{AT}|@) ?[\])}}>] ?| ?_at_ ?)"
IN_BRACKETS_DOT = rf"(?: ?[\[({{<] ?(?:{DOT}|\.) ?[\])}}>] ?| ?_dot_ ?)"
WORD = rf"[{LETTER}_%+'\-]{{1,63}}"
END = r"[A-Za-z\p{Greek}\p{Cyrillic}]{2,24}"
_NAME = rf"({WORD}(?:(?:\.|{IN_BRACKETS_DOT}| (?:{DOT}) ){WORD}){{0,4}})"
BRACKETED = (
    rf"(?i){_NAME}{IN_BRACKETS_AT}((?:{LABEL}(?:\.|{IN_BRACKETS_DOT}| (?:{DOT}) )){{1,6}}{END})",
    rf"(?i){_NAME} ?@ ?((?:{LABEL}\.){{0,4}}{LABEL}{IN_BRACKETS_DOT}(?:{LABEL}(?:\.|{IN_BRACKETS_DOT})){{0,3}}{END})",
)
IN_WORDS = rf"(?i){_NAME} (?:{AT}) ((?:{LABEL}(?: (?:{DOT}) |\.)){{0,5}}{LABEL} (?:{DOT}) {END})"
SPACED = rf"\b({WORD}(?:\.{WORD}){{0,4}})(?: @ ?|@ )((?:{LABEL}\.){{1,6}}{END})"
ANNOUNCING = (
    r"e-?mails?(?: address)?|mails?|mailto|contact(?: us| me)?|write(?: to)?(?: us| me)?|reach(?: us| me)?|courriel|correo|"
    r"kontakt|e-?post|adresse|почта|邮箱|メール"
)
# Who reads the word "at" otherwise says it of a place: not of a name with marks, nor of a house that gives addresses.
ARTICLES = frozenset(b"a an the your any our my via with own us me der die ein eine une un".split())
CERTAIN = (
    r" (?:arobase|arroba|chiocciola|klammeraffe) | AT .{1,80} DOT |^[A-Za-z]+\d*[._+][A-Za-z0-9._+]+ |"
    r"(?i)(?: at |@) ?(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|gmx|proton(?:mail)?|yandex|qq)(?:\.| dot )"
)
IN_BRACKETS = rf"(?i)[\[({{<_] ?(?:{AT}|@|{DOT}|\.) ?[\])}}>_]"
HINT = rf"{IN_BRACKETS}|(?i) (?:{AT}) [^ ]{{1,80}} (?:{DOT}) |\w @ ?\w|\w@ \w"
SEPARATORS = rf"(?i) ?[\[({{<_] ?(?:{DOT}|\.) ?[\])}}>_] ?| (?:{DOT}) "


def may_be_disguised(text: pa.Array) -> np.ndarray:
    """bool [rows]: whether a text has one of the marks or words; most have none."""
    return np.asarray(pc.fill_null(pc.match_substring_regex(text, HINT), False).to_numpy(zero_copy_only=False))


def disguised_emails(raw: bytes) -> Iterator[Span]:
    for pattern in BRACKETED if compiled(IN_BRACKETS).search(raw) else ():
        for match in compiled(pattern).finditer(raw):
            yield from _address(match)
    for pattern in (IN_WORDS, SPACED) if b"@" in raw else (IN_WORDS,):
        for match in compiled(pattern).finditer(raw):
            if match.group(1).lower() in ARTICLES:
                continue
            if compiled(CERTAIN).search(match.group()) or after_word(raw, match.start(), ANNOUNCING):
                yield from _address(match)


def _address(match) -> Iterator[Span]:  # type: ignore[no-untyped-def]
    """The span, where the domain that it means can be registered."""
    domain = compiled(SEPARATORS).sub(b".", match.group(2)).decode().lower()
    if registered(domain) == domain and not is_for_documentation(domain):
        yield Span("email", "e-mail address, disguised", match.start(), match.end())
