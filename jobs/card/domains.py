"""The domains that most of the kept text comes from, as many as the EU's template asks for."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from jobs.corpus.views import Row
from pipeline.urls import site

# Template of 24 July 2025 for Article 53(1)(d) of Regulation (EU) 2024/1689, 2.3: the top 10 % of all domain names, by the size
# of the content; of small and medium-sized providers the top 5 %, or 1,000 where that is fewer.
SHARE, SMALL_SHARE, SMALL_MOST = 0.10, 0.05, 1000
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")


@dataclass(frozen=True)
class Domains:
    """`listed`: (domain, documents, bytes of kept text), the largest first; of `all` domains."""

    listed: list[tuple[str, int, int]]
    all: int
    bytes: int  # of those that are listed
    without: int  # documents that name no host


def top_domains(hosts: Iterable[Row], *, small: bool = False) -> Domains:
    """`hosts`: host, documents, bytes. Hosts are folded into the domain somebody registered, by the Public Suffix List."""
    documents, sizes = Counter[str](), Counter[str]()
    without = 0
    for row in hosts:
        if not row["host"]:
            without += row["documents"]
            continue
        domain = site(row["host"])
        documents[domain] += row["documents"]
        sizes[domain] += row["bytes"]
    order = sorted(sizes, key=lambda domain: (-sizes[domain], domain))[: share_of(len(sizes), small=small)]
    listed = [(domain, documents[domain], sizes[domain]) for domain in order]
    return Domains(listed, len(sizes), sum(sizes[domain] for domain in order), without)


def share_of(domains: int, *, small: bool = False) -> int:
    """How many of so many domains are listed; the share is rounded up."""
    return min(math.ceil(SMALL_SHARE * domains), SMALL_MOST) if small else math.ceil(SHARE * domains)


def as_tsv(domains: Domains) -> str:
    """A line a domain. What no registered name holds is percent-encoded: a host is what a crawl says, and may be a formula."""
    lines = ["domain\tdocuments\tbytes"]
    lines += [f"{plain(domain)}\t{documents}\t{size}" for domain, documents, size in domains.listed]
    return "\n".join(lines) + "\n"


def plain(domain: str) -> str:
    """`=cmd|x.test -> %3Dcmd%7Cx.test`"""
    encoded = "".join(one if one in _PLAIN else "".join(f"%{byte:02X}" for byte in _bytes(one)) for one in domain)
    return f"%2D{encoded[1:]}" if encoded.startswith("-") else encoded


def _bytes(character: str) -> bytes:
    return character.encode("utf-8", errors="surrogatepass")
