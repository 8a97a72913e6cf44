"""Layers that keep codes in place of a matrix.

Many rows at once are multiplied with the decoded matrix, exactly. A few rows, which is what writing text asks for, go through
torch's own kernels for codes on a CPU: they read a quarter or an eighth of the bytes, and round what they multiply to bf16.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.quantise.codes import Codes, decode, encode, packed, unpacked

FEW_ROWS = 4  # up to which the kernels for codes were faster here than fp32 products
_KERNEL_GROUPS = (32, 64, 128, 256)  # that the kernel for 4 bits knows


class CodedMatrix(nn.Module):
    """A matrix [N, K] by its codes; `bytes` are int8 [N, K], or uint8 [N, K / 2] with two codes each."""

    def __init__(self, weight_NK: Tensor, bits: int, group: int) -> None:
        super().__init__()
        self.bits, self.inputs = bits, weight_NK.shape[1]
        self.group = min(group or self.inputs, self.inputs)
        codes, scales = encode(weight_NK, bits, self.group)
        self.register_buffer("bytes", codes if bits == 8 else packed(codes))
        self.register_buffer("scales", scales)
        self._kernel: tuple[Tensor, Tensor] | None = None  # of 4 bits: as the kernel of this CPU wants them

    @property
    def codes(self) -> Codes:
        stored, scales = self.get_buffer("bytes"), self.get_buffer("scales")
        return Codes(stored if self.bits == 8 else unpacked(stored, self.inputs), scales)

    @property
    def weight(self) -> Tensor:
        """Decoded, fp32 [N, K]."""
        return decode(self.codes, self.group)

    def product(self, x_MK: Tensor) -> Tensor:
        """x · matrixᵀ, in the type of x."""
        if x_MK.is_cuda or len(x_MK) > FEW_ROWS or not self.has_kernel:
            return F.linear(x_MK, self.weight.to(x_MK.dtype))
        given = x_MK.bfloat16().contiguous()
        if self.bits == 8:
            stored, scales = self.codes
            return torch._weight_int8pack_mm(given, stored, scales[:, 0]).to(x_MK.dtype)
        stored, scales = self._for_kernel()
        return torch._weight_int4pack_mm_for_cpu(given, stored, self.group, scales).to(x_MK.dtype)

    @property
    def has_kernel(self) -> bool:
        """Whether torch has a kernel for this shape: 8 bits by row, 4 bits by groups that divide it.

        That for 8 bits reads 16 inputs at a time and does not ask how many there are (torch 2.13): 70 give garbage, or a crash.
        """
        scales = self.get_buffer("scales")
        if self.bits == 8:
            return scales.shape[1] == 1 and self.inputs % 16 == 0
        return self.group in _KERNEL_GROUPS and self.inputs % self.group == 0 and len(scales) % 16 == 0

    def _for_kernel(self) -> tuple[Tensor, Tensor]:
        if self._kernel is None:
            codes, scales = self.codes
            stored = torch._convert_weight_to_int4pack_for_cpu((codes + 8).to(torch.int32), 1)
            self._kernel = stored, torch.stack([scales, torch.zeros_like(scales)], -1).transpose(0, 1).contiguous()
        return self._kernel


class CodedLinear(CodedMatrix):
    """In place of nn.Linear without a bias."""

    def forward(self, x_NK: Tensor) -> Tensor:
        return self.product(x_NK)


class CodedTable(CodedMatrix):
    """In place of nn.Embedding."""

    def forward(self, ids_N: Tensor) -> Tensor:
        stored, scales = self.get_buffer("bytes")[ids_N], self.get_buffer("scales")[ids_N]
        return decode(Codes(stored if self.bits == 8 else unpacked(stored, self.inputs), scales), self.group)
