"""Words as an item and a page are compared: what compatibility, case, accents, punctuation and spacing do not change.

NFKD in lower case; of it letters and digits, without marks. Everything else parts words. A letter of a script written without
spaces is a word of its own, as for duplicates (pipeline/duplicates/normalise.py); numbers stay what they are.

"Ｔｅｎ  ½-litre Cafés" -> ["ten", "12", "litre", "cafes"]
"""

import functools
import unicodedata

import numpy as np

from pipeline.duplicates.normalise import forms_of
from pipeline.kernels.duplicates.shingles import ALONE, AS_IT_IS, DROPPED, LETTER, SEPARATOR, CharacterForms


def form_of(character: str) -> str:
    """Letters and digits that one character stands for: "Ａ" -> "a", "№" -> "no", "½" -> "12", "é" -> "e", "—" -> ""."""
    decomposed = unicodedata.normalize("NFKD", character.lower()).lower()
    return "".join("σ" if one == "ς" else one for one in decomposed if unicodedata.category(one)[0] in "LN" or is_spacing(one))


def is_spacing(character: str) -> bool:
    """A vowel sign of an Indic script that takes a place of its own."""
    return unicodedata.category(character) == "Mc"


def kind_of(character: str, form: str, is_run: bool) -> np.uint8:
    category = unicodedata.category(character)
    if category in ("Cn", "Co"):
        return AS_IT_IS  # whatever it may stand for
    if not form:
        return DROPPED if category in ("Mn", "Me", "Cf") else SEPARATOR
    return ALONE if is_run else LETTER


@functools.cache
def character_forms() -> CharacterForms:
    """Built once a process, from the standard library's Unicode tables."""
    return forms_of(form_of, kind_of)


@functools.cache
def ascii_forms() -> np.ndarray:
    """uint8 [128]: what each ASCII character becomes, 0: it parts words."""
    forms = np.array([ord(form_of(chr(code)) or "\0") for code in range(128)], np.uint8)
    forms.flags.writeable = False
    return forms
