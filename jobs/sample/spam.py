"""Spam as every crawl meets it: stuffed keywords, lines that repeat, link farms. Words are drawn by the seed."""

import random

from jobs.sample.layout import page
from jobs.sample.sites import DEALS
from jobs.sample.visits import Reply, Visit

KEYWORDS = (
    "cheap",
    "best",
    "online",
    "deals",
    "discount",
    "buy",
    "free",
    "shipping",
    "watches",
    "replica",
    "casino",
    "bonus",
    "loan",
    "payday",
    "insurance",
    "slim",
    "pills",
    "coupon",
    "offer",
    "today",
    "now",
    "top",
    "rated",
    "review",
    "2025",
)


def spam_visits(choice: random.Random) -> list[Visit]:
    return [
        spam_visit("watches", stuffed_keywords(choice)),
        spam_visit("loans", repeated_line(choice)),
        spam_visit("links", link_farm(choice)),
        spam_visit("wow", shouting(choice)),
    ]


def spam_visit(name: str, content: str) -> Visit:
    html = page(DEALS, f"{name.upper()} cheap {name} best {name} buy {name} online", content)
    return Visit(url=DEALS.url(f"{name}.php?ref=1"), reply=Reply(body=html.encode()))


def stuffed_keywords(choice: random.Random) -> str:
    """Nine hundred keywords without a full stop."""
    return "<p>" + " ".join(choice.choices(KEYWORDS, k=900)) + "</p>"


def repeated_line(choice: random.Random) -> str:
    line = " ".join(choice.sample(KEYWORDS, 9)).capitalize() + "."
    return f"<p>{line}</p>\n" * 120


def link_farm(choice: random.Random) -> str:
    words = enumerate(choice.choices(KEYWORDS, k=300))
    links = (f'<a href="http://{word}-{number}.test/">{word} {number}</a>' for number, word in words)
    return "<p>" + " | ".join(links) + "</p>"


def shouting(choice: random.Random) -> str:
    """Exclamation marks, hashes and dots where sentences would be."""
    return "\n".join(f"<p>### {' '.join(choice.choices(KEYWORDS, k=6)).upper()} !!! >>> ...</p>" for _ in range(60))
