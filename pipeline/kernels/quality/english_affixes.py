"""What spaCy's tokenizer of blank English knows: marks that come off the ends of a chunk, and chunks that stand as they are."""

import functools
import unicodedata
from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import inlined, part
from pipeline.kernels.characters import CLASS_BITS, LETTER, RUN, character_table

PUNCTUATION = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪"
QUOTES = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉⟦⟧"
CURRENCY = "$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫₭₮₯₰₱₲₳₵₶₷₸₹₺₻₼₾₿"
UNITS = """km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph hPa Pa mbar
mb MB kb KB gb GB tb TB T G M K %""".split()
# Stand as they are: their dot is no token.
ABBREVIATIONS = """
Adm. Ak. Ala. Apr. Ariz. Ark. Aug. Bros. Calif. Co. Colo. Conn. Corp. D.C. Dec. Del. Dr. E.G. E.g. Feb. Fla. Ga. Gen.
Gov. I.E. I.e. Ia. Id. Ill. Inc. Ind. Jan. Jr. Jul. Jun. Kan. Kans. Ky. La. Ltd. Mar. Mass. Md. Messrs. Mich. Minn.
Miss. Mo. Mont. Mr. Mrs. Ms. Mt. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. Okla. Ore. Pa. Ph.D. Prof.
Rep. Rev. S.C. Sen. Sep. Sept. St. Tenn. Va. Wash. Wis. a.m. co. e.g. i.e. p.m. v.s. vs. ä. ö. ü. and/or w/o C++
""".split()
CUT_IN_TWO = ("cannot", "Cannot", "gonna", "Gonna", "gotta", "Gotta")  # of two words
MOST_SPECIAL = 8  # characters of the longest of these
PREFIX, SUFFIX, BEFOREDOT, QUOTE, MONEY, ICON = 1, 2, 4, 8, 16, 32
TABLE_SIZE = 0x20000
APOSTROPHE, CURLY, DOT, DASH, SLASH, COLON, AT, UNDERSCORE = 0x27, 0x2019, 0x2E, 0x2D, 0x2F, 0x3A, 0x40, 0x5F


class Rules(NamedTuple):
    """What the tokenizer knows of characters and words."""

    characters: np.ndarray  # uint8 [0x110000]: pipeline/kernels/characters.py
    affixes: np.ndarray  # uint8 [TABLE_SIZE]: PREFIX | SUFFIX | …
    specials: np.ndarray  # int64 [words]: ascending hashes of ABBREVIATIONS and CUT_IN_TWO
    tokens: np.ndarray  # int64 [words]: 1 or 2, of each
    units: np.ndarray  # int64 [units]: ascending hashes


def word_hash(word: str) -> int:
    """The same as `_hash` of its code points."""
    value = 7
    for character in word:
        value = (value * 1_000_003 + ord(character)) & 0x7FFF_FFFF
    return value


@functools.cache
def english_rules() -> Rules:
    affixes = np.zeros(TABLE_SIZE, np.uint8)
    affixes[[ord(one) for one in "§%=—–" + PUNCTUATION + QUOTES + CURRENCY]] |= PREFIX
    affixes[[ord(one) for one in "—–" + PUNCTUATION + QUOTES]] |= SUFFIX
    affixes[[ord(one) for one in "%²-+" + PUNCTUATION + QUOTES]] |= BEFOREDOT
    affixes[[ord(one) for one in QUOTES]] |= QUOTE
    affixes[[ord(one) for one in CURRENCY]] |= MONEY
    icons = [code for code in range(TABLE_SIZE) if unicodedata.category(chr(code)) == "So"]
    affixes[icons] |= PREFIX | SUFFIX | ICON
    special = {word_hash(word): 1 for word in ABBREVIATIONS} | {word_hash(word): 2 for word in CUT_IN_TWO}
    hashes = np.array(sorted(special), np.int64)
    tokens = np.array([special[one] for one in sorted(special)], np.int64)
    return Rules(character_table(), affixes, hashes, tokens, np.array(sorted(map(word_hash, UNITS)), np.int64))


@part
def hash_of(text: np.ndarray, start: int, stop: int) -> int:
    value = 7
    for at in range(start, stop):
        value = (value * 1_000_003 + text[at]) & 0x7FFF_FFFF
    return value


@inlined
def affix(code: int, rules: Rules) -> int:
    return np.int64(rules.affixes[code]) if code < 0x20000 else 0


@inlined
def is_letter(code: int, rules: Rules) -> bool:
    kind = rules.characters[code] & CLASS_BITS
    return kind in (LETTER, RUN)


@inlined
def is_digit(code: int) -> bool:
    return 0x30 <= code <= 0x39


@inlined
def is_lower(code: int, rules: Rules) -> bool:
    """Letters that are no capitals of ASCII."""
    return is_letter(code, rules) and not 0x41 <= code <= 0x5A


@inlined
def special_tokens(text: np.ndarray, start: int, stop: int, rules: Rules) -> int:
    """Tokens of a chunk that stands in the list of exceptions, contractions included; 0: it does not."""
    length = stop - start
    if length < 2 or length > 16:
        return 0
    last = text[stop - 1]
    if length == 2 and last == DOT and 0x61 <= text[start] <= 0x7A:
        return 1
    first = text[start] | 0x20
    if length <= MOST_SPECIAL and (last == DOT or first == 0x61 or first == 0x63 or first == 0x67 or first == 0x77):
        value = hash_of(text, start, stop)
        place = np.searchsorted(rules.specials, value)
        if place < len(rules.specials) and rules.specials[place] == value:
            return np.int64(rules.tokens[place])
    for back in (2, 3):  # 's 'd 'm, n't 'll 've 're
        if length <= back:
            continue
        mark = text[stop - back]
        if mark != APOSTROPHE and mark != CURLY:
            continue
        if not is_letter(text[stop - back - 1], rules):
            return 0
        ending = 0
        for at in range(stop - back + 1, stop):
            ending = ending * 256 + (text[at] | 0x20)
        known = ending in (0x6C6C, 0x7665, 0x7265) if back == 3 else ending in (0x64, 0x6D)
        no = back == 2 and ending == 0x74 and text[stop - 3] | 0x20 == 0x6E and length > 3 and is_letter(text[stop - 4], rules)
        return 2 if known or no else 0
    return 0


@part
def _dots_before(text: np.ndarray, start: int, stop: int) -> int:
    """Dots at the end of the chunk."""
    count = 0
    while stop - count > start and text[stop - count - 1] == DOT:
        count += 1
    return count


@inlined
def prefix_chars(text: np.ndarray, start: int, stop: int, rules: Rules) -> int:
    code = text[start]
    if affix(code, rules) & PREFIX:
        return 1
    if code == 0x2B:  # + before anything but a digit
        return 0 if start + 1 < stop and is_digit(text[start + 1]) else 1
    if code == DOT:
        at = start
        while at < stop and text[at] == DOT:
            at += 1
        return at - start if at - start > 1 else 0
    return 0


@part
def suffix_chars(text: np.ndarray, start: int, stop: int, rules: Rules) -> int:
    code, length = text[stop - 1], stop - start
    before = text[stop - 2] if length > 1 else 0
    if (code == 0x73 or code == 0x53) and before in (APOSTROPHE, CURLY):
        return 2
    if code == DOT:
        dots = _dots_before(text, start, stop)
        if dots > 1:
            return dots
        if length < 2:
            return 0
        if is_digit(before) or is_lower(before, rules) or affix(before, rules) & BEFOREDOT:
            return 1
        capitals = 0x41 <= before <= 0x5A and length > 2 and 0x41 <= text[stop - 3] <= 0x5A
        return 1 if capitals else 0
    for back in range(min(4, length - 1), 0, -1):
        if is_digit(text[stop - back - 1]):
            value = hash_of(text, stop - back, stop)
            place = np.searchsorted(rules.units, value)
            if place < len(rules.units) and rules.units[place] == value:
                return back
    kind = affix(code, rules)
    if kind & SUFFIX:
        return 1
    return 1 if is_digit(before) and (code == 0x2B or kind & MONEY) else 0
