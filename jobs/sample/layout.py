"""The page around an article, in three manners of building a page: HTML 5 landmarks, nested divs, and tables of 1999."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, kw_only=True)
class Site:
    """A host of the little web and the words that stand on all of its pages."""

    host: str
    language: str  # ISO 639-1
    name: str
    links: tuple[str, ...]  # the navigation
    related: str  # heading over the links to other articles
    notice: str  # cookies and newsletter
    rights: str  # last line of the page
    layout: str = "landmarks"
    right_to_left: bool = False

    def url(self, path: str) -> str:
        return f"http://{self.host}/{path}"


@dataclass(frozen=True, kw_only=True)
class Related:
    title: str
    path: str


def page(site: Site, title: str, content: str, related: tuple[Related, ...] = (), head: str = '<meta charset="utf-8">') -> str:
    """A whole page. `content` is HTML; everything else is text."""
    direction = ' dir="rtl"' if site.right_to_left else ""
    links = [f'<a href="/{number}/">{escape(label)}</a>' for number, label in enumerate(site.links)]
    others = [f'<a href="/{escape(other.path)}">{escape(other.title)}</a>' for other in related]
    body = LAYOUTS[site.layout](site, title, content, links, others)
    return f"""<!DOCTYPE html>
<html lang="{site.language}"{direction}>
<head>
{head}
<title>{escape(title)} | {escape(site.name)}</title>
<link rel="stylesheet" href="/style.css">
<script>var visits = (window.visits || 0) + 1;</script>
</head>
<body>
{body}
</body>
</html>
"""


def landmarks(site: Site, title: str, content: str, links: list[str], others: list[str]) -> str:
    aside = f"<aside>\n<h3>{escape(site.related)}</h3>\n<ul>{list_items(others)}</ul>\n</aside>\n" if others else ""
    return f"""<header><p class="logo">{escape(site.name)}</p>
<nav><ul>{list_items(links)}</ul></nav></header>
<div class="cookie-banner" role="dialog"><p>{escape(site.notice)}</p></div>
<main>
<article>
<h1>{escape(title)}</h1>
{content}
</article>
</main>
{aside}<footer><p>{escape(site.rights)}</p></footer>"""


def divs(site: Site, title: str, content: str, links: list[str], others: list[str]) -> str:
    menu = "".join(f'<div class="menu-item">{link}</div>' for link in links)
    more = "".join(f'<div class="teaser">{link}</div>' for link in others)
    return f"""<div id="wrapper"><div id="top"><div class="brand">{escape(site.name)}</div><div class="menu">{menu}</div></div>
<div id="columns"><div id="content" class="post"><h1 class="post-title">{escape(title)}</h1>
<div class="post-body">{content}</div></div>
<div id="sidebar" class="widget"><h4>{escape(site.related)}</h4>{more}</div></div>
<div id="footer"><span>{escape(site.rights)}</span> <span>{escape(site.notice)}</span></div></div>"""


def tables(site: Site, title: str, content: str, links: list[str], others: list[str]) -> str:
    menu, more = "<br>".join(links), "<br>".join(others)
    return f"""<table width="100%" border="0">
<tr><td colspan="2" bgcolor="#ddddcc"><font size="5">{escape(site.name)}</font></td></tr>
<tr><td width="140" valign="top"><font size="2">{menu}<hr><b>{escape(site.related)}</b><br>{more}</font></td>
<td valign="top"><center><h1>{escape(title)}</h1></center>
{content}
</td></tr>
<tr><td colspan="2"><font size="1">{escape(site.rights)} {escape(site.notice)}</font></td></tr></table>"""


def list_items(links: list[str]) -> str:
    return "".join(f"<li>{link}</li>" for link in links)


Layout = Callable[[Site, str, str, list[str], list[str]], str]
LAYOUTS: dict[str, Layout] = {"landmarks": landmarks, "divs": divs, "tables": tables}
