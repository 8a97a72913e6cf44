"""The likeliest continuations by beam search: so many beginnings are kept, and each goes on by every token.

A text's score is its log p, its end included, divided by length^penalty (Wu et al. 2016 have a formula of their own; this is the
plain one that transformers takes). Texts that have ended are held against those that still run; search stops when none of these
can win any more, which is certain for a penalty of 0 and a choice above it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from model.generate import Cache, extend
from model.network.shape import DECODER
from model.network.transformer import Transformer
from pipeline.errors import UsageError


class Found(NamedTuple):
    """A continuation, without the prompt and without its end; `score` is what it was ranked by."""

    tokens: list[int]
    log_probability: float
    score: float


@torch.no_grad()
def beam_search(
    model: Transformer, prompt: Sequence[int], beams: int, *, max_tokens: int, context: int, end: int, penalty: float = 0.0
) -> list[Found]:
    """At most `beams` continuations, best first."""
    if model.shape.kind != DECODER:
        raise UsageError(f"this run is an {model.shape.kind}: only a decoder generates text (objective next)")
    if not prompt or len(prompt) >= context:
        raise UsageError(f"the prompt has {len(prompt)} tokens and the model reads {context}: shorten it, or begin one")
    model.eval()
    room = min(max_tokens, context - len(prompt))
    cache = Cache(model, 1, len(prompt) + room)
    scores_BV = extend(model, [list(prompt)], cache)[-1:].double().log_softmax(-1)
    running, done = [Found([], 0.0, 0.0)], list[Found]()
    for made in range(1, room + 1):
        sums = torch.tensor([one.log_probability for one in running], dtype=torch.float64, device=scores_BV.device)
        best, places = (scores_BV + sums[:, None]).flatten().topk(min(2 * beams, scores_BV.numel()))
        following = list[tuple[int, int, float]]()  # place, token, log p
        for log_p, place in zip(best.tolist(), places.tolist(), strict=True):
            before, token = divmod(place, scores_BV.shape[1])
            if token == end:
                done.append(Found(running[before].tokens, log_p, log_p / made**penalty))
            elif len(following) < beams:
                following.append((before, token, log_p))
        done = sorted(done, key=lambda one: -one.score)[:beams]
        running = [Found([*running[b].tokens, token], log_p, log_p / made**penalty) for b, token, log_p in following]
        if not running or made == room or (len(done) == beams and not _can_win(running[0], done[-1], room, penalty)):
            break
        cache.reorder(torch.tensor([before for before, *_ in following], device=scores_BV.device))
        scores_BV = extend(model, [[token] for _, token, _ in following], cache).double().log_softmax(-1)
    return sorted([*done, *running], key=lambda one: -one.score)[:beams]


def _can_win(best: Found, worst: Found, room: int, penalty: float) -> bool:
    """Whether a text that still runs can come before the last that is done: its log p only falls, its length may help."""
    return best.log_probability / (room**penalty if penalty > 0 else 1.0) > worst.score
