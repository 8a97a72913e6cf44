"""Blocks that sell what their page does not speak of: what a hacked page carries for search engines.

One page alone proves little; jobs/stages/scan/find_campaigns.py asks on how many sites the same trade turns up like this.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import re2

# The trades of hacked pages, in the languages they are sold in, and the words around them, which prove nothing alone.
TRADES = (
    r"viagra|cialis|levitra|kamagra|online pharmacy|discount pharmacy|no prescription|without prescription|rezeptfrei|sin receta"
    r"|online casinos?|casino|free slots|slot gacor|poker|jackpot|payday loans?|replica|rolex|louis vuitton|essay writing"
    r"|escorts?|казино|виагра|займ|赌场|彩票|代开|激安|カジノ|카지노|토토|bahis"
)
AROUND = (
    r"cheap|discount|best price|buy|order|free shipping|bonus|betting|pills?|prescription|pharmacy|loans?|handbags?|online"
    r"|купить|скидк\pL*|通販|günstig|kaufen|acheter|comprar|barat[oa]s?"
)
MIN_WORDS = 8  # of a block
MIN_TRADE_WORDS = 4  # of the trades and around them together
MIN_SHARE = 0.15  # of the block's words
MAX_SHARE_ELSEWHERE = 0.01


class Block(NamedTuple):
    """Places are code points; `trades` are the words of TRADES in it, in lower case."""

    start: int
    end: int
    trades: list[str]


@functools.cache
def _pattern(words: str) -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(rf"(?:^|[^\pL])(?:{words})", options)  # without a group, which would cost RE2 its fast engine


def injected_blocks(text: str) -> Iterator[Block]:
    """Lines that sell, on a page that otherwise does not."""
    if _pattern(TRADES).search(text) is None:  # nearly every page
        return
    counted = _count(text)
    if counted < MIN_TRADE_WORDS:
        return
    words, start = len(text.split()), 0
    for line in text.split("\n"):
        found, size = (_count(line), len(line.split())) if len(line) > MIN_WORDS else (0, 0)
        if found >= MIN_TRADE_WORDS and size >= MIN_WORDS and found >= MIN_SHARE * size:
            trades = sorted({_trade(found) for found in _pattern(TRADES).findall(line)})
            if trades and counted - found <= MAX_SHARE_ELSEWHERE * (words - size):
                yield Block(start, start + len(line), trades)
        start += len(line) + 1


def _trade(found: str) -> str:
    """Without the character in front of it that the pattern takes along."""
    return found[0 if found[0].isalpha() else 1 :].lower()


def _count(text: str) -> int:
    return len(_pattern(f"{TRADES}|{AROUND}").findall(text))
