"""Stretched rotary positions: transformers' own numbers, through training, the cache, export and import."""

import json
import math
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from model.export_hf import config, export_hf
from model.generate import Cache, extend
from model.hf_rope import read_rope
from model.import_hf import read_shape, read_weights
from model.network.attention import Layout, PackedAttend
from model.network.rotary import periods
from model.network.scaling import NOT_SCALED, RopeScaling
from model.network.shape import Shape
from model.network.transformer import Transformer, initialise
from model.training.plan import plan_from_json, plan_of
from pipeline.errors import UsageError
from tests.model.test_export_hf import shape

LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
STRETCHED: dict[str, dict[str, Any]] = {
    "linear": {"rope_type": "linear", "factor": 4.0},
    "llama3": LLAMA3 | {"original_max_position_embeddings": 16},
    "llama 3.1": LLAMA3 | {"original_max_position_embeddings": 8192, "rope_theta": 500_000.0},
    "yarn": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
    "yarn of qwen3": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768, "rope_theta": 1e6},
    "yarn, all said": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 64, "beta_fast": 16.0,
                       "beta_slow": 2.0, "attention_factor": 1.3, "truncate": False},
    "yarn of deepseek": {"rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 4096, "mscale": 1.0,
                         "mscale_all_dim": 0.5},
    "yarn, nothing between": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4, "beta_fast": 2,
                              "beta_slow": 1},
}  # fmt: skip
CPU = torch.device("cpu")


def stretched(kind: str, **changes: Any) -> Shape:
    base, scaling = read_rope({"rope_theta": 10_000.0, "max_position_embeddings": 64, "rope_parameters": STRETCHED[kind]})
    return shape(rope_base=float(base), rope_scaling=scaling, **changes)


def logits(model: Transformer, ids: torch.Tensor) -> torch.Tensor:
    attend = PackedAttend(Layout.of(torch.tensor([0, len(ids)], dtype=torch.int32), CPU))
    with torch.no_grad():
        return model.logits(model(ids, torch.arange(len(ids)), attend).states_NE)


def awake(of: Shape) -> Transformer:
    """A model whose attention differs from place to place; fresh weights are too small for positions to matter."""
    model = initialise(Transformer(of), seed=3)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.3 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    return model


@pytest.mark.parametrize("kind", STRETCHED)
@pytest.mark.parametrize("changes", [{}, {"query_key_norms": False, "kv_heads": 2}], ids=["qwen3", "llama"])
def test_transformers_computes_the_same_logits_of_what_is_exported_and_it_comes_back(
    tmp_path: Path, kind: str, changes: dict[str, Any]
) -> None:
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    model = awake(stretched(kind, **changes))
    export_hf(model, tmp_path, context=64, end_of_text=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    ids = torch.randint(0, 192, (64,), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = theirs(ids[None]).logits[0]
    plain = Transformer(replace(model.shape, rope_scaling=NOT_SCALED))
    plain.load_state_dict(model.state_dict())
    ours, largest = logits(model, ids), expected.abs().max()
    assert (ours - expected).abs().max() < 1e-5 * largest
    assert (logits(plain, ids) - expected).abs().max() > 1e-3 * largest, "else this test would not see the stretching"
    found = read_shape(tmp_path)
    assert found == model.shape and torch.equal(logits(read_weights(tmp_path, found), ids), ours)


@pytest.mark.parametrize("kind", STRETCHED)
def test_a_config_that_transformers_has_saved_is_read_as_it_reads_it(tmp_path: Path, kind: str) -> None:
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    theirs = transformers.Qwen3Config(
        vocab_size=192, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4,
        head_dim=16,        max_position_embeddings=64, rope_parameters={"rope_theta": 10_000.0} | STRETCHED[kind],
    )  # fmt: skip
    frequencies, attention = ROPE_INIT_FUNCTIONS[STRETCHED[kind]["rope_type"]](theirs)
    theirs.save_pretrained(tmp_path)
    found = read_shape(tmp_path)
    assert torch.allclose(1 / periods(found, CPU), frequencies, rtol=1e-6, atol=0)
    assert found.rope_scaling.attention == pytest.approx(attention, abs=1e-12)


def by_hand(of: Shape) -> list[float]:
    """Frequencies as the papers and Llama 3.1's code have them, pair by pair in double precision."""
    scaling, found = of.rope_scaling, []
    for pair in range(of.head_width // 2):
        own = of.rope_base ** (-2 * pair / of.head_width)
        turns = scaling.context * own / (2 * math.pi)
        few, many = scaling.turns or (0, 0)
        if scaling.type == "linear":
            kept = 0.0
        elif scaling.type == "llama3":
            kept = 0.0 if turns < few else 1.0 if turns > many else (turns - few) / (many - few)
        else:
            first, last = (of.head_width * math.log(scaling.context / (2 * math.pi * times)) for times in (many, few))
            first, last = first / (2 * math.log(of.rope_base)), last / (2 * math.log(of.rope_base))
            if scaling.whole:
                first, last = math.floor(first), math.ceil(last)
            first, last = max(0, first), min(last, of.head_width - 1)
            kept = 1 - min(1.0, max(0.0, (pair - first) / (last - first if last != first else 0.001)))
        found.append(own * kept + own / scaling.factor * (1 - kept))
    return found


@pytest.mark.parametrize("kind", STRETCHED)
def test_frequencies_are_those_of_the_formulas(kind: str) -> None:
    of = stretched(kind)
    assert (1 / periods(of, CPU)).tolist() == pytest.approx(by_hand(of), rel=1e-6)


@pytest.mark.parametrize("kind", ["linear", "llama3", "yarn"])
def test_what_is_written_token_by_token_is_what_is_read_at_once(kind: str) -> None:
    model, ids = awake(stretched(kind, kv_heads=2)), list(range(1, 41))
    cache = Cache(model, 1, 41)
    with torch.no_grad():
        parts = [extend(model, [[token]], cache) for token in ids]
    assert (torch.cat(parts) - logits(model, torch.tensor(ids))).abs().max() < 1e-3


@pytest.mark.parametrize("kind", STRETCHED)
def test_a_plan_says_the_same_as_the_config(kind: str) -> None:
    expected = stretched(kind).rope_scaling
    plan = plan_of("tiny", **{f"rope_{name}": value for name, value in asdict(expected).items()})
    assert plan_from_json(json.loads(json.dumps(plan.to_json()))).shape(100).rope_scaling == expected


def test_what_a_plan_leaves_out_is_the_papers() -> None:
    yarn = plan_of("tiny", rope_type="yarn", rope_factor=4, rope_context=256).shape(100).rope_scaling
    assert yarn.turns == (1.0, 32.0) and yarn.attention == pytest.approx(0.1 * math.log(4) + 1)
    llama3 = plan_of("tiny", rope_type="llama3", rope_factor=8, rope_context=256).shape(100).rope_scaling
    assert llama3 == RopeScaling(type="llama3", factor=8.0, context=256, turns=(1.0, 4.0))
    assert plan_of("tiny").shape(100).rope_scaling == NOT_SCALED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rope_factor": 4.0}, "rope_factor is 4.0 and rope_type default"),
        ({"rope_type": "dynamic"}, "rope_type is 'dynamic': one of default, linear, llama3, yarn"),
        ({"rope_type": "yarn", "rope_factor": 4}, "rope_context is 0 and rope_type yarn"),
        ({"rope_type": "linear", "rope_context": 8}, "rope_context is 8 and rope_type linear"),
        ({"rope_type": "llama3", "rope_context": 8, "rope_turns": (4.0, 1.0)}, "the lower one first"),
        ({"rope_type": "llama3", "rope_context": 8, "rope_turns": (4.0,)}, "two numbers, of llama3 or yarn"),
        ({"rope_type": "linear", "rope_attention": 1.2}, "rope_attention and rope_whole are of yarn alone"),
        ({"rope_type": "yarn", "rope_context": 8, "rope_base": 1.0}, "yarn wants one above 1"),
    ],
    ids=str,
)
def test_a_plan_that_contradicts_itself_is_refused_in_a_line(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        plan_of("tiny", **changes)


@pytest.mark.parametrize(
    ("rope", "why"),
    [
        ({"rope_type": "dynamic", "factor": 2.0}, "by 'dynamic': only default, linear, llama3, yarn"),
        ({"rope_type": "longrope", "factor": 2.0, "short_factor": [1.0]}, "by 'longrope'"),
        ({"type": "dynamic", "factor": 2.0}, "by 'dynamic'"),
        ({"rope_type": ["yarn"]}, r"by \['yarn'\]"),
        ({"rope_type": "yarn", "factor": 2.0, "finetuned": True}, "with finetuned, which is not known"),
        ({"rope_type": "linear"}, "with factor = None: a number above 0"),
        ({"rope_type": "linear", "factor": "4"}, "with factor = '4': a number above 0"),
        ({"rope_type": "linear", "factor": 0.5}, "rope_factor is 0.5"),
        ({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0}, "with high_freq_factor = None"),
        (LLAMA3 | {"high_freq_factor": 1.0}, "the lower one first"),
        (LLAMA3 | {"original_max_position_embeddings": 16.5}, "= 16.5: a whole number above 0"),
        ({"rope_type": "yarn", "factor": 2.0, "truncate": "no"}, "with truncate = 'no': true or false"),
        ({"rope_type": "yarn", "factor": 2.0, "attention_factor": math.inf}, "with attention_factor = inf"),
        ({"rope_type": "linear", "factor": 2.0, "partial_rotary_factor": 0.5}, "a part of each head"),
        ({"full_attention": {"rope_type": "default"}, "sliding_attention": {"rope_type": "default"}}, "by kind of layer"),
        ("yarn", "by kind of layer, or none"),
    ],
    ids=str,
)
@pytest.mark.parametrize("under", ["rope_parameters", "rope_scaling"])
def test_positions_that_are_none_of_these_are_refused_in_a_line(tmp_path: Path, under: str, rope: Any, why: str) -> None:
    written = config(shape(), context=64, end_of_text=0) | {under: rope}
    (tmp_path / "config.json").write_text(json.dumps(written))
    with pytest.raises(UsageError, match=why) as error:
        read_shape(tmp_path)
    assert str(error.value).startswith(str(tmp_path / "config.json")) and "\n" not in str(error.value)


def test_older_configs_say_it_in_older_words(tmp_path: Path) -> None:
    """`rope_scaling` with `type`, beside an `original_max_position_embeddings` of the config itself."""
    written = config(shape(), context=64, end_of_text=0) | {
        "rope_scaling": {"type": "yarn"},
        "original_max_position_embeddings": 16,
    }
    del written["rope_parameters"]
    (tmp_path / "config.json").write_text(json.dumps(written))
    expected = RopeScaling(type="yarn", factor=4.0, context=16, turns=(1.0, 32.0), attention=0.1 * math.log(4) + 1)
    assert read_shape(tmp_path).rope_scaling == expected
