"""The transformer, top to bottom: one Block with flags makes a decoder (GPT), an encoder (BERT) or both (T5).

The decoder is Qwen3's or Llama's, weight for weight; model/export_hf.py gives it to `transformers` under their names.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.network.attention import Attend, Prefix
from model.network.experts import Experts
from model.network.inputs import Hidden, MicroBatch, Model
from model.network.rotary import Rotation, rotated, rotations
from model.network.shape import DECODER, ENCODER_DECODER, Shape


class Norm(nn.RMSNorm):
    """RMSNorm in the type of what it is given; torch's own falls back to many small kernels where weight and input differ."""

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.eps)


class Attention(nn.Module):
    """Queries of x against keys and values of `memory`, which is x itself unless it is cross-attention."""

    def __init__(self, shape: Shape, layer: int, *, causal: bool, window: int | None) -> None:
        super().__init__()
        self.layer, self.causal, self.window, self.head_width = layer, causal, window, shape.head_width
        self.query = nn.Linear(shape.width, shape.heads * shape.head_width, bias=False)
        self.key = nn.Linear(shape.width, shape.kv_heads * shape.head_width, bias=False)
        self.value = nn.Linear(shape.width, shape.kv_heads * shape.head_width, bias=False)
        self.output = nn.Linear(shape.heads * shape.head_width, shape.width, bias=False)
        self.query_norm, self.key_norm = (
            Norm(shape.head_width, shape.norm_epsilon) if shape.query_key_norms else nn.Identity() for _ in range(2)
        )

    def forward(self, x_NE: Tensor, attend: Attend, rotation: Rotation | None, memory_ME: Tensor | None = None) -> Tensor:
        source = x_NE if memory_ME is None else memory_ME
        query = self.query_norm(self.query(x_NE).unflatten(-1, (-1, self.head_width)))
        key = self.key_norm(self.key(source).unflatten(-1, (-1, self.head_width)))
        value = self.value(source).unflatten(-1, (-1, self.head_width))
        if rotation is not None:
            query, key = rotated(query, rotation), rotated(key, rotation)
        attended = attend(self.layer, query, key, value, causal=self.causal, window=self.window)
        return self.output(attended.flatten(1))


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x_NE: Tensor) -> tuple[Tensor, Tensor]:
        return self.down(F.silu(self.gate(x_NE)) * self.up(x_NE)), x_NE.new_zeros(())


class Block(nn.Module):
    """Norm, attention, norm, feed-forward, each added to what came in; with `cross`, attention to an encoder's output between."""

    def __init__(self, shape: Shape, layer: int, *, causal: bool, cross: bool = False) -> None:
        super().__init__()
        self.attention_norm = Norm(shape.width, shape.norm_epsilon)
        self.attention = Attention(shape, layer, causal=causal, window=shape.window_of(layer))
        if cross:
            self.cross_norm = Norm(shape.width, shape.norm_epsilon)
            self.cross_attention = Attention(shape, layer, causal=False, window=None)
        self.feed_forward_norm = Norm(shape.width, shape.norm_epsilon)
        self.feed_forward = Experts(shape) if shape.experts else FeedForward(shape)

    def forward(
        self,
        x_NE: Tensor,
        attend: Attend,
        rotation: Rotation,
        memory_ME: Tensor | None = None,
        attend_memory: Attend | None = None,
    ) -> tuple[Tensor, Tensor]:
        x_NE = x_NE + self.attention(self.attention_norm(x_NE), attend, rotation)
        if memory_ME is not None and attend_memory is not None:
            x_NE = x_NE + self.cross_attention(self.cross_norm(x_NE), attend_memory, None, memory_ME)
        added, balance = self.feed_forward(self.feed_forward_norm(x_NE))
        return x_NE + added, balance


class Stack(nn.Module):
    """Blocks and the norm after them."""

    def __init__(self, shape: Shape, *, causal: bool, cross: bool = False) -> None:
        super().__init__()
        self.shape = shape
        self.blocks = nn.ModuleList(Block(shape, layer, causal=causal, cross=cross) for layer in range(shape.layers))
        self.norm = Norm(shape.width, shape.norm_epsilon)

    def forward(
        self,
        x_NE: Tensor,
        positions_N: Tensor,
        attend: Attend,
        memory_ME: Tensor | None = None,
        attend_memory: Attend | None = None,
    ) -> Hidden:
        rotation = rotations(positions_N, self.shape)
        balance = x_NE.new_zeros(())
        for block in self.blocks:
            x_NE, of_block = block(x_NE, attend, rotation, memory_ME, attend_memory)
            balance = balance + of_block / len(self.blocks)
        return Hidden(self.norm(x_NE), balance)


class PrefixTable(nn.Module):
    """Keys and values before every text, learned as they are (Li and Liang 2021, without their reparametrisation)."""

    def __init__(self, shape: Shape, tokens: int) -> None:
        super().__init__()
        self.tokens = tokens
        size = (shape.layers, tokens, shape.kv_heads, shape.head_width)
        self.keys, self.values = nn.Parameter(torch.zeros(size)), nn.Parameter(torch.zeros(size))

    def prefix(self) -> Prefix:
        return Prefix(self.keys, self.values)


class Transformer(Model):
    """Token ids in, hidden states out; `head` scores them. Cross-entropy takes both, so that logits need not exist at once."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.prefix: PrefixTable | None = None  # model/post/adapters.py puts one in
        if shape.kind == ENCODER_DECODER:
            self.encoder = Stack(shape, causal=False)
        self.stack = Stack(shape, causal=shape.kind in (DECODER, ENCODER_DECODER), cross=shape.kind == ENCODER_DECODER)
        if not shape.tied:
            self.scores = nn.Linear(shape.width, shape.vocabulary, bias=False)

    @property
    def head_VE(self) -> Tensor:
        return self.embedding.weight if self.shape.tied else self.scores.weight

    def forward(
        self,
        tokens_N: Tensor,
        positions_N: Tensor,
        attend: Attend,
        memory_ME: Tensor | None = None,
        attend_memory: Attend | None = None,
    ) -> Hidden:
        if self.prefix is not None:
            attend, positions_N = attend.behind(self.prefix.prefix()), positions_N + self.prefix.tokens
        return self.stack(self.embedded(tokens_N), positions_N, attend, memory_ME, attend_memory)

    def states(self, batch: MicroBatch) -> Hidden:
        """Of packed pieces; with `memory`, those of the decoder behind the encoder's."""
        tokens, memory = batch.tokens, batch.memory
        if memory is None:
            hidden: Hidden = self(tokens.ids_N, tokens.positions_N, tokens.attend)
            return hidden
        encoded, of_encoder = self.encode(memory.ids_N, memory.positions_N, memory.attend)
        states, balance = self(tokens.ids_N, tokens.positions_N, tokens.attend, encoded, batch.attend_memory)
        return Hidden(states, balance + of_encoder)

    def encode(self, tokens_M: Tensor, positions_M: Tensor, attend: Attend) -> Hidden:
        """What the decoder of an encoder-decoder attends to."""
        return self.encoder(self.embedded(tokens_M), positions_M, attend)

    def embedded(self, tokens_N: Tensor) -> Tensor:
        """In the type of the products, so that all that flows between blocks is half as large under autocast."""
        device = tokens_N.device.type
        x_NE = self.embedding(tokens_N)
        return x_NE.to(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else x_NE

    def logits(self, states_NE: Tensor) -> Tensor:
        """[N, V], fp32."""
        return F.linear(states_NE, self.head_VE.to(states_NE.dtype)).float()


def fuse(model: nn.Module) -> None:
    """Lets torch.compile make one kernel of each feed-forward layer's products and gate; attention has kernels of its own.

    Each number of tokens gets kernels of its own, so that a look at held-out text cannot change those of training.
    """
    for module in model.modules():
        if isinstance(module, FeedForward):
            module.compile(dynamic=False)


def initialise(model: Transformer, seed: int) -> Transformer:
    """Weights that depend on the seed and the shape alone; drawn on the CPU, in the order of their names.

    Matrices have a standard deviation of 0.5/sqrt(inputs), those that write into the residual stream are divided by
    sqrt(2·layers) beside (GPT-2); the embedding has 0.02.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.dim() == 1:
                weight.fill_(1.0)
                continue
            inputs = weight.shape[-2] if weight.dim() == 3 else weight.shape[-1]
            deviation = 0.02 if name == "embedding.weight" else 0.5 / inputs**0.5
            if name.endswith(("output.weight", "down.weight", "down")):
                deviation /= (2 * model.shape.layers) ** 0.5
            drawn = torch.empty(weight.shape).normal_(0, deviation, generator=generator)
            weight.copy_(drawn)
    return model
