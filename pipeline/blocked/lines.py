"""A line of a block list, whichever of the usual forms it has, as the names that it means.

    bad.example                    the host and all below it               bad.example
    *.bad.example  .example        all below, a registry's suffix too      .bad.example  .example
    bad.example/shop               an address and all that goes on from it bad.example/shop
    0.0.0.0 bad.example ads.test   a hosts file                            bad.example  ads.test
    address=/bad.example/0.0.0.0   dnsmasq; also unbound's local-zone      bad.example
    bad.example CNAME .            a response policy zone                  bad.example
    ||bad.example^$third-party     EasyList, of whole domains              bad.example
    @@||good.bad.example^          an exception of this list               @good.bad.example

A name covers what its owner has below it, and never a suffix of the Public Suffix List: "github.io" is the page of GitHub and no
one's below it, so that a list with a slip does not take a country. Who means that writes ".github.io".
"""

from urllib.parse import unquote

import re2

from pipeline.urls import host, url_key

EXCEPTION, UNDER, PHRASE = "@", ".", "~"  # before a name; a host begins with none of them
_HOST = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
_ADDRESS = "0123456789abcdefABCDEF:."
_NO_NAMES = ("localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
             "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0")  # fmt: skip  # noqa: S104 - a name
_RUN = re2.compile(r"[\pL\pM\pN]+")
_NO_HOST = set(",;'()=$&+%")  # of tables and of programs: a column is a guess
_BARE_IPV6 = re2.compile(r"\[?[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}\]?")
_OF_A_RESOLVER = re2.compile(r"(?:address|server|local)=/([^#]+)/[^/#]*$|local-zone: *\"?([^\" ]+)")
_COMMENT_BEHIND = re2.compile(r"[ \t](?:#|;|//).*")
_COMMENTS = ("#", "!", "[", ";")
_COSMETIC = ("##", "#@#", "#?#", "#$#", "#%#")
_WHOLE_DOMAIN = frozenset(("third-party", "3p", "important", "all", "document", "doc", "popup"))  # options of a domain's rule


def entries(line: str) -> list[str] | None:
    """What a line names; [] where it says nothing, null where it says something that no name can be made of."""
    line = line.strip()
    if not line.strip(_HOST):
        return _host(line) if line else []
    if any(mark in line for mark in _COSMETIC):
        return None
    if _BARE_IPV6.fullmatch(line):
        return _address(f"[{line.strip('[]')}]")
    if line.startswith(_COMMENTS):
        return []
    if told := _OF_A_RESOLVER.match(line):
        return [name for part in (told[1] or told[2]).split("/") for name in _name(part) or []] or None
    if line.startswith(("||", "@@")):
        return _easylist(line)
    words = _COMMENT_BEHIND.sub("", line).split() if "\t" in line or " " in line else [line]
    if len(words) > 1:
        if "CNAME" in words[1:4]:
            return _name(words[0].rstrip("."))
        return _hosts_file(words)
    return _address(words[0]) if words else []


def _host(name: str) -> list[str] | None:
    name = name.lower().rstrip(".")
    if name.startswith(UNDER):
        return [name] if len(name) > 1 else None
    return [name] if "." in name and ".." not in name else None


def _hosts_file(words: list[str]) -> list[str] | None:
    if words[0].strip(_ADDRESS) or not set(words[0]) & set(".:"):
        return None
    found = [_name(word) for word in words[1:] if word.lower() not in _NO_NAMES]
    return [name for names in found if names is not None for name in names]


def _name(word: str) -> list[str] | None:
    return _address(word) if word.strip(_HOST) else _host(word)


def _easylist(line: str) -> list[str] | None:
    exception = line.startswith("@@")
    rule, dollar, options = line.removeprefix("@@").partition("$")
    if not rule.startswith("||") or (dollar and not _WHOLE_DOMAIN.issuperset(options.split(","))):
        return None
    found = _name(rule[2:].removesuffix("^"))
    if found is None or any("/" in one for one in found):
        return None
    return [EXCEPTION + one for one in found] if exception else found


def _address(text: str) -> list[str] | None:
    """Of a URL, an address without scheme, a host in other letters, or "*." before one."""
    if text.startswith("*."):
        return [UNDER + one for one in _address(text[2:]) or [] if "/" not in one] or None
    text = text.removeprefix("//")
    if set(text) & set('*^|<>"\\') or text.startswith("/"):
        return None
    full = text if "://" in text else f"http://{text}"
    name = host(full)
    if ("." not in name or set(name) & _NO_HOST) and not name.startswith("["):
        return None
    return [name] if _is_only_host(full) else [address(full) or name]


def _is_only_host(url: str) -> bool:
    rest = url.partition("://")[2]
    return not rest.partition("/")[2] and "?" not in rest


def address(url: str) -> str | None:
    """The key of an address as lists have it: without "www." and a slash at the end. Null where there is no host."""
    key = url_key(url)
    return key.partition("#")[0].removeprefix("www.").rstrip("/") if key else None


def phrase(line: str) -> str | None:
    """A word or phrase of a list: "Free-XXX" -> "~free xxx". Null where there is no letter or digit."""
    words = url_words(line)
    return PHRASE + " ".join(words) if words else None


def url_words(url: str) -> list[str]:
    """ "http://a.example/Free%20XXX" -> ["http", "a", "example", "free", "xxx"]"""
    found: list[str] = _RUN.findall(unquote(url, errors="replace").lower())
    return found
