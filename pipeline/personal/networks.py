"""Public IP addresses. Private ranges, those of documentation and of networks themselves tell nothing of a person.

Four numbers with dots are a version or a section more often than an address, where all are small: of addresses drawn at random
one in 4,096 has no number from 32 on. Where the first alone is larger and a full stop follows, a chapter numbers its sections.
"""

import ipaddress
from collections.abc import Iterator

from pipeline.personal.spans import Span, after_word, compiled, stands_alone

QUAD = r"(?:\d{1,3}\.){3}\d{1,3}"
COLONS = r"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}[0-9A-Fa-f]"
SMALL = 32
NO_ADDRESS = r"version|ver|v|release|rel|section|sec|chapter|clause|§|oid|build|update|rfc|firmware|kernel|driver"


def ip_addresses(raw: bytes) -> Iterator[Span]:
    for match in compiled(QUAD).finditer(raw):
        text, around = match.group().decode(), (raw, match.start(), match.end())
        if is_public_quad(text) and not _is_version_or_network(*around) and not _is_section(text, raw, match.end()):
            yield Span("ip_address", "IPv4", match.start(), match.end())
    for match in compiled(COLONS).finditer(raw):
        alone = stands_alone(raw, match.start(), match.end(), b":.") and raw[match.end() : match.end() + 1] != b"/"
        if alone and _is_public(match.group().decode()):
            yield Span("ip_address", "IPv6", match.start(), match.end())


def is_public_quad(text: str) -> bool:
    numbers = text.split(".")
    plain = all(one == "0" or not one.startswith("0") for one in numbers)
    return plain and max(map(int, numbers)) >= SMALL and int(numbers[3]) not in (0, 255) and _is_public(text)


def _is_section(text: str, raw: bytes, end: int) -> bool:
    return max(map(int, text.split(".")[1:])) < SMALL and raw[end : end + 1] == b"."


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _is_version_or_network(raw: bytes, start: int, end: int) -> bool:
    network = raw[end : end + 1] == b"/" and raw[end + 1 : end + 2].isdigit()
    return network or not stands_alone(raw, start, end, b".-_+") or after_word(raw, start, NO_ADDRESS, 16)
