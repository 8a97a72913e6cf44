"""Linear layers of a model swapped for others: what adapters, and whatever else works on matrices, are made by."""

from collections.abc import Callable

from torch import nn


def swap_linears(
    model: nn.Module, match: Callable[[str], bool], make: Callable[[str, nn.Linear], nn.Module], kind: type[nn.Module] = nn.Linear
) -> list[str]:
    """Puts `make(name, layer)` in the place of every layer of this kind whose name matches; the names, in their order.

    `match` sees "stack.blocks.0.attention.query". A layer inside one that was swapped is left alone.
    """
    found = [(name, module) for name, module in model.named_modules() if isinstance(module, kind) and match(name)]
    for name, layer in found:
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, make(name, layer))  # type: ignore[arg-type]  # of this kind
    return [name for name, _ in found]
