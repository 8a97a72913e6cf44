"""What is hidden in a page as it was fetched and yet meant to be read: its script shows it, or its reader opens it.

Segments that React streams (`<template id="B:1">` waits for `<div hidden id="S:1">`, which a script puts there), what fades in,
and the panels of tabs and accordions: what a role, an `aria-controls`, a link to it or the words of its class say is for a reader
to open. Menus, dialogs and notices are opened too and are no text; they stay hidden. <details> is never hidden here. A page that
shows next to nothing and hides all it says in one element is walked again with that element open (page.py).
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import IS_SPACE, mix
from pipeline.kernels.html.parts import BIT
from pipeline.kernels.html.style import DISPLAY, EXTENT, OPACITY, SET_ANEW, VISIBILITY, remember

UNDONE_BY_OPENING = DISPLAY | VISIBILITY | OPACITY | EXTENT
IS_CONTROLLED = 1 << 12  # among the reasons that a start tag sets anew: something on the page is there to open it
MAX_CONTROLLED = 256  # ids of one page; further ones are ignored
PANELS = BIT["tab"] | BIT["question"]
OTHERS = sum(
    BIT[kind] for kind in ("navigation", "popup", "consent", "newsletter", "login", "cart", "sharing", "search", "language")
)


@part
def note_controlled(data: np.ndarray, i: int, end: int, sheet: np.ndarray, state: np.ndarray) -> None:
    """The ids of `aria-controls="a b"`, `data-target="#a"` or `href="#a"`."""
    while i < end and state[lay.CONTROLLED] < MAX_CONTROLLED:
        if IS_SPACE[data[i]]:
            i += 1
            continue
        key = 35
        if data[i] == 35:
            i += 1
        start = i
        while i < end and not IS_SPACE[data[i]]:
            key = mix(key, data[i])
            i += 1
        if i > start:
            state[lay.RULES] = remember(sheet, state[lay.RULES], key, IS_CONTROLLED << SET_ANEW)
            state[lay.CONTROLLED] += 1


@part
def note_id(data: np.ndarray, i: int, end: int, state: np.ndarray) -> None:
    """Ids that React gives: `B:` and a hexadecimal number to a place that waits, `S:` and one to the segment that goes there."""
    if end - i < 3 or data[i + 1] != 58 or (data[i] != 66 and data[i] != 83):
        return
    for k in range(i + 2, end):
        if not (48 <= data[k] <= 57 or 97 <= data[k] <= 102):
            return
    if data[i] == 66:
        state[lay.STREAMS] = 1
    else:
        state[lay.IS_SEGMENT] = state[lay.STREAMS]


@part
def is_opened(state: np.ndarray) -> bool:
    """Whether the element whose start tag was read, hidden as it stands, is shown by a script or for a reader to open."""
    names = state[lay.NAMES]
    if state[lay.IS_SEGMENT]:
        return True
    return (state[lay.ANEW] & IS_CONTROLLED or names & PANELS) and not names & OTHERS
