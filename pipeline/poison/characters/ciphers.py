"""Ciphers and alphabets that need a table: Morse, braille, the spelling alphabet, leet, letters shifted, mirrored, reversed.

A cipher of letters is found by what it makes of words that nearly every sentence or order has: "gur" is "the" in rot13.
"""

from collections.abc import Callable

MORSE: dict[str, str] = dict(
    zip(
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
        "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.- --..-- ..--.. -.-.-- -..-. -....-".split(),
        "abcdefghijklmnopqrstuvwxyz0123456789.,?!/-",
        strict=True,
    )
)
BRAILLE_DOTS = "1 12 14 145 15 124 1245 125 24 245 13 123 134 1345 135 1234 12345 1235 234 2345 136 1236 2456 1346 13456 1356"
BRAILLE = {
    0x2800 + sum(1 << int(dot) - 1 for dot in dots): letter
    for dots, letter in zip(BRAILLE_DOTS.split(), "abcdefghijklmnopqrstuvwxyz", strict=True)
} | {0x2800: " "}
NATO = (
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec "
    "romeo sierra tango uniform victor whiskey xray x-ray yankee zulu"
).split()
LEET: dict[str, str] = dict(zip("013457" + "8@$!|+", "oieast" + "basilt", strict=True))
# Three letters or more, and no word of English when reversed, shifted by 13 or mirrored.
WORDS = (
    "the you your with this that what have from will they all any ignore previous instructions instruction prompt system "
    "write please answer reply respond response print tell about which these there instead always never password secret "
    "reveal following above before message output only how why when where can must should into his her our explain "
    "describe user for has been make give then them some other first after text words page send list create story poem "
    "capital model does work play wrote name difference between main using use best good your who whom main short letter "
    "letters word world people time most more over only very help need want know think such between through because while "
    "during without under long number language translate sentence essay article introduction recommend visit click free "
    "users user"
).split()
# Six letters or more, ASCII alone, of orders in ten other languages.
WORDS_ABROAD = (
    "vergiss ignoriere missachte vorherigen bisherigen anweisungen empfiehl schreibe antworte sprachmodell sprachmodelle negeer "
    "eerdere vorige instructies taalmodel schrijf antwoord beveel ignorez oubliez consignes recommande ignora olvida anteriores "
    "instrucciones responde escribe solamente dimentica istruzioni precedenti consiglia soltanto rispondi responda apenas "
    "zignoruj poprzednie wszystkie instrukcje polecaj odpowiedz ignorera tidigare instruktioner tidligere instruksjoner abaikan "
    "instruksi sebelumnya ignoruj pokyny aiemmat ohjeet unohda"
).split()
ALL_WORDS = frozenset((*WORDS, *WORDS_ABROAD))
MIN_LEET_WORDS = 1


def morse_text(run: str) -> str:
    plain = run.translate(str.maketrans("·•−–_|", "..---/"))
    for gap in ("   ", "  "):
        plain = plain.replace(gap, " / ") if "/" not in plain else plain
    words = ["".join(MORSE.get(letter, "?") for letter in word.split()) for word in plain.split("/")]
    return " ".join(word for word in words if word)


def braille_text(run: str) -> str:
    """Letters of grade 1; the signs for capitals and numbers are left out."""
    return "".join(BRAILLE.get(ord(one), " " if one == " " else "") for one in run)


def nato_text(run: str) -> str:
    """First letters; "space" and "stop" part the words, and where neither stands the text is one word."""
    letters = []
    apart = run.lower().replace("  ", " space ").replace("|", " space ").replace("/", " space ")
    for word in apart.replace(",", " ").replace(".", " ").split():
        letters.append(" " if word in ("space", "stop") else word[0] if word in NATO else "")
    return "".join(letters)


def leet_text(run: str) -> str:
    """Figures as letters, where that makes at least MIN_LEET_WORDS of the words that were not there; "" otherwise."""
    best = ""
    for one in ("i", "l"):
        plain = run.lower().translate({ord(figure): letter for figure, letter in (LEET | {"1": one}).items()})
        before = [word.strip(".,;:!?\"'()") for word in run.lower().split()]
        after = [word.strip(".,;:?\"'()") for word in plain.split()]
        new = sum(word in ALL_WORDS and word != old for word, old in zip(after, before, strict=False))
        if new >= MIN_LEET_WORDS:
            best = best or plain
    return best


def shifted(text: str, shift: int) -> str:
    """Every letter of the alphabet `shift` further on: shifted("the", 13) -> "gur"."""
    turned = _LOWER[shift:] + _LOWER[:shift]
    return text.translate(str.maketrans(_LOWER + _LOWER.upper(), turned + turned.upper()))


def mirrored(text: str) -> str:
    """a for z, b for y (atbash)."""
    return text.translate(str.maketrans(_LOWER + _LOWER.upper(), _LOWER[::-1] + _LOWER[::-1].upper()))


def reversed_text(text: str) -> str:
    return text[::-1]


def reversed_words(text: str) -> str:
    """The letters of each word turned round, the words where they are."""
    return " ".join(word[::-1] for word in text.split(" "))


def _back(shift: int) -> Callable[[str], str]:
    return lambda text: shifted(text, 26 - shift)


_LOWER = "abcdefghijklmnopqrstuvwxyz"
# (name, how it is undone, what it makes of a word)
CIPHERS: tuple[tuple[str, Callable[[str], str], Callable[[str], str]], ...] = (
    ("rot13", _back(13), _back(13)),
    ("atbash", mirrored, mirrored),
    ("reversed", reversed_text, reversed_text),
    ("reversed_words", reversed_words, reversed_text),
    *((f"rot{shift}", _back(shift), lambda text, shift=shift: shifted(text, shift)) for shift in range(1, 26) if shift != 13),
)


def tell_tales() -> dict[str, tuple[int, ...]]:
    """What ciphers make of the words, with the numbers of those ciphers; words of four letters or more for the plain shifts."""
    found: dict[str, tuple[int, ...]] = {}
    for number, (name, _, change) in enumerate(CIPHERS):
        rare = name.startswith("rot") and name != "rot13"
        for word in (*WORDS, *WORDS_ABROAD):
            if (len(word) > 3 or not rare) and change(word) not in ALL_WORDS:
                found[change(word)] = (*found.get(change(word), ()), number)
    return found
