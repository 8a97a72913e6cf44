"""What the model is told of a whole page, and which blocks of it are alike."""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html import parts
from pipeline.kernels.html.names import mix
from pipeline.kernels.main_text import cues
from pipeline.kernels.main_text import elements as el
from pipeline.kernels.main_text.names import AT

_CART, _PRODUCT = parts.BIT["cart"] | parts.BIT["price"], parts.BIT["product"]
_FORUM = parts.BIT["forum"] | parts.BIT["user"] | parts.BIT["vote"] | parts.BIT["signature"]
_CARD, _BODY = parts.BIT["card"] | parts.BIT["grid"], parts.BIT["body"] | parts.BIT["article"]
_DOCUMENT, _CODE, _COMMENTS = parts.BIT["document"], parts.BIT["code"], parts.BIT["comments"]
_ARTICLE, _MAIN = parts.TAG_BIT["article"], parts.TAG_BIT["main"]
_PRICE, _DATE = cues.BIT["price"], cues.BIT["date"]
_SHORT = 60  # characters

# Sums of blocks that are alike, of one path and level of heading: int64 [slots, LIKE_COLUMNS]
L_BLOCKS, L_CHARS, L_LINKS, L_MARKS, L_PLAIN = range(5)
LIKE_COLUMNS = 5


@part
def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


@part
def count_like(blocks: np.ndarray, words: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(sums of blocks that are alike [slots, LIKE_COLUMNS], the slot of each block)."""
    table = el.new_table(len(blocks))
    like = np.zeros((len(table), LIKE_COLUMNS), np.int64)
    slots = np.empty(len(blocks), np.int64)
    for k in range(len(blocks)):
        key = mix(sums[blocks[k, lay.ELEMENT_OF], el.PATH], blocks[k, lay.KIND] & lay.LEVEL)
        slot = el.slot_of(table, key)
        table[slot, 1] += 1
        slots[k] = slot
        like[slot, L_BLOCKS] += 1
        like[slot, L_CHARS] += blocks[k, lay.CHARS]
        like[slot, L_LINKS] += blocks[k, lay.LINKS]
        like[slot, L_MARKS] += words[k, cues.N_MARKS]
        like[slot, L_PLAIN] += words[k, cues.N_PLAIN]
    return like, slots


@part
def _landmarks(elements: np.ndarray, sums: np.ndarray, page: np.ndarray) -> None:
    total = sums[0, el.CHARS]
    for at in range(1, len(elements)):
        parent = elements[at, lay.PARENT]
        kind = parts.ELEMENT_KIND[elements[at, lay.NUMBER]]
        share = ratio(sums[at, el.CHARS], total)
        if kind & _ARTICLE:
            page[AT.page_articles] += 1
            page[AT.page_article_share] += 0 if sums[parent, el.KINDS] & _ARTICLE else share
        if kind & _MAIN and not sums[parent, el.KINDS] & _MAIN:
            page[AT.page_main_share] += share
        if elements[at, lay.OWN_NAMES] & _COMMENTS and not sums[parent, el.NAMES] & _COMMENTS:
            page[AT.page_comment_share] += share


@part
def _count_kinds(blocks: np.ndarray, words: np.ndarray, sums: np.ndarray, page: np.ndarray) -> None:
    """Shares of the page under names that tell a shop from a forum from an article."""
    total = sums[0, el.CHARS]
    for k in range(len(blocks)):
        names = sums[blocks[k, lay.ELEMENT_OF], el.NAMES] | blocks[k, lay.INLINE_NAMES]
        kind = blocks[k, lay.KIND]
        share = ratio(blocks[k, lay.CHARS], total)
        page[AT.page_price_blocks] += ((words[k, cues.CUES_OF] & _PRICE) != 0) / len(blocks)
        page[AT.page_date_blocks] += ((words[k, cues.CUES_OF] & _DATE) != 0) / len(blocks)
        page[AT.page_cart_share] += share if names & _CART else 0
        page[AT.page_product_share] += share if names & _PRODUCT else 0
        page[AT.page_forum_share] += share if names & _FORUM else 0
        page[AT.page_card_share] += share if names & _CARD else 0
        page[AT.page_body_share] += share if names & _BODY else 0
        page[AT.page_document_share] += share if names & _DOCUMENT else 0
        page[AT.page_code_share] += share if names & _CODE or kind & lay.IS_PRE else 0
        page[AT.page_short_share] += share if blocks[k, lay.CHARS] < _SHORT else 0
        page[AT.page_item_share] += share if kind & lay.IS_ITEM else 0


@part
def of_page(
    blocks: np.ndarray, elements: np.ndarray, words: np.ndarray, sums: np.ndarray, like: np.ndarray, page: np.ndarray
) -> None:
    total = sums[0, el.CHARS]
    page[AT.page_chars] = total
    page[AT.page_links] = ratio(sums[0, el.LINKS], total)
    page[AT.page_blocks] = len(blocks)
    page[AT.page_mean_chars] = ratio(total, len(blocks))
    page[AT.page_mean_marks] = ratio(sums[0, el.MARKS], len(blocks))
    page[AT.page_h1_at] = el.first_h1(blocks)
    page[AT.page_largest_like] = ratio(like[:, L_CHARS].max(), total)
    _landmarks(elements, sums, page)
    _count_kinds(blocks, words, sums, page)
