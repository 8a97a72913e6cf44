"""Public IP addresses. Private ranges, those of documentation and of networks themselves tell nothing of a person.

Four numbers with dots are a version or a section more often than an address, where all are small: of addresses drawn at random
one in 4,096 has no number from 32 on. Where the first alone is larger and a full stop follows, a chapter numbers its sections.
"""

import ipaddress
from collections.abc import Iterator

from pipeline.personal.spans import Span, after_word, compiled, stands_alone

QUAD = r"(?:\d{1,3}(?:\.|\[\.\])){3}\d{1,3}"  # in brackets where nobody is to follow it
COLONS = r"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}[0-9A-Fa-f]"
PREFIX = r"^/(?:\d{1,3}|[0-9a-f]{4}:)"  # or a mask
SMALL = 32
SAYS_ADDRESS = r"ips?|ipv4|ip[ \-]?address(?:es)?|dns|name ?servers?|resolvers?|ping(?:ed|ing)?|traceroute|whois|https?://|hosts?"
NO_ADDRESS = r"version|ver|v|release|rel|section|sec|chapter|clause|§|oid|build|update|rfc|firmware|kernel|driver"


def ip_addresses(raw: bytes) -> Iterator[Span]:
    for match in compiled(QUAD).finditer(raw):
        text, around = match.group().decode().replace("[.]", "."), (raw, match.start(), match.end())
        told = is_public_quad(text) and not _is_section(text, raw, match.end())
        if (told or _is_said(text, raw, match.start())) and not _is_version_or_network(text, *around):
            yield Span("ip_address", "IPv4", match.start(), match.end())
    for match in compiled(COLONS).finditer(raw):
        alone = stands_alone(raw, match.start(), match.end(), b":.")
        if alone and _is_public(match.group().decode()) and not _is_network(match.group().decode(), raw, match.end()):
            yield Span("ip_address", "IPv6", match.start(), match.end())


def is_public_quad(text: str) -> bool:
    numbers = text.split(".")
    return _is_host(text) and max(map(int, numbers)) >= SMALL


def _is_host(text: str) -> bool:
    numbers = text.split(".")
    plain = all(one == "0" or not one.startswith("0") for one in numbers)
    return plain and int(numbers[3]) not in (0, 255) and _is_public(text)


def _is_said(text: str, raw: bytes, start: int) -> bool:
    """Whether small numbers are an address after all: a word before them says so."""
    return _is_host(text) and after_word(raw, start, SAYS_ADDRESS, 24)


def _is_section(text: str, raw: bytes, end: int) -> bool:
    return max(map(int, text.split(".")[1:])) < SMALL and raw[end : end + 1] == b"."


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _is_version_or_network(text: str, raw: bytes, start: int, end: int) -> bool:
    behind_fraction = raw[max(0, start - 1) : start] == b"/" and raw[max(0, start - 2) : start - 1].isdigit()
    alone = not behind_fraction and stands_alone(raw, start, end, b".-_+")
    return _is_network(text, raw, end) or not alone or after_word(raw, start, NO_ADDRESS, 16)


def _is_network(text: str, raw: bytes, end: int) -> bool:
    """Whether a prefix follows, and nothing of the address is beyond it: "85.214.0.0/15", not "85.214.132.117/24"."""
    prefix = compiled(PREFIX).search(raw[end : end + 6])
    if not prefix:
        return False
    try:
        return ipaddress.ip_interface(text + prefix.group().decode()).network.network_address == ipaddress.ip_address(text)
    except ValueError:
        return True  # no prefix that there is: a version or a fraction
