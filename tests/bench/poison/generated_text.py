"""Pages nobody wrote, as many as one asks for: chains of words, each drawn from the words that follow the last one in real text.

Two words in a row are as common as in the source, so phrases recur across pages as they do on the web; longer runs are new. On
top come what benign sites share: licences, cookie lines, quotations, navigation of a host, articles that several hosts reprint.
"""

import gzip
import pydoc_data.topics
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

WORDS_A_SENTENCE = 17
MIN_FOLLOWERS = 4  # a word with fewer would copy the source
NOTICES = tuple(
    f"{opening} {text}"
    for opening in ("", "Please note:", "Legal.")
    for text in (
        "This site keeps small files called cookies on your device so that pages load faster and we can count our visitors; "
        "by reading on you agree to this, and the page on privacy says how to refuse it at any time.",
        "Permission is granted to copy, distribute and change this document as long as this notice stays with every copy and "
        "all who changed it are named; it comes without any warranty, to the extent that the law allows.",
        "All rights reserved. No part of these pages may be printed or stored without written permission of the publisher, "
        "except for short passages quoted in a review of the work as the law of your country provides.",
    )
)
# What one software puts on the pages of all its users.
SOFTWARE = (
    "Posted in General and tagged News. Bookmark this entry with its lasting address. Older entry to the left, newer entry to "
    "the right. Comments are closed here, but you can leave a trackback from a page of your own.",
    "Add to basket. Add to wish list. Compare this item. Customers who looked at this item also looked at the items below. "
    "Delivery takes three to five working days and is shown at the end. Write the first review of this item.",
)
QUOTATIONS = (
    "“We had crossed the second pass before the light went, and none of us said aloud what each had seen from the ridge that "
    "afternoon, because to say it would have been to turn back at once.”",
    "“A house is not kept by the one who owns it but by whoever sweeps the step each morning, and a country is kept in much "
    "the same way by people whose names nobody writes down.”",
    "“Give a map to a man who is content and he will fold it up; give it to one who is not and he is gone before supper, with "
    "the map and very likely with your boots.”",
)


class Chain:
    """Successors of every word of a source text."""

    def __init__(self, text: str) -> None:
        words = [word for word in text.split() if word.isascii()]
        vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
        ids = np.array([vocabulary[word] for word in words], np.int64)
        order = np.argsort(ids[:-1], kind="stable")
        self.words = np.array(list(vocabulary), dtype=object)
        self.successors = ids[1:][order]
        counts = np.bincount(ids[:-1], minlength=len(vocabulary))
        self.starts = np.concatenate([[0], np.cumsum(counts)])
        self.source = ids

    def pages(self, count: int, words: int, seed: int) -> Iterator[str]:
        """Texts of half to one and a half times `words` words, a thousand at a time."""
        draw = np.random.default_rng(seed)
        for first in range(0, count, 1000):
            rows = min(1000, count - first)
            made = np.empty((rows, words * 3 // 2), np.int64)
            at = draw.choice(self.source, rows)
            for place in range(made.shape[1]):
                made[:, place] = at
                sizes = self.starts[at + 1] - self.starts[at]
                followers = self.starts[at] + (draw.random(rows) * sizes).astype(np.int64)
                following = self.successors[np.minimum(followers, len(self.successors) - 1)]
                at = np.where(sizes >= MIN_FOLLOWERS, following, draw.choice(self.source, rows))
            for row, length in zip(made, draw.integers(words // 2, words * 3 // 2, rows), strict=True):
                yield paragraphs(self.words[row[:length]])


def paragraphs(words: "np.ndarray") -> str:
    """Lines of about five sentences."""
    step = 5 * WORDS_A_SENTENCE
    return "\n\n".join(" ".join(words[at : at + step]).strip(" ,;:") + "." for at in range(0, len(words), step))


def source_text(shared: Path | None, at_most: int) -> str:
    """English to learn from: the novels beside the checkout, else Python's own documentation pages."""
    if shared is None:
        return " ".join(pydoc_data.topics.topics.values())[:at_most]
    novels = sorted((shared / "text" / "novels").rglob("*"))
    share = at_most // max(1, len(novels))
    return " ".join(_read(novel)[2000 : 2000 + share] for novel in novels if novel.suffix in (".txt", ".gz"))


def _read(path: Path) -> str:
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode("utf-8", "replace")


def with_benign_copies(
    texts: Iterator[str], seed: int, reprints: tuple[str, ...], menus: Iterator[str]
) -> Iterator[tuple[str, str]]:
    """(host, text): one to forty pages a host, each host with furniture of its own, and what honest sites have in common."""
    draw = random.Random(seed)
    host, left, furniture, notice, software = "", 0, "", "", ""
    for text in texts:
        if not left:
            host, left = f"www.{draw.getrandbits(40):010x}.example", draw.choice((1, 1, 2, 4, 10, 40))
            furniture, notice = next(menus), draw.choice(NOTICES) if draw.random() < 0.05 else ""
            software = draw.choice(SOFTWARE) if draw.random() < 0.05 else ""
        left -= 1
        parts = [furniture, text, software, notice]
        if draw.random() < 0.001:
            parts.insert(2, draw.choice(QUOTATIONS))
        if reprints and draw.random() < 0.002:
            parts[1] = draw.choice(reprints)
        yield host, "\n\n".join(part for part in parts if part)
