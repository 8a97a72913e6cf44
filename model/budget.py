"""What a run will cost before it starts: the model that fits the compute, the loss to expect, FLOPs, hours and memory.

Losses come from published fits to other people's text: they compare plans, and foretell no number of yours.
"""

import math
from dataclasses import dataclass

from model.network.shape import Shape

# Dense bf16 products a second, by what the device calls itself; NVIDIA's data sheets.
PEAK_FLOPS = {"A100": 312e12, "H100": 989.4e12, "H200": 989.4e12, "B200": 2250e12}


def peak_flops(device_name: str) -> float | None:
    """Null for a device that is not in the table."""
    return next((flops for part, flops in PEAK_FLOPS.items() if part in device_name), None)


@dataclass(frozen=True)
class Fit:
    """Loss = E + A/parameters^alpha + B/tokens^beta, in nats per token.

    `sizes` and `lengths`: parameters and tokens of the runs that it was fitted to, as its paper has them; beyond, it guesses.
    """

    source: str
    e: float
    a: float
    b: float
    alpha: float
    beta: float
    sizes: tuple[float, float]
    lengths: tuple[float, float]

    def knows(self, parameters: float, tokens: float) -> bool:
        """Whether runs of this size and length are among those it was fitted to."""
        return self.sizes[0] <= parameters <= self.sizes[1] and self.lengths[0] <= tokens <= self.lengths[1]

    def loss(self, parameters: float, tokens: float) -> float:
        return self.e + self.a / parameters**self.alpha + self.b / tokens**self.beta

    def optimum(self, flops: float) -> tuple[float, float]:
        """(parameters, tokens) of least loss for 6·parameters·tokens = flops; Hoffmann et al. 2022, equation 4."""
        exponent = self.beta / (self.alpha + self.beta)
        scale = (self.alpha * self.a / (self.beta * self.b)) ** (1 / (self.alpha + self.beta))
        parameters = scale * (flops / 6) ** exponent
        return parameters, flops / 6 / parameters

    def parameters_for(self, tokens: float) -> float:
        """The size for which so many tokens are the optimum."""
        scale = (self.alpha * self.a / (self.beta * self.b)) ** (1 / (self.alpha + self.beta))
        return float(scale * (scale * tokens) ** (self.beta / self.alpha))


_CHINCHILLA = ((7e7, 1.6e10), (5e9, 5e11))  # Hoffmann et al. 2022, section 1: the runs that both are fitted to
HOFFMANN = Fit("Hoffmann et al. 2022, approach 3", 1.6934, 406.4, 410.7, 0.3392, 0.2849, *_CHINCHILLA)
BESIROGLU = Fit("Besiroglu et al. 2024", 1.8172, 482.01, 2085.43, 0.3478, 0.3658, *_CHINCHILLA)
FITS = (HOFFMANN, BESIROGLU)

# Muennighoff et al. 2023, "Scaling data-constrained language models": their fit with alpha = beta, and how fast repeated
# tokens and surplus parameters lose their worth.
REPEATED = Fit(
    "Muennighoff et al. 2023", math.exp(0.6254804), math.exp(6.255414), math.exp(7.3049974), 0.3526596, 0.3526596,
    (7e6, 9e9), (1e8, 9e11),
)  # fmt: skip
_TOKENS_WEAR, _PARAMETERS_WEAR = 15.387756, 5.309743


def repeated_loss(parameters: float, tokens: float, unique_tokens: float) -> float:
    """Expected loss when `unique_tokens` are read until `tokens` have been."""
    unique = min(tokens, unique_tokens)
    enough = min(parameters, REPEATED.parameters_for(unique))
    return REPEATED.loss(_worth(parameters, enough, _PARAMETERS_WEAR), _worth(tokens, unique, _TOKENS_WEAR))


def _worth(total: float, unique: float, wear: float) -> float:
    """`total` things of which all beyond `unique` are worth ever less."""
    return unique + unique * wear * (1 - math.exp(-(total / unique - 1) / wear))


def repeated_optimum(flops: float, unique_tokens: float) -> tuple[float, float]:
    """(parameters, tokens) of least loss for this compute when text is repeated; golden-section search over the logarithm."""
    low, high = math.log(1e4), math.log(flops / 6 / 1e4)
    ratio = (math.sqrt(5) - 1) / 2

    def loss(log_parameters: float) -> float:
        parameters = math.exp(log_parameters)
        return repeated_loss(parameters, flops / 6 / parameters, unique_tokens)

    while high - low > 1e-9:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    parameters = math.exp((low + high) / 2)
    return parameters, flops / 6 / parameters


def training_memory(shape: Shape, *, micro_tokens: int, optimizer: str, bf16: bool) -> dict[str, int]:
    """Bytes by part at the height of a step, what allocators and libraries keep for themselves apart. Dense decoders."""
    matrices, weights = shape.parameters_by_part["matrices"], shape.parameters
    momenta = 2 * weights - (matrices if optimizer == "muon" else 0)  # Muon keeps one number a weight, AdamW two
    product = 2 if bf16 else 4
    return {
        "weights": 4 * weights,
        "weights_bf16": 2 * (matrices + shape.vocabulary * shape.width) if bf16 else 0,
        "gradients": 4 * weights,
        "optimizer": 4 * momenta,
        "activations": micro_tokens * activation_bytes(shape, bf16=bf16),
        "logits": micro_tokens * shape.width * product + 4 * shape.vocabulary * shape.width,  # gradients of states and of head
    }


def activation_bytes(shape: Shape, *, bf16: bool) -> int:
    """What the forward pass keeps of each token for the backward pass, the loss apart: bf16 on a GPU, else fp32 on a CPU.

    Counted off model/network/transformer.py. Of a layer: its input, the first norm's output, the sum after attention, the second
    norm's output; queries as they come, rotated, attended and laid flat; keys as they come and rotated, and values; gate, its
    SiLU, up and their product. In fp32: the norms' and the softmax's sums, and the rotation. A CPU's norms also keep what they
    have normed before it is weighted; a GPU's are one kernel.
    """
    product = 2 if bf16 else 4
    queries, keys = shape.heads * shape.head_width, shape.kv_heads * shape.head_width
    of_norms = 0 if bf16 else 2 * shape.width + queries + keys
    of_layer = product * (4 * shape.width + 4 * queries + 3 * keys + 4 * shape.hidden + of_norms)
    sums = 4 * (2 + 2 * shape.heads + shape.kv_heads)
    rotation = 2 * 4 * shape.head_width
    return shape.layers * (of_layer + sums) + (2 if bf16 else 3) * product * shape.width + rotation + 8


def inference_memory(parameters: float, bytes_per_weight: float) -> float:
    """Bytes of the weights alone: 7 B at 2 bytes are 14 GB."""
    return parameters * bytes_per_weight
