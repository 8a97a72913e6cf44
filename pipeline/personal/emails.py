"""E-mail addresses: what stands around an "@", under a domain that can be registered.

Not meant: names that documentation is given (RFC 2606), the "git@host:path" of version control, a message's number. Nor is an
address seen that was written so as not to be one ("name at example dot org").
"""

from collections.abc import Iterator

from pipeline.personal.spans import Span, after_word, compiled
from pipeline.urls import is_under_known_suffix

ADDRESS = (
    r"([A-Za-z0-9_][A-Za-z0-9._%+'\-]{0,63})@"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z][A-Za-z0-9\-]{1,61})"
)
DOCUMENTATION = ("example.com", "example.org", "example.net", "example.edu")
RESERVED = (".example", ".test", ".invalid", ".localhost", ".local")
TOOLS = (b"git", b"hg", b"svn", b"cvs")
MESSAGE_NUMBER = r"message-id|in-reply-to|references|msgid|msg-id"


def emails(raw: bytes) -> Iterator[Span]:
    for match in compiled(ADDRESS).finditer(raw):
        local, domain = match.group(1), _domain(match.group(2).decode())
        start, end = match.start(), match.start(2) + len(domain)
        if not domain or local.endswith(b".") or b".." in local or _is_tool(local, raw[end : end + 1]):
            continue
        if is_for_documentation(domain.lower()) or after_word(raw, start, MESSAGE_NUMBER, 24):
            continue
        yield Span("email", "e-mail address", start, end)


def _domain(host: str) -> str:
    """The host without a word that was joined to it ("firm.de.We", "firm.de-Adresse"); "" where no domain can be registered."""
    start, _, last = host.rpartition(".")
    for name in (host, f"{start}.{last.partition('-')[0]}", start):
        if "." in name and is_under_known_suffix(name.lower()):
            return name
    return ""


def is_for_documentation(domain: str) -> bool:
    return domain.endswith(RESERVED) or any(domain == one or domain.endswith(f".{one}") for one in DOCUMENTATION)


def _is_tool(local: bytes, after: bytes) -> bool:
    return local in TOOLS and after in (b":", b"/")
