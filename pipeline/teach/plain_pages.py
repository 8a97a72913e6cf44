"""Pages without a name or a class that could help: prose with code, lists, tables, terms and verse between and behind it, and
now and then readers' comments below, which are none of its text.

Labelled pages have few of them, and trees that were taught by those alone take the end of a plain page for furniture.
"""

import random
from collections.abc import Iterator

from pipeline.teach.extraction_pages import Page
from pipeline.teach.grammar import expand

PAGES = 240
WORDS = {
    "thing": "river market letter tower engine garden winter bridge story window harbour mountain kitchen road answer".split(),
    "kind": "old quiet narrow early gentle broken northern distant golden simple heavy curious".split(),
    "did": "crossed measured opened repaired described followed carried remembered painted counted".split(),
    "name": "count size total index limit width result state offset buffer".split(),
}
SENTENCE = (
    "[The|A|That|Their|Every] {kind} {thing} {did} the {thing} [before|behind|beside|above] [a|the] {kind} {thing}"
    "[| and {did} what the {thing} had left| because nobody else would|, which took a year].[| ][ | It was not the first time. ]"
)
LINE = "[the|a] {kind} {thing}[,| that {did} the {thing}]"
CODE = "[{name} = {name} + 1|if {name} > {name}:|    {name}({name})|return {name}|for {name} in {name}s:|print({name}, {name})]"
NAVIGATION = "<nav><a href=/>{kind}</a> <a href=/a>{thing}</a> <a href=/b>About</a></nav>"
COMMENTED = 0.35  # share of pages
ABOVE_COMMENTS = "<h3>[{count} [comments|Comments|responses|replies]|Comments|Leave a reply|Responses to this]</h3>"
COMMENT = (
    "<{item} class=[comment|comment-body|reply|response]><b[| class=author]>[Reader|Guest|{kind} {thing}]</b> "
    "<p>[I|We] {did} [a|the|that] {thing} too[, once|, years ago|], "
    "[and it was never like this|thank you for the {thing}|so much for the {kind} {thing}].</p></{item}>"
)
FOOTER = "<footer>[<p>© 2024 {thing}</p>|<a href=/c>Contact</a> <a href=/p>Privacy</a>]</footer>"


def plain_pages(seed: int) -> list[Page]:
    """PAGES pages with their whole text, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - no secrets here
    return [_page(number, rng) for number in range(PAGES)]


def _page(number: int, rng: random.Random) -> Page:
    title = expand("{kind} {thing}[| and {thing}]", WORDS, rng).capitalize()
    parts = list(_parts(rng))
    text = "\n".join([title, *(said for _, said in parts)])
    body = f"<h1>{title}</h1>" + "".join(markup for markup, _ in parts)
    before, behind = (expand(pattern, WORDS, rng) if rng.random() < 0.5 else "" for pattern in (NAVIGATION, FOOTER))
    around = rng.choice(["{}", "<main>{}</main>", "<div>{}</div>", "<article>{}</article>"])
    comments = _comments(rng) if rng.random() < COMMENTED else ""
    page = f"{before}{around.format(body)}{comments}{behind}"
    html = f"<html><head><title>{title}</title></head><body>{page}</body></html>".encode()
    return Page(f"http://plain{number}.example/", "plain", html, html, text, [], [])


def _parts(rng: random.Random) -> Iterator[tuple[str, str]]:
    """(markup, what it says) of one part after another; prose, and now and then something else."""
    kinds = (_code, _lines_of_code, _list, _terms, _table, _verse)
    for _ in range(rng.randint(1, 4)):
        for _ in range(rng.randint(1, 4)):
            prose = "".join(expand(SENTENCE, WORDS, rng) for _ in range(rng.randint(1, 5)))
            yield f"<p>{prose}</p>", prose
        yield rng.choice(kinds)(rng)


def _many(pattern: str, rng: random.Random) -> list[str]:
    return [expand(pattern, WORDS, rng) for _ in range(rng.randint(2, 7))]


def _code(rng: random.Random) -> tuple[str, str]:
    lines = "\n".join(_many(CODE, rng))
    return rng.choice(["<pre>{}</pre>", "<pre><code>{}</code></pre>", "<textarea readonly>{}</textarea>"]).format(lines), lines


def _lines_of_code(rng: random.Random) -> tuple[str, str]:
    lines = _many(CODE, rng)
    line, around = rng.choice([("<div>{}</div>", "<pre>{}</pre>"), ("<tr><td>1<td><pre>{}</pre>", "<table>{}</table>")])
    return around.format("".join(line.format(one) for one in lines)), "\n".join(lines)


def _list(rng: random.Random) -> tuple[str, str]:
    items = _many(rng.choice([LINE, "{name}", SENTENCE]), rng)
    return rng.choice(["<ul>{}</ul>", "<ol>{}</ol>"]).format("".join(f"<li>{one}</li>" for one in items)), "\n".join(items)


def _terms(rng: random.Random) -> tuple[str, str]:
    pairs = list(zip(_many("{name}", rng), _many(LINE, rng), strict=False))
    return "<dl>" + "".join(f"<dt>{a}<dd>{b}" for a, b in pairs) + "</dl>", "\n".join(f"{a}\n{b}" for a, b in pairs)


def _table(rng: random.Random) -> tuple[str, str]:
    rows = [("Name", "Number")] * rng.randint(0, 1) + [(one, str(rng.randint(1, 999))) for one in _many("{kind} {thing}", rng)]
    caption = rng.choice(["", "What was counted"])
    table = f"<table><caption>{caption}</caption>" + "".join(f"<tr><td>{a}<td>{b}" for a, b in rows) + "</table>"
    return table, "\n".join([caption, *(f"{a} {b}" for a, b in rows)])


def _verse(rng: random.Random) -> tuple[str, str]:
    lines = _many(LINE, rng)
    return f"<p>{'<br>'.join(lines)}</p>", "\n".join(lines)


def _comments(rng: random.Random) -> str:
    count = rng.randint(2, 9)
    around, item = rng.choice([("ol", "li"), ("ul", "li"), ("section", "div")])
    words = WORDS | {"count": [str(count)], "item": [item]}
    said = "".join(expand(COMMENT, words, rng) for _ in range(count))
    return f"<div {rng.choice(['id', 'class'])}=comments>{expand(ABOVE_COMMENTS, words, rng)}<{around}>{said}</{around}></div>"
