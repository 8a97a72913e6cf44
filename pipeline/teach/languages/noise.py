"""Letters that are no language: program text, listings, encoded bytes, letters at random. A seed gives the same lines every
time."""

import base64
import random
import string
from collections.abc import Callable, Iterator

KEYWORDS = (
    "if else elif elsif end endif fi then do done while for foreach in of case esac switch break continue return goto "
    "default try catch except finally raise throw throws new delete this self super null nil none true false undefined "
    "nan void int long short char bool boolean float double byte unsigned signed const static final public private "
    "protected virtual abstract interface class struct enum union typedef namespace template typename using import from "
    "package module include define ifdef ifndef pragma extern inline volatile sizeof malloc printf fprintf sprintf scanf "
    "strlen strcmp memcpy fopen fclose argc argv stdin stdout stderr def lambda yield async await with as pass assert "
    "global nonlocal print len range list dict tuple str repr init main fn let mut impl trait pub mod use crate match "
    "loop ref box vec func var chan go defer select map type function typeof instanceof let console log document "
    "getelementbyid innerhtml onclick addeventlistener queryselector json parse stringify select insert update where "
    "join left right inner outer group by having limit offset create table index primary key foreign references varchar "
    "integer begin commit rollback echo exit cd ls grep sed awk sudo apt yum pip npm git chmod chown mkdir rm cp mv tar "
    "ssh curl wget href src div span img alt rel css px rgb rgba margin padding border width height color font display "
    "flex block inline absolute relative http https www com org net html xml utf usr bin etc lib var tmp home dev proc "
    "opt"
).split()
EXTENSIONS = "txt gz tar zip deb rpm iso img html css js py c h cpp java so a o conf cfg log md json xml png jpg svg pdf".split()
PARTS = (
    "lib core base util data test main src doc img net sys io db api ui app mgr ctl srv cfg tmp buf ptr idx cnt num str obj"
).split()


def _name(rng: random.Random) -> str:
    """An identifier: parts run together, or letters that mean nothing."""
    if rng.random() < 0.4:
        return "".join(rng.choices(string.ascii_lowercase, k=rng.randrange(1, 9)))
    return rng.choice(("", " ")).join(rng.choices(PARTS, k=rng.randrange(1, 4)))


def _code(rng: random.Random) -> str:
    return " ".join(rng.choice(KEYWORDS) if rng.random() < 0.6 else _name(rng) for _ in range(rng.randrange(4, 90)))


def _listing(rng: random.Random) -> str:
    return " ".join(f"{_name(rng)} {rng.choice(EXTENSIONS)}" for _ in range(rng.randrange(2, 50)))


def _base64(rng: random.Random) -> str:
    encoded = base64.b64encode(rng.randbytes(rng.randrange(12, 400))).decode().lower()
    return " ".join("".join(sign if sign.isalpha() else " " for sign in encoded).split())


def _hex(rng: random.Random) -> str:
    return " ".join("".join(sign if sign.isalpha() else " " for sign in rng.randbytes(rng.randrange(12, 300)).hex()).split())


def _letters(rng: random.Random) -> str:
    return " ".join("".join(rng.choices(string.ascii_lowercase, k=rng.randrange(1, 13))) for _ in range(rng.randrange(2, 60)))


def _rows_of_one(rng: random.Random) -> str:
    """One letter or pair again and again."""
    return " ".join([rng.choice(string.ascii_lowercase) * rng.randrange(1, 6)] * rng.randrange(5, 80))


KINDS: dict[str, Callable[[random.Random], str]] = {
    "code": _code, "listing": _listing, "base64": _base64, "hex": _hex, "random letters": _letters, "one letter": _rows_of_one,
}  # fmt: skip


def noise(count: int, seed: str) -> Iterator[tuple[str, str]]:
    """(kind, letters): `count` lines, the kinds in turn."""
    rng = random.Random(seed)  # noqa: S311 - no secrets here
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        yield kind, KINDS[kind](rng)


def one_of_noise(rng: random.Random) -> str:
    """A line of any kind."""
    return rng.choice(list(KINDS.values()))(rng)
