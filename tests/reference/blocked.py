"""Names of lists held against a URL one by one, by what each means. Slow."""

from pipeline.urls import host, site


def covers(name: str, url: str) -> bool:
    """Whether a host of a list, or all below one that begins with a dot, has the page's host."""
    own = host(url)
    if name.startswith("."):
        return own == name[1:] or own.endswith(name)
    return own == name or (own.endswith("." + name) and len(name) >= len(site(own)))
