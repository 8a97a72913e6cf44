"""The plan of the crawl: which URLs are visited, in which order, and what each answers."""

import random
from datetime import UTC, datetime, timedelta
from html import escape

from jobs.sample.articles import Article, all_articles, block_html
from jobs.sample.charsets import DECLARATIONS
from jobs.sample.copies import changed_later, edited_copy, exact_copy
from jobs.sample.layout import Related, Site, page
from jobs.sample.oddities import bait_visits, broken_visits, other_formats, thin_visits, transfer_of
from jobs.sample.private import listed_visits, private_visits
from jobs.sample.sites import PYTHON_HOST, SITES
from jobs.sample.spam import spam_visits
from jobs.sample.visits import Reply, Session, Visit

FIRST_DAY = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)
LATER = timedelta(days=30)
UNCHANGED_LATER = ("en-tides", "en-paper", "de-glas", "fr-sel", "es-aceite", "it-ponti", "zh-suanpan", "hi-shunya")


def planned_sessions(library: dict[str, str], seed: int) -> list[Session]:
    """Four WARC files: the little web, the library in two halves, and a second look at some pages a month later."""
    choice = random.Random(f"website {seed}")  # noqa: S311  (reproducible on purpose)
    pages = [library_visit(path, library[path]) for path in sorted(library)]
    half, hour = len(pages) // 2, timedelta(hours=1)
    return [
        Session(name="sample-00000-web", started=FIRST_DAY, visits=first_look(choice)),
        Session(name="sample-00001-library", started=FIRST_DAY + hour, visits=pages[:half]),
        Session(name="sample-00002-library", started=FIRST_DAY + 3 * hour, visits=pages[half:]),
        Session(name="sample-00003-recrawl", started=FIRST_DAY + LATER, visits=second_look(choice)),
    ]


def first_look(choice: random.Random) -> list[Visit]:
    """Every page of the little web once, the hosts mixed as a polite crawler mixes them."""
    articles = all_articles()
    visits = [article_visit(article) for article in articles]
    visits += [index_visit(site) for site in SITES]
    visits += [exact_copy(article) for article in articles if f"{article.language}-{article.slug}" in ("en-honey", "it-caffe")]
    visits += [edited_copy(article, choice) for article in choice.sample(articles, 8)]
    visits += [
        *spam_visits(choice),
        *thin_visits(),
        *bait_visits(),
        *private_visits(),
        *listed_visits(),
        *broken_visits(),
        *other_formats(),
    ]
    choice.shuffle(visits)
    return visits


def second_look(choice: random.Random) -> list[Visit]:
    """Pages that stayed the same (recorded as revisits) and pages that changed (the newest counts)."""
    by_key = {f"{article.language}-{article.slug}": article for article in all_articles()}
    changed = [by_key[key] for key in ("en-gears", "fr-fromage", "pt-cortica")]
    visits = [article_visit(by_key[key]) for key in UNCHANGED_LATER]
    visits += [article_visit(changed_later(article)) for article in changed]
    choice.shuffle(visits)
    return visits


def library_visit(path: str, html: str) -> Visit:
    return Visit(url=f"http://{PYTHON_HOST}/{path}", language="en", reply=Reply(body=html.encode()))


def site_of(article: Article) -> Site:
    """A language with two sites shares its articles between them, in turns."""
    sites = [site for site in SITES if site.language == article.language]
    slugs = [other.slug for other in all_articles() if other.language == article.language]
    return sites[slugs.index(article.slug) % len(sites)]


def article_visit(article: Article) -> Visit:
    """An article on its site, in the charset and the manner of transfer that the plan has for it."""
    site, key = site_of(article), f"{article.language}-{article.slug}"
    declaration = DECLARATIONS.get(key)
    head = declaration.head if declaration else '<meta charset="utf-8">'
    related = tuple(
        Related(title=other.title, path=f"{other.slug}.html")
        for other in all_articles()
        if site_of(other) == site and other.slug != article.slug
    )
    html = page(site, article.title, "\n".join(map(block_html, article.blocks)), related, head)
    body = declaration.encode(html) if declaration else html.encode()
    content_type = declaration.content_type if declaration else "text/html; charset=utf-8"
    reply = Reply(body=body, content_type=content_type, **transfer_of(key))
    note = declaration.note if declaration else ""
    return Visit(url=site.url(f"{article.slug}.html"), language=article.language, reply=reply, note=note)


def index_visit(site: Site) -> Visit:
    """A site's front page: links and first sentences, hardly any text of its own."""
    articles = [article for article in all_articles() if site_of(article) == site]
    teasers = "\n".join(
        f'<h2><a href="/{article.slug}.html">{escape(article.title)}</a></h2>\n<p>{escape(article.paragraphs[0][:80])}…</p>'
        for article in articles
    )
    return Visit(url=site.url(""), reply=Reply(body=page(site, site.name, teasers).encode()))
