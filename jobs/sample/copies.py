"""Copies of articles: word for word on another host, lightly edited by a re-publisher, and updated by their own author."""

import random
from dataclasses import replace

from jobs.sample.articles import Article, block_html
from jobs.sample.layout import page
from jobs.sample.sites import REPRINTS
from jobs.sample.visits import Reply, Visit

LATER_REMARK = {
    "en": "Update: a reader points out that shops now sell cassettes with thirteen sprockets. The arithmetic stays the same.",
    "fr": "Mise à jour : des lecteurs demandent si la croûte se mange. Oui, presque toujours, sauf si elle est couverte de cire.",
    "pt": "Atualização: um leitor lembra que a cortiça também isola foguetões do calor, porque resiste ao fogo e quase não pesa.",
}


def exact_copy(article: Article) -> Visit:
    return reprint(article, f"{article.language}/{article.slug}")


def edited_copy(article: Article, choice: random.Random) -> Visit:
    """One sentence dropped, a new headline and a line of credit: most of the wording stays."""
    paragraphs = article.paragraphs
    shortened = choice.choice([paragraph for paragraph in paragraphs if len(sentences(paragraph)) > 2])
    kept = sentences(shortened)
    del kept[choice.randrange(1, len(kept))]
    blocks = tuple("".join(kept).strip() if block == shortened else block for block in article.blocks)
    edited = replace(article, title=f"{article.title} ({REPRINTS.name})", blocks=(*blocks, "Reprinted with small changes."))
    return reprint(edited, f"{article.language}/{article.slug}-edited")


def changed_later(article: Article) -> Article:
    """The article with a remark that its author added."""
    return replace(article, blocks=(*article.blocks, LATER_REMARK[article.language]))


def reprint(article: Article, path: str) -> Visit:
    html = page(replace(REPRINTS, language=article.language), article.title, "\n".join(map(block_html, article.blocks)))
    return Visit(url=REPRINTS.url(path), language=article.language, reply=Reply(body=html.encode()))


def sentences(paragraph: str) -> list[str]:
    """The paragraph cut behind full stops, in any of the scripts used here; joined, they are the paragraph again."""
    found = [""]
    for position, character in enumerate(paragraph):
        found[-1] += character
        if character in "。।؟" or (character in ".!?" and paragraph[position + 1 : position + 2] in (" ", "")):
            found.append("")
    return [sentence for sentence in found if sentence]
