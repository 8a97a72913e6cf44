"""What the model of main text is told of a block, by name: first the numbers, then bits.

Numbers are of the block, its neighbours, the elements around it, its like, and the page; shares are of characters unless they
say otherwise. A bit says whether a part of the page is called something (html/parts.py) or a word is said (cues.py).
"""

from collections import namedtuple
from typing import Any

import numpy as np

from pipeline.kernels.html import parts
from pipeline.kernels.main_text import cues

_PAGE = """
page_chars page_links page_blocks page_mean_chars page_mean_marks page_h1_at page_articles page_article_share page_main_share
page_comment_share page_price_blocks page_date_blocks page_cart_share page_product_share page_forum_share page_card_share
page_body_share page_document_share page_code_share page_short_share page_item_share page_largest_like
"""
_NUMBERS = f"""
chars words link_share commas digit_share capital_share plain_share signs last level
at from_end share_before share_of_page depth
around_chars around_links before_links after_chars after_links after2_chars
parent_chars parent_links alike parent_alike
several_chars several_links several_mean several_blocks several_alike several_depth
large_share large_links large_mean large_marks large_blocks
like_blocks like_share like_links like_mean like_marks like_plain
prose_up prose_down prose_meet_share prose_meet_part prose_meet_links prose_share prose_chars
since_h1 h1_up h1_down h1_meet_share h1_meet_links
since_heading heading_level headings_before
{_PAGE}
""".split()
AT: Any = namedtuple("AT", _NUMBERS)(*range(len(_NUMBERS)))

# Where a bit is looked for, and which bits: within, the element and the two around it; around, all up to the page.
_BITS = {
    "around": "action article author caption cart comments consent contents description document frame grid legal "
    "main media navigation newsletter note pager popup product quote related review search sharing side "
    "specification tags widget",
    "within": "action author body caption card comments edit form navigation quote sharing signature tags title vote widget",
    "element": "control div heading item p term",
    "elements_around": "article aside caption custom figure footer form header heading item list main nav quote section "
    "table term",
    "says": "author comment cookie copyright counts date legal login related share subscribe",
    "under_heading_saying": "comment legal related review subscribe tags",
    "holds": "control image link time",
    "holds_part": "action author vote",
}
_MASKS = {
    "around": parts.BIT, "within": parts.BIT, "element": parts.TAG_BIT, "elements_around": parts.TAG_BIT,
    "says": cues.BIT, "under_heading_saying": cues.BIT, "holds": parts.TAG_BIT, "holds_part": parts.BIT,
}  # fmt: skip
_COLUMNS = [(mask, bit) for mask, bits in _BITS.items() for bit in bits.split()]
FEATURES = [*_NUMBERS, *(f"{mask}:{bit}" for mask, bit in _COLUMNS)]
MASK_OF = np.array([list(_MASKS).index(mask) for mask, _ in _COLUMNS])
BIT_OF = np.array([_MASKS[mask][bit] for mask, bit in _COLUMNS])
NUMBER_COUNT = len(_NUMBERS)
