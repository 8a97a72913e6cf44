"""Words with letters of another script that look the same: "ignоrе" with a Cyrillic о and е is read as ignore, and not found.

The table is our own, of letters drawn alike in common fonts (UTS #39 calls them confusable); scripts are those of Python's
`unicodedata`. A word counts where letters of two scripts stand side by side and the look-alikes give a Latin word. One such
word may be a slip of the keyboard; two close together, or one in an order to a model, were planted.
"""

import functools
import unicodedata

import re2

from pipeline.poison.characters.encoded import is_asked
from pipeline.poison.findings import Finding, excerpt
from pipeline.poison.words import hidden
from pipeline.poison.words.instructions import MAX_TEXT_BYTES

UNICODE = "unicode"
MAX_WORDS = 400
NEAR_CHARACTERS = 200  # between two such words of one disguise
MAX_SENTENCE = 300
MIN_LONELY_LETTERS = 4
MAX_ACCENTED = 0.01
UNICODE_VERSION = unicodedata.unidata_version
# Each with what it looks like: Cyrillic, Greek, Armenian, Cherokee, Lisu, Coptic.
_PAIRS = (
    "аa еe оo рp сc уy хx ѕs іi јj ԁd ԛq ԝw һh ӏl ѵv ոn ьb вb нh кk мm тt гr пn үy ԍg ӕae ҽe ɡg АA ВB ЕE КK МM НH "
    "ОO РP СC ТT УY ХX ЅS ІI ЈJ ԀD ԌG ԚQ ԜW ҺH ӀI ѴV ҮY З3 Ьb αa οo νv ιi ρp υu κk γy εe ηn τt χx ωw ϲc ϳj σo ΑA "
    "ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ͿJ օo սu հh ցg քp զq յj ՏS ՕO ՍU ԼL ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎫJ ᏦK ᏞL "
    "ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ ꓐB ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU ⲟo ⲣp ⲥc ⲞO "
    "ⲢP"
)
# Latin letters of phonetics and of a few languages that stand for plain ones.
_LATIN_PAIRS = "ɑa ɩi ıi ɪi ʏy ɢg ɴn ʀr ʙb ʜh ʟl ᴏo ᴄc ᴀa ᴇe ꜱs ᴛt ᴜu ᴠv ᴡw ᴢz ᴋk ᴍm ᴘp ᴅd ǀl ƽs ɯw ʋv ɛe ɔc ƅb ǃ!"
LOOK_ALIKES = {pair[0]: pair[1:] for pair in _PAIRS.split()}
LATIN_LIKE = {pair[0]: pair[1:] for pair in _LATIN_PAIRS.split()}
PHONETIC = set("əʃʒŋθðæʌʊɾɲɣɟʎʁɒɜɐˈˌːʔɫɹɸβ")  # beside these, look-alikes of Latin letters are phonetics
TURKISH = set("şğŞĞəƏöüçÖÜÇİ")  # beside these, a dotless i is one


@functools.cache
def _pattern() -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = 64 << 20
    look = "".join(sorted(LOOK_ALIKES | LATIN_LIKE))
    return re2.compile(rf"[A-Za-z][{look}]|[{look}][A-Za-z]", options)


@functools.cache
def _skeletons() -> dict[int, str]:
    return {ord(one): other for one, other in (LOOK_ALIKES | LATIN_LIKE).items()}


def skeleton(text: str) -> str:
    """The text in the Latin letters it looks like: "ignоrе" -> "ignore"."""
    return text.translate(_skeletons())


def findings(row: int, field: str, raw: bytes) -> list[Finding]:
    """Disguised words of one field."""
    raw = raw[:MAX_TEXT_BYTES]
    if _pattern().search(raw) is None:
        return []
    text = raw.decode("utf-8", "ignore")
    words = disguised_words(text)
    found = []
    group: list[tuple[int, int]] = []
    for word in [*words, (len(text) + 2 * NEAR_CHARACTERS, -1)]:
        if group and word[0] - group[-1][1] > NEAR_CHARACTERS:
            found.append(_finding(row, field, text, group))
            group = []
        group.append(word)
    return found


def disguised_words(text: str) -> list[tuple[int, int]]:
    """(start, end) of words that mix look-alikes with Latin letters and nothing else."""
    phonetic, turkish = not PHONETIC.isdisjoint(text), not TURKISH.isdisjoint(text)
    words: list[tuple[int, int]] = []
    at = 0
    raw_places = _character_places(text)
    for place in raw_places:
        if place < at:
            continue
        start, end = place, place + 1
        while start > 0 and text[start - 1].isalpha():
            start -= 1
        while end < len(text) and text[end].isalpha():
            end += 1
        at = end
        if is_disguised(text[start:end], phonetic=phonetic, turkish=turkish):
            words.append((start, end))
            if len(words) == MAX_WORDS:
                break
    return words


def _character_places(text: str) -> list[int]:
    """Where a Latin letter and a look-alike stand side by side, in characters."""
    raw = text.encode("utf-8", "ignore")
    places, last_byte, last = [], 0, 0
    for match in _pattern().finditer(raw):
        last += len(raw[last_byte : match.start()].decode("utf-8", "ignore"))
        last_byte = match.start()
        places.append(last)
    return places


def is_disguised(word: str, *, phonetic: bool, turkish: bool) -> bool:
    """Three letters or more, of which the foreign ones all look Latin and the Latin ones are not all foreign to the rest."""
    foreign = [one for one in word if one in LOOK_ALIKES or one in LATIN_LIKE]
    latin = sum(one.isascii() for one in word)
    if len(word) < 3 or not foreign or not latin or len(foreign) + latin < len(word):
        return False
    if all(one in LATIN_LIKE for one in foreign):
        return not phonetic and not turkish
    greek_signs = sum("\u0370" <= one <= "\u03ff" for one in foreign)
    if greek_signs == 1 and len(foreign) == 1 and word[0] in "αβγδεμνρσταω":  # α-Amylase as one word, a sign before a unit
        return len(word) > 5
    return True


def _finding(row: int, field: str, text: str, group: list[tuple[int, int]]) -> Finding:
    start, end = group[0][0], group[-1][1]
    begin = max(text.rfind(mark, max(0, start - MAX_SENTENCE), start) for mark in ".\n!?") + 1
    around = skeleton(text[begin or max(0, start - MAX_SENTENCE) : end + MAX_SENTENCE])
    raw = around.encode("utf-8", "ignore")
    said = any(severity == "severe" for _, severity in hidden.judge_hidden(raw)) or is_asked(
        skeleton(text[start : end + 60]).encode("utf-8", "ignore")
    )
    several = len({text[first:last] for first, last in group}) > 1
    severity = "severe" if several or said or is_lonely(text, group) else "warn"
    decoded = skeleton(text[start:end])[:1000]
    reason = "several words with letters of another script" if several else "a word with a letter of another script"
    shown = excerpt(text, start, end, decoded=decoded)
    return Finding(row, "homoglyphs", UNICODE, severity, field, start, end, shown, decoded, reason + " that look the same")


def is_lonely(text: str, group: list[tuple[int, int]]) -> bool:
    """A word of four letters or more on a page that has its foreign letters nowhere else: no slip of a bilingual keyboard."""
    start, end = group[0]
    letters = sum(one.isalpha() for one in text)
    if sum(one.isalpha() and not one.isascii() for one in text) > MAX_ACCENTED * letters + end - start:
        return False  # languages with many letters of their own are typed on many keyboards
    scripts = {unicodedata.name(one, " ").split()[0] for one in text[start:end] if one in LOOK_ALIKES}
    elsewhere = text[:start] + text[end:]
    return (
        end - start >= MIN_LONELY_LETTERS
        and bool(scripts)
        and not any(unicodedata.name(one, " ").split()[0] in scripts for one in elsewhere if one > "\u036f" and one.isalpha())
    )
