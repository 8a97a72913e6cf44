from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from model.training.plan import TrainPlan, plan_of
from model.training.sizes import DEEPEST, NAMED, SIZES, Size
from pipeline.errors import UsageError

# Each was accepted, or gave a traceback, on 2026-11-28.
BAD: list[dict[str, Any]] = [
    {"embedding_rate": -1.0}, {"learning_rate": float("nan")}, {"learning_rate": -1.0}, {"clip": -1.0}, {"clip": 0.0},
    {"momentum": 2.0}, {"warmup_share": 5.0}, {"decay_share": 2.0}, {"final_rate": -1.0}, {"window": 0}, {"window": -3},
    {"keep_last": -5}, {"betas": (0.9,)}, {"betas": (0.9, 1.5)}, {"betas": (0.9, float("nan"))}, {"threads": -2},
    {"seed": 2**70}, {"seed": -1}, {"steps": 10**7}, {"weight_decay": float("inf")}, {"z_weight": -1.0}, {"steps": True},
    {"row_tokens": 1}, {"windows": "SX"}, {"experts": 2, "experts_used": 3}, {"experts_used": 0}, {"save_every": 0},
    {"keep_every": -1}, {"batch_rows": 0}, {"batch_rows": -4}, {"batch_rows": 10**30},
    {"experts": 2**70}, {"learning_rate": 1e308}, {"window": 2**70}, {"rope_base": 0.5}, {"norm_epsilon": 1e-320},
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_setting_out_of_its_bounds_is_one_line_that_names_it(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(bad))) as error:
        plan_of("tiny", **bad)
    assert "\n" not in str(error.value)


def test_warm_up_and_decay_share_the_steps() -> None:
    with pytest.raises(UsageError, match=r"warmup_share 0.8 and decay_share 0.3"):
        plan_of("tiny", warmup_share=0.8)
    assert plan_of("tiny", warmup_share=0.8, schedule="cosine").warmup_share == 0.8


@pytest.mark.parametrize("missing", NAMED)
def test_a_new_size_may_not_silently_take_another_s_rates(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 2026-11-28 a size without a row of rates was trained at those of `tiny`."""
    row = {name: value for name, value in SIZES["tiny"].plan.items() if name != missing}
    monkeypatch.setitem(SIZES, "wide", Size(SIZES["tiny"].shape, row))
    with pytest.raises(UsageError, match=rf"size wide has no {missing}: .*model/training/sizes\.py"):
        plan_of("wide", learning_rate=0.1, embedding_rate=0.1)


def test_every_size_names_what_it_is_trained_with() -> None:
    for name in SIZES:
        assert plan_of(name).model == name


def test_a_plan_without_rates_is_none() -> None:
    with pytest.raises(TypeError, match="learning_rate"):
        TrainPlan(model="small")


@pytest.mark.parametrize("size", SIZES)
def test_adamw_trains_all_weights_at_the_rate_that_was_asked_for(size: str) -> None:
    """It trained embedding, head and norms at .01, 33 times the rate asked for (2026-11-28)."""
    plan = plan_of(size, optimizer="adamw", learning_rate=3e-4)
    assert (plan.learning_rate, plan.embedding_rate) == (3e-4, 3e-4)
    assert plan_of(size, optimizer="adamw", learning_rate=3e-4, embedding_rate=1e-3).embedding_rate == 1e-3
    assert plan_of(size, learning_rate=3e-4).embedding_rate == SIZES[size].plan["embedding_rate"]


def test_a_depth_decides_all_else_by_its_rule() -> None:
    assert plan_of("d12").shape(50_257) == plan_of("gpt2").shape(50_257), "twelve layers are GPT-2's"
    assert (plan_of("d12").learning_rate, plan_of("d12").embedding_rate, plan_of("d12").step_tokens) == (0.002, 0.003, 524_288)
    plans = [plan_of(f"d{depth}") for depth in range(1, DEEPEST + 1)]
    for depth, plan in enumerate(plans, 1):
        shape = plan.shape(1000)
        assert shape.layers == depth and shape.width == 64 * depth == shape.heads * shape.head_width
        assert 0 <= shape.hidden - 8 / 3 * shape.width < 64 and shape.hidden % 64 == 0
        assert abs(plan.steps * plan.step_tokens - 20 * shape.parameters_by_part["matrices"]) <= plan.step_tokens
    for shallow, deep in pairwise(plans):
        assert deep.learning_rate <= shallow.learning_rate and deep.step_tokens >= shallow.step_tokens


@pytest.mark.parametrize("name", ["d0", f"d{DEEPEST + 1}", "d", "d1x", "d²", "d-1", "huge"])
def test_another_depth_or_name_is_no_model(name: str) -> None:
    with pytest.raises(UsageError, match=rf"--model {name} is not known: tiny, small, gpt2, or --depth of 1 to {DEEPEST}"):
        plan_of(name)


def test_a_shape_can_be_changed_part_by_part() -> None:
    changed = plan_of("tiny", layers=2, kv_heads=1, rope_base=5e5, tied=False, vocabulary_rows=400).shape(300)
    assert changed == replace(SIZES["tiny"].shape, layers=2, kv_heads=1, rope_base=5e5, tied=False, vocabulary=400)
    with pytest.raises(UsageError, match="vocabulary_rows is 400 and 500 tokens"):
        plan_of("tiny", vocabulary_rows=400).shape(500)
    with pytest.raises(UsageError, match="must divide"):
        plan_of("tiny", kv_heads=2)


def test_what_cannot_be_split_over_processes_is_refused() -> None:
    for changes in ({"compile": True}, {"objective": "spans"}):
        with pytest.raises(UsageError, match="sharded goes with neither compile nor missing spans"):
            plan_of("tiny", sharded=True, **changes)
