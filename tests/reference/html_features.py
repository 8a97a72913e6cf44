"""Slow obvious twin of pipeline/kernels/main_text/features.py: each feature by its definition."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html import parts
from pipeline.kernels.main_text import cues
from pipeline.kernels.main_text import elements as el
from pipeline.kernels.main_text.names import FEATURES
from tests.reference.html import Page, kinds_of

ASCII_LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
WIDE_MARKS, WIDE_COMMAS = set("。！？।؟…"), set("、，：；،")
FAR = 999.0
Row = dict[str, float]


@dataclass
class Block:
    text: str
    chars: int
    links: int
    kind: int
    element: int
    inline: int
    inline_names: int
    words: int = 0
    marks: int = 0
    commas: int = 0
    digits: int = 0
    capitals: int = 0
    plain: int = 0
    signs: int = 0
    says: int = 0

    @property
    def level(self) -> int:
        return self.kind & lay.LEVEL


def is_letter(c: str) -> bool:
    return c in ASCII_LETTERS or not c.isascii()


def ascii_lower(word: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in word)


def count_words(block: Block) -> None:
    text, word = block.text, ""
    for i, c in enumerate([*text, ""]):
        if c and is_letter(c):
            block.marks += c in WIDE_MARKS
            block.commas += c in WIDE_COMMAS
            block.capitals += not word and c.isascii() and c.isupper()
            word += c
            continue
        if word:
            block.words += 1
            if len(text[:i].encode()) < cues.CUE_BYTES:
                say(block, word)
            word = ""
        block.digits += c != "" and c in "0123456789"
        block.marks += c != "" and c in ".!?" and (i + 1 == len(text) or text[i + 1] <= " " or text[i + 1] == '"')
        block.commas += c != "" and c in ",;:"
        block.signs += c != "" and c in "|/<>*#+=@$"
        if c == "$":
            say(block, "$")


def say(block: Block, word: str) -> None:
    found = cues.WORDS.get(ascii_lower(word), 0)
    block.plain += bool(found & cues.PLAIN)
    block.says |= found & ~cues.PLAIN


class Elements:
    """The tree, asked for ancestors and for what stands below."""

    def __init__(self, page: Page, blocks: list[Block]) -> None:
        self.rows, self.blocks = page.elements, blocks

    def parent(self, at: int) -> int:
        return self.rows[at][0]

    def depth(self, at: int) -> int:
        return self.rows[at][4]

    def way_up(self, at: int) -> list[int]:
        """The element, its parent, … the page."""
        return [at] if at == 0 else [at, *self.way_up(self.parent(at))]

    def below(self, at: int) -> list[Block]:
        return [block for block in self.blocks if at in self.way_up(block.element)]

    def chars(self, at: int) -> int:
        return sum(block.chars for block in self.below(at))

    def alike(self, at: int) -> int:
        if at == 0:
            return 0
        looks = [(parent, name, shape) for parent, name, _, shape, _ in self.rows]
        same = [k for k in range(1, len(looks)) if looks[k] == looks[at]]
        return sum(self.chars(k) > 0 for k in same)

    def names(self, at: int) -> int:
        return union(self.rows[k][2] for k in self.way_up(at))

    def kinds(self, at: int) -> int:
        return union(kinds_of(self.rows[k][1]) for k in self.way_up(at)[:-1])

    def path(self, at: int) -> list[tuple[str, int]]:
        return [(self.rows[k][1], self.rows[k][3]) for k in self.way_up(at)]

    def innermost(self, at: int, wanted: Callable[[int], bool]) -> int:
        return next((k for k in self.way_up(at)[:-1] if wanted(k)), 0)

    def meeting(self, at: int, other: int) -> int:
        return self.innermost(at, lambda k: k in self.way_up(other))

    def densest(self) -> int:
        prose = dict.fromkeys(range(len(self.rows)), 0)
        for block in self.blocks:
            weight = block.chars - 2 * block.links + el.WEIGHT_OF_MARK * (block.marks + block.commas)
            if block.marks and weight > el.MIN_PROSE:
                parent = self.parent(block.element)
                prose[parent] += weight
                prose[self.parent(parent)] += weight // 2
        return max(prose, key=lambda at: prose[at])


def union(masks) -> int:  # type: ignore[no-untyped-def]
    found = 0
    for mask in masks:
        found |= mask
    return found


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def sum_of(blocks: list[Block], field: str) -> int:
    return sum(getattr(block, field) for block in blocks)


def link_share(blocks: list[Block]) -> float:
    return share(sum_of(blocks, "links"), sum_of(blocks, "chars"))


def rows_of(page: Page) -> list[list[float]]:
    """One row a block, in the order of FEATURES."""
    blocks = [Block(text, chars, links, kind, *rest) for text, chars, links, kind, _, *rest in page.blocks]
    for block in blocks:
        count_words(block)
    tree = Elements(page, blocks)
    whole = of_page(tree, blocks)
    rows = [whole | of_block(k, tree, blocks) | bits_of(k, tree, blocks) for k in range(len(blocks))]
    return [[row[name] for name in FEATURES] for row in rows]


def of_block(k: int, tree: Elements, blocks: list[Block]) -> Row:
    block, total = blocks[k], sum_of(blocks, "chars")
    last = block.text[-1]
    return (
        {
            "chars": block.chars,
            "words": block.words,
            "link_share": share(block.links, block.chars),
            "commas": block.commas,
            "digit_share": share(block.digits, block.chars),
            "capital_share": share(block.capitals, block.words),
            "plain_share": share(block.plain, block.words),
            "signs": block.signs,
            "last": 0 if last in ".!?" else 1 if last == ":" else 2 if last in "0123456789" else kind_of_other(last),
            "level": block.level,
            "at": k,
            "from_end": len(blocks) - k,
            "share_before": share(sum_of(blocks[:k], "chars"), total),
            "share_of_page": share(block.chars, total),
        }
        | of_neighbours(k, blocks)
        | of_elements(block.element, tree, total)
        | of_like(block, tree, total)
        | of_meetings(k, tree, blocks, total)
    )


def kind_of_other(last: str) -> int:
    return 3 if not last.isascii() else 4 if last in ASCII_LETTERS else 5


def of_neighbours(k: int, blocks: list[Block]) -> Row:
    near = blocks[max(0, k - 4) : k + 5]
    following = blocks[k + 1 : k + 3]
    headings = [j for j in range(k) if blocks[j].level]
    return {
        "around_chars": share(sum_of(near, "chars"), len(near)),
        "around_links": link_share(near),
        "before_links": link_share(blocks[k - 1 : k]) if k else 0,
        "after_chars": sum_of(following[:1], "chars"),
        "after_links": link_share(following[:1]),
        "after2_chars": sum_of(following[1:], "chars"),
        "since_heading": k - headings[-1] if headings else FAR,
        "heading_level": blocks[headings[-1]].level if headings else 0,
        "headings_before": len(headings),
    }


def of_elements(at: int, tree: Elements, total: int) -> Row:
    several = tree.innermost(at, lambda k: len(tree.below(k)) >= 2)
    large = tree.innermost(at, lambda k: tree.chars(k) * el.LARGE >= total)
    in_several, in_large = tree.below(several), tree.below(large)
    return {
        "depth": tree.depth(at),
        "parent_chars": tree.chars(at),
        "parent_links": link_share(tree.below(at)),
        "alike": tree.alike(at),
        "parent_alike": tree.alike(tree.parent(at)),
        "several_chars": sum_of(in_several, "chars"),
        "several_links": link_share(in_several),
        "several_mean": share(sum_of(in_several, "chars"), len(in_several)),
        "several_blocks": len(in_several),
        "several_alike": tree.alike(several),
        "several_depth": tree.depth(several),
        "large_share": share(sum_of(in_large, "chars"), total),
        "large_links": link_share(in_large),
        "large_mean": share(sum_of(in_large, "chars"), len(in_large)),
        "large_marks": share(sum_of(in_large, "marks"), len(in_large)),
        "large_blocks": len(in_large),
    }


def is_like(one: Block, other: Block, tree: Elements) -> bool:
    return tree.path(one.element) == tree.path(other.element) and one.level == other.level


def of_like(block: Block, tree: Elements, total: int) -> Row:
    like = [other for other in tree.blocks if is_like(block, other, tree)]
    return {
        "like_blocks": len(like),
        "like_share": share(sum_of(like, "chars"), total),
        "like_links": link_share(like),
        "like_mean": share(sum_of(like, "chars"), len(like)),
        "like_marks": share(sum_of(like, "marks"), len(like)),
        "like_plain": share(sum_of(like, "plain"), len(like)),
    }


def of_meetings(k: int, tree: Elements, blocks: list[Block], total: int) -> Row:
    at, densest = blocks[k].element, tree.densest()
    meet = tree.meeting(at, densest)
    h1 = next((j for j, block in enumerate(blocks) if block.level == 1), -1)
    meet_h1 = tree.meeting(at, blocks[h1].element) if h1 >= 0 else 0
    return {
        "prose_up": tree.depth(densest) - tree.depth(meet),
        "prose_down": tree.depth(at) - tree.depth(meet),
        "prose_meet_share": share(tree.chars(meet), total),
        "prose_meet_part": share(tree.chars(densest), tree.chars(meet)),
        "prose_meet_links": link_share(tree.below(meet)),
        "prose_share": share(tree.chars(densest), total),
        "prose_chars": tree.chars(densest),
        "since_h1": k - h1 if h1 >= 0 else FAR,
        "h1_up": tree.depth(blocks[h1].element) - tree.depth(meet_h1) if h1 >= 0 else FAR,
        "h1_down": tree.depth(at) - tree.depth(meet_h1) if h1 >= 0 else FAR,
        "h1_meet_share": share(tree.chars(meet_h1), total),
        "h1_meet_links": link_share(tree.below(meet_h1)),
    }


def of_page(tree: Elements, blocks: list[Block]) -> Row:
    total = sum_of(blocks, "chars")
    elements = range(1, len(tree.rows))

    def outermost(wanted: Callable[[int], bool]) -> float:
        outer = [at for at in elements if wanted(at) and not any(wanted(k) for k in tree.way_up(at)[1:-1])]
        return share(sum(tree.chars(at) for at in outer), total)

    def is_tag(kind: str) -> Callable[[int], bool]:
        return lambda at: bool(kinds_of(tree.rows[at][1]) & parts.TAG_BIT[kind])

    def called(*names: str) -> float:
        bits = union(parts.BIT[name] for name in names)
        return share(sum(block.chars for block in blocks if (tree.names(block.element) | block.inline_names) & bits), total)

    def chars_where(wanted: Callable[[Block], bool]) -> float:
        return share(sum(block.chars for block in blocks if wanted(block)), total)

    code = parts.BIT["code"]
    return {
        "page_chars": total,
        "page_links": link_share(blocks),
        "page_blocks": len(blocks),
        "page_mean_chars": share(total, len(blocks)),
        "page_mean_marks": share(sum_of(blocks, "marks"), len(blocks)),
        "page_h1_at": next((k for k, block in enumerate(blocks) if block.level == 1), -1),
        "page_articles": sum(is_tag("article")(at) for at in elements),
        "page_article_share": outermost(is_tag("article")),
        "page_main_share": outermost(is_tag("main")),
        "page_comment_share": outermost(lambda at: bool(tree.rows[at][2] & parts.BIT["comments"])),
        "page_price_blocks": share(sum(bool(block.says & cues.BIT["price"]) for block in blocks), len(blocks)),
        "page_date_blocks": share(sum(bool(block.says & cues.BIT["date"]) for block in blocks), len(blocks)),
        "page_cart_share": called("cart", "price"),
        "page_product_share": called("product"),
        "page_forum_share": called("forum", "user", "vote", "signature"),
        "page_card_share": called("card", "grid"),
        "page_body_share": called("body", "article"),
        "page_document_share": called("document"),
        "page_code_share": chars_where(
            lambda block: bool((tree.names(block.element) | block.inline_names) & code or block.kind & lay.IS_PRE)
        ),
        "page_short_share": chars_where(lambda block: block.chars < 60),
        "page_item_share": chars_where(lambda block: bool(block.kind & lay.IS_ITEM)),
        "page_largest_like": max((of_like(block, tree, total)["like_share"] for block in blocks), default=0.0),
    }


def bits_of(k: int, tree: Elements, blocks: list[Block]) -> Row:
    block = blocks[k]
    at = block.element
    parent = tree.parent(at)
    heading = next((other for other in reversed(blocks[:k]) if other.level), None)
    masks = {
        "around": tree.names(at),
        "within": tree.rows[at][2] | tree.rows[parent][2] | tree.rows[tree.parent(parent)][2],
        "element": kinds_of(tree.rows[at][1]) if at else 0,
        "elements_around": tree.kinds(at),
        "says": block.says,
        "under_heading_saying": heading.says if heading and not block.level else 0,
        "holds": block.inline,
        "holds_part": block.inline_names,
    }
    bits = {"says": cues.BIT, "under_heading_saying": cues.BIT, "element": parts.TAG_BIT, "elements_around": parts.TAG_BIT}
    bits |= {"holds": parts.TAG_BIT}
    found = {}
    for name in FEATURES:
        mask, colon, bit = name.partition(":")
        if colon:
            found[name] = float(bool(masks[mask] & bits.get(mask, parts.BIT)[bit]))
    return found
