import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from model.network.attention import PackedAttend, attend_piece
from model.network.experts import Experts
from model.network.shape import Shape
from model.network.transformer import Transformer
from model.training.sizes import SIZES, shape_of
from pipeline.errors import UsageError
from tests.examples import one_in
from tests.model.small import model_of, packed, shape

KINDS = [{}, {"windows": "SL", "window": 3}, {"experts": 4}, {"kind": "encoder"}, {"tied": False}]


def states(model: Transformer, ids: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    positions, attend = packed(sizes)
    with torch.no_grad():
        return model(ids, positions, attend).states_NE


@pytest.mark.parametrize("changes", KINDS, ids=str)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=5), st.integers(0, 100))
@one_in(3)
def test_a_document_does_not_see_its_neighbours(changes: dict[str, object], sizes: list[int], seed: int) -> None:
    model = model_of(**changes)
    ids = torch.randint(0, 192, (sum(sizes),), generator=torch.Generator().manual_seed(seed))
    together = states(model, ids, sizes)
    alone = torch.cat([states(model, piece, [len(piece)]) for piece in ids.split(sizes)])
    assert torch.allclose(together, alone, atol=1e-5)
    others = ids.clone()
    others[sizes[0] :] = (others[sizes[0] :] + 1) % 192
    changed = states(model, others, sizes)
    # To the bit, but that experts multiply as many tokens at once as chose them.
    assert torch.allclose(changed[: sizes[0]], together[: sizes[0]], rtol=0, atol=1e-6 if "experts" in changes else 0)


def test_a_decoder_does_not_see_the_future_and_an_encoder_does() -> None:
    ids = torch.arange(10)
    other = ids.clone()
    other[-1] = 99
    for kind, sees in (("decoder", False), ("encoder", True)):
        model = model_of(kind=kind)
        assert torch.equal(states(model, ids, [10])[:9], states(model, other, [10])[:9]) is not sees


@given(st.integers(1, 12), st.integers(1, 14), st.booleans())
def test_attention_is_the_weighted_mean_over_what_may_be_seen(size: int, window: int, causal: bool) -> None:
    generator = torch.Generator().manual_seed(size)
    query, key, value = (torch.randn(size, 2, 4, generator=generator) for _ in range(3))
    expected = torch.zeros(size, 2, 4)
    for i in range(size):
        seen = [j for j in range(size) if abs(i - j) < window and (j <= i or not causal)]
        for head in range(2):
            weights = torch.stack([query[i, head] @ key[j, head] / 2 for j in seen]).softmax(0)
            expected[i, head] = sum(weight * value[j, head] for weight, j in zip(weights, seen, strict=True))
    assert torch.allclose(attend_piece(query, key, value, causal=causal, window=window), expected, atol=1e-5)


def through_all(experts: Experts, x_NE: torch.Tensor) -> torch.Tensor:
    """Every token through every expert, weighted by the shares of those it chose."""
    shares_NU, experts_NU, _ = experts.routed(x_NE)
    shares_NX = torch.zeros(len(x_NE), len(experts.gate)).scatter(1, experts_NU, shares_NU)
    hidden = F.silu(torch.einsum("ne,xef->nxf", x_NE, experts.gate)) * torch.einsum("ne,xef->nxf", x_NE, experts.up)
    return torch.einsum("nxf,xfe,nx->ne", hidden, experts.down, shares_NX)


def test_experts_equal_sending_every_token_through_all() -> None:
    model = model_of(experts=5, experts_used=2)
    experts = model.stack.blocks[0].feed_forward
    x = torch.randn(40, 32, generator=torch.Generator().manual_seed(0), requires_grad=True)
    fast, _ = experts(x)
    slow = through_all(experts, x)
    assert torch.allclose(fast, slow, atol=1e-5)
    gradients = [torch.autograd.grad(out.square().sum(), [x, experts.gate, experts.router.weight]) for out in (fast, slow)]
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(*gradients, strict=True))


def test_the_balance_of_experts_is_one_when_all_are_used_alike_and_grows_when_they_are_not() -> None:
    experts = model_of(experts=4, experts_used=1).stack.blocks[0].feed_forward
    with torch.no_grad():
        experts.router.weight.copy_(torch.eye(4, 32) * 50)
        even, one_sided = torch.eye(4, 32).repeat(8, 1), torch.eye(4, 32)[:1].repeat(32, 1)
        assert experts(even)[1].item() == pytest.approx(1, abs=1e-4)
        assert experts(one_sided)[1].item() == pytest.approx(4, abs=1e-4)


def test_an_encoder_decoder_reads_its_own_piece_of_the_memory_only() -> None:
    model = model_of(kind="encoder-decoder")
    memory_ids, ids = torch.arange(9), torch.arange(20, 26)

    def run(memory_ids: torch.Tensor) -> torch.Tensor:
        positions, attend = packed([4, 5])
        with torch.no_grad():
            memory = model.encode(memory_ids, positions, attend).states_NE
            own_positions, own = packed([3, 3])
            across = PackedAttend(own.queries, attend.queries)
            return model(ids, own_positions, own, memory, across).states_NE

    changed = memory_ids.clone()
    changed[:4] = 77
    before, after = run(memory_ids), run(changed)
    assert torch.equal(before[3:], after[3:])
    assert not torch.allclose(before[:3], after[:3])


@pytest.mark.parametrize("changes", [{}, {"experts": 3}, {"kind": "encoder-decoder"}, {"tied": False}, {"kv_heads": 4}], ids=str)
def test_parameters_are_counted_without_building_the_model(changes: dict[str, object]) -> None:
    model = model_of(**changes)
    assert shape(**changes).parameters == sum(weight.numel() for weight in model.parameters())


def test_sizes_are_what_their_names_promise() -> None:
    assert shape_of("tiny", 16_384).parameters <= 1_000_000
    assert 8e6 < shape_of("small", 16_384).parameters < 12e6
    gpt2 = shape_of("gpt2", 50_257)
    assert gpt2.vocabulary == 50_304
    assert gpt2.parameters_by_part["matrices"] == 84_934_656
    assert gpt2.flops_per_token(1024) == pytest.approx(854.7e6, rel=1e-3)  # the convention of nanoGPT and llm.c
    assert gpt2.flops_per_token(1024, causal=True) == pytest.approx(798.0e6, rel=1e-3)


def test_weights_depend_on_the_seed_alone() -> None:
    one, same, other = model_of(seed=1), model_of(seed=1), model_of(seed=2)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert not torch.equal(one.embedding.weight, other.embedding.weight)


IMPOSSIBLE = [
    {"kind": "parrot"}, {"heads": 3, "kv_heads": 2}, {"head_width": 7}, {"windows": "SXL"}, {"experts": 2, "experts_used": 3},
]  # fmt: skip


@pytest.mark.parametrize("bad", IMPOSSIBLE, ids=str)
def test_an_impossible_shape_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        shape(**bad)


def test_an_unknown_size_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=", ".join(SIZES)):
        shape_of("huge", 100)
    assert isinstance(shape_of("tiny", 100, windows="SL"), Shape)
