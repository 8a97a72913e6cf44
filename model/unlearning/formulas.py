"""The published losses as functions of texts' likelihoods, each one number per text.

`nats_P` is the sum of -log p over a text's scored tokens under the model, `reference_P` the same under the model before.
P texts, N tokens, E width, V vocabulary.
"""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

_LOGITS_AT_ONCE = 1 << 22


def negative_preference(nats_P: Tensor, reference_P: Tensor, beta: float) -> Tensor:
    """NPO (Zhang et al. 2024, equation 3): -(2/beta) log sigmoid(-beta log(p/p_ref)), with p of the whole text.

    (2/beta) ln 2 where the model is the reference; the gradient is then that of -nats, and always between 0 and twice it. Towards
    beta 0 it is gradient ascent. MUSE's two code bases subtract raw logits, entry by entry, where this has log-likelihoods.
    """
    return -2 / beta * F.logsigmoid(beta * (nats_P - reference_P))


def simple_negative_preference(nats_P: Tensor, tokens_P: Tensor, beta: float, delta: float) -> Tensor:
    """SimNPO (Fan et al. 2024) as its code and OpenUnlearning have it: -(2/beta) log sigmoid(beta (nats/tokens - delta)).

    The paper writes -(beta/|y|) log p - gamma inside the sigmoid, so its gamma is beta times delta.
    """
    return -2 / beta * F.logsigmoid(beta * (nats_P / tokens_P - delta))


def direct_preference(refusal_P: Tensor, refusal_reference_P: Tensor, nats_P: Tensor, reference_P: Tensor, beta: float) -> Tensor:
    """DPO with a refusal as the preferred answer: -(2/beta) log sigmoid(beta (gain of the refusal - gain of the text)).

    Gains are log(p/p_ref). The factor 2/beta is OpenUnlearning's; TOFU has none (its own code stops with a NameError there).
    """
    gain_of_refusal, gain_of_text = refusal_reference_P - refusal_P, reference_P - nats_P
    return -2 / beta * F.logsigmoid(beta * (gain_of_refusal - gain_of_text))


def divergence(states_NE: Tensor, head_VE: Tensor, reference_NE: Tensor, reference_head_VE: Tensor) -> Tensor:
    """Sum over tokens of KL(p_ref ‖ p), in nats (TOFU 3, "KL minimisation"), a few rows of logits at a time.

    TOFU averages over all positions, prompts and padding included: here the caller gives only those that have a target. MUSE
    leaves out log_softmax, which makes it no divergence.
    """
    rows = max(1, _LOGITS_AT_ONCE // len(head_VE))
    total = states_NE.new_zeros((), dtype=torch.float32)
    for states, reference in zip(states_NE.split(rows), reference_NE.split(rows), strict=True):
        total = total + checkpoint(_divergence, states, head_VE, reference, reference_head_VE, use_reentrant=False)
    return total


def _divergence(states_NE: Tensor, head_VE: Tensor, reference_NE: Tensor, reference_head_VE: Tensor) -> Tensor:
    logs = F.linear(states_NE, head_VE.to(states_NE.dtype)).float().log_softmax(-1)
    reference = F.linear(reference_NE, reference_head_VE.to(reference_NE.dtype)).float().log_softmax(-1)
    return F.kl_div(logs, reference, reduction="sum", log_target=True)


def misdirection(states_NE: Tensor, towards_E: Tensor) -> Tensor:
    """RMU's forget loss (Li et al. 2024, equation 1): mean squared distance of each token's state from one random vector [N]."""
    return (states_NE.float() - towards_E).square().mean(-1)


def steering_vector(width: int, length: float, seed: int) -> Tensor:
    """RMU's vector: uniform in [0, 1) by entry, scaled to this length, the same for the whole unlearning."""
    drawn = torch.rand(width, generator=torch.Generator().manual_seed(seed))
    return length * drawn / drawn.norm()
