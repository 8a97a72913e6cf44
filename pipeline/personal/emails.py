"""E-mail addresses: what stands around an "@", under a domain that can be registered.

Not meant: names that documentation is given (RFC 2606), the "git@host:path" of version control, a message's number, the password
of an address. What was written so as not to be read is another module (disguised.py).
"""

from collections.abc import Iterator

from pipeline.personal.spans import Span, after_word, compiled
from pipeline.urls import is_under_known_suffix

LETTER = r"A-Za-z0-9\p{Latin}\p{Greek}\p{Cyrillic}"  # of scripts that part words with blanks
JOINED = r"a-z0-9\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"  # of others: what stands before an address looks like a part of it
LABEL = rf"[{LETTER}](?:[{LETTER}\-]{{0,61}}[{LETTER}])?"
ADDRESS = rf"([{LETTER}_][{LETTER}._%+'\-]{{0,63}})@((?:{LABEL}\.){{1,8}}[A-Za-z\p{{Greek}}\p{{Cyrillic}}][{LETTER}\-]{{1,61}})"
OF_JOINED = (
    rf"([{JOINED}._\-]{{1,64}})@((?:[{JOINED}\-]{{1,63}}\.){{1,8}}[\p{{Han}}\p{{Hangul}}]{{2,8}})"  # so only below their own
)
DOCUMENTATION = ("example.com", "example.org", "example.net", "example.edu")
RESERVED = (".example", ".test", ".invalid", ".localhost", ".local")
TOOLS = (b"git", b"hg", b"svn", b"cvs")
MESSAGE_NUMBER = r"message-id|in-reply-to|references|msgid|msg-id"
LOGIN_BEFORE = r"://[^\s/@]*:$"


def emails(raw: bytes) -> Iterator[Span]:
    for pattern in (ADDRESS, OF_JOINED):
        for match in compiled(pattern).finditer(raw):
            local, domain = match.group(1), registered(match.group(2).decode())
            start, end = match.start(), match.start(2) + len(domain.encode())
            if not domain or local.endswith(b".") or b".." in local or _is_tool(local, raw[end : end + 1]):
                continue
            if is_for_documentation(domain.lower()) or after_word(raw, start, MESSAGE_NUMBER, 24) or _is_of_login(raw, start):
                continue
            yield Span("email", "e-mail address", start, end)


def registered(host: str) -> str:
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


def _is_of_login(raw: bytes, start: int) -> bool:
    return raw[max(0, start - 1) : start] == b":" and compiled(LOGIN_BEFORE).search(raw[max(0, start - 96) : start]) is not None
