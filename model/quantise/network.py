"""The transformer with codes in place of its matrices; norms stay as they are."""

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn

from model.network.shape import DECODER, Shape
from model.network.swap import swap_linears
from model.network.transformer import Transformer
from model.quantise.layers import CodedLinear, CodedMatrix, CodedTable
from pipeline.errors import UsageError
from pipeline.settings import check_settings, setting

GROUP_OF = {8: 0, 4: 64}


@dataclass(frozen=True, kw_only=True)
class QuantiseSettings:
    """How many bits, and how many weights share a scale."""

    bits: int = setting(8, "of a weight of the blocks, 8 or 4", choices=(8, 4))
    group: int = setting(0, "weights of a row that share a scale; 0: the whole row", minimum=0, maximum=1 << 20)
    table_bits: int = setting(8, "of the table that embeds and scores tokens: it bears rounding least", choices=(8, 4))

    def __post_init__(self) -> None:
        check_settings(self)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def quantise_settings(bits: int, group: int | None = None, table_bits: int | None = None) -> QuantiseSettings:
    """A row shares a scale at 8 bits, 64 weights at 4, unless it is said otherwise."""
    return QuantiseSettings(
        bits=bits, group=GROUP_OF.get(bits, 0) if group is None else group, table_bits=8 if table_bits is None else table_bits
    )


class CodedTransformer(Transformer):
    """A decoder of codes."""

    def __init__(self, shape: Shape, settings: QuantiseSettings) -> None:
        if shape.kind != DECODER or shape.experts:
            raise UsageError("only a decoder without experts is made of whole numbers")
        super().__init__(shape)
        self.settings = settings

    def logits(self, states_NE: Tensor) -> Tensor:
        head = self.embedding if self.shape.tied else self.scores
        assert isinstance(head, CodedMatrix)
        return head.product(states_NE).float()


def quantised(model: Transformer, settings: QuantiseSettings) -> CodedTransformer:
    """A copy of the model in codes, on the CPU; the model stays as it is."""
    made = CodedTransformer(model.shape, settings)
    made.load_state_dict(model.state_dict())

    def coded(name: str, layer: nn.Linear) -> CodedLinear:
        return CodedLinear(layer.weight, settings.table_bits if name == "scores" else settings.bits, settings.group)

    swap_linears(made, lambda _: True, coded)
    table = CodedTable(made.embedding.weight, settings.table_bits, 0 if settings.table_bits == 8 else settings.group)
    made.embedding = table  # type: ignore[assignment]  # it looks up and has a weight, as the other does
    return made


def restored(model: CodedTransformer) -> Transformer:
    """An ordinary model with the weights that the codes stand for."""
    made = Transformer(model.shape)
    weights: dict[str, Tensor] = dict(model.named_parameters())
    weights |= {f"{name}.weight": part.weight for name, part in model.named_modules() if isinstance(part, CodedMatrix)}
    made.load_state_dict(weights)
    return made
