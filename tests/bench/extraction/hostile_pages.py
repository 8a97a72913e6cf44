"""Pages that nobody would write and everybody meets: random markup around words that occur once, the same for the same seed."""

import random

NAMES = """p div span b i em font a ul ol li dl dt dd table tr td th tbody caption h1 h2 pre section article nav form button
label select option textarea template noscript iframe noframes noembed svg math video audio canvas object datalist dialog details
summary ruby rt x-foo center small u strong style title fieldset legend blockquote address figure figcaption""".split()
ATTRIBUTES = (
    "hidden", "style='display:none'", 'style="visibility:hidden"', "style='visibility:visible'", "class=a", "class='b c'", "id=z",
    "href=#", "open", "title='x y z'", "style=color:red", "data-x='>'", "aria-hidden=true", "shadowrootmode=open",
)  # fmt: skip
OTHERS = (
    "<!-- comment -->", "<!-- open", "-->", "<br>", "<hr>", "<img alt=x>", "<input value=x>", "</p>", "</br>", "<![CDATA[x]]>",
    "<style>.a{display:none}</style>", "<style>#z,.c{visibility:hidden}</style>", "<script>'</p>'</script>", "</script>",
    "</style>", "<wbr>", "&shy;", "&nbsp;", "&lt;b&gt;", "<", "</", "<?x ?>", "<!doctype html>", "<svg><style>.q{}</svg>",
    "<noscript><!-- </noscript>", "<template><tr><td></template>", "<font style='display:none'><p></font>",
)  # fmt: skip


def hostile_page(seed: int) -> bytes:
    """Words are "w", their number and digits that make them unlike any other of the page.

    Most elements are ended, some by a wrong end tag, some twice, some never.
    """
    rng = random.Random(seed)
    parts = ["<!doctype html><title>t</title><body>"] if rng.random() < 0.8 else []
    opened: list[str] = []
    for number in range(rng.randint(10, 80)):
        kind = rng.random()
        if kind < 0.35:
            parts.append(f" w{number}q{rng.randrange(10**6):06d}z ")
        elif kind < 0.6:
            opened.append(rng.choice(NAMES))
            attributes = "".join(f" {one}" for one in rng.sample(ATTRIBUTES, rng.choice((0, 0, 0, 1, 1, 2))))
            parts.append(f"<{opened[-1]}{attributes}{rng.choice(('>', '>', '>', '/>'))}")
        elif kind < 0.92:
            parts.append(f"</{_ended(opened, rng)}>")
        else:
            parts.append(rng.choice(OTHERS))
    parts += [f"</{name}>" for name in reversed(opened) if rng.random() < 0.9]
    return "".join(parts).encode()


def _ended(opened: list[str], rng: random.Random) -> str:
    """Mostly what was opened last, now and then something below it, or nothing that is open."""
    kind = rng.random()
    if not opened or kind < 0.1:
        return rng.choice(NAMES)
    return opened.pop() if kind < 0.8 else opened.pop(rng.randrange(len(opened)))
