"""An address as people write it, and the addresses of a corpus that it may mean: another scheme, www, case, slash or fragment.

Nothing acts on a guess: whoever looks is shown the candidates, and whoever removes names one of them.
"""

import duckdb

from jobs.corpus.views import rows
from pipeline.urls import host, url_key

WWW = "www."
SHOWN = 8
MOST_COMPARED = 500_000  # addresses of one host, a bound for a single enormous one


def spelling(url: str) -> str:
    """Equal for what people take for one address: "HTTPS://www.Example.com/A/" and "example.com/a#top" -> "example.com/a"."""
    address = url.strip()
    key = url_key(address if "://" in address else f"http://{address}") or address
    return key.partition("#")[0].casefold().removeprefix(WWW).rstrip("/?")


def candidates(database: duckdb.DuckDBPyConnection, asked: str) -> list[str]:
    """Addresses of records that are spelled otherwise and may be meant, sorted; not the address itself. Requests do not count."""
    address = asked.strip()
    name = host(address if "://" in address else f"http://{address}").removeprefix(WWW)
    if not name:
        return []
    found = rows(
        database,
        """
        SELECT DISTINCT url FROM documents WHERE host IN ($1, 'www.' || $1)
        UNION SELECT DISTINCT url FROM rejects WHERE contains(lower(url), $1) AND record_type IS DISTINCT FROM 'request'
        ORDER BY url LIMIT $2
        """,
        [name, MOST_COMPARED],
    )
    wanted = spelling(asked)
    return [row["url"] for row in found if row["url"] and row["url"] != asked and spelling(row["url"]) == wanted]


def nowhere(root: str, asked: str, found: list[str]) -> str:
    """What to say of an address that no record has."""
    if not found:
        return (
            f"{asked} is nowhere in {root}: no record read has this URL or doc_id, nor one that differs from it in scheme, www, "
            "case, a last slash or fragment"
        )
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{asked} is nowhere in {root} as written; what is there: {', '.join(found[:SHOWN])}{more}. Name one of these"
