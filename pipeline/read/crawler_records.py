"""Records that crawlers write about themselves, or as a second copy of a page: no page of the web, whatever they hold.

Wget's log, arguments and manifest (metadata://gnu.org/…), wpull's log (urn:X-wpull:log), Browsertrix' text, screenshots and
page facts (urn:text:, urn:view:, urn:pageinfo:), Heritrix' DNS answers, Brozzler's screenshots. Told by their address alone.
"""

CRAWLER_RECORD = "crawler_record"  # the reason in `rejects`
SCHEMES = frozenset({"dns", "filedesc", "metadata", "screenshot", "thumbnail", "warcinfo", "whois", "youtube-dl"})
# Namespaces that name works or things (IANA's registry); crawlers make up theirs.
NAMESPACES_OF_WORKS = frozenset(
    {"doi", "epc", "ietf", "isbn", "ismn", "iso", "issn", "lex", "mrn", "nbn", "oasis", "ogc", "oid", "publicid", "uci", "uuid"}
)


def is_crawler_record(url: str) -> bool:
    """ "urn:textFinal:http://example.org/" -> True, "https://example.org/" -> False"""
    scheme, _, rest = url[:200].partition(":")
    scheme = scheme.strip().lower()
    return scheme in SCHEMES or (scheme == "urn" and rest.partition(":")[0].lower() not in NAMESPACES_OF_WORKS)
