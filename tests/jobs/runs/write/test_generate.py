"""`winnow generate` as people use it: stops, bias, beams, files of prompts."""

import json
from pathlib import Path

import pytest

from jobs.runs.generate_text import load_run
from jobs.runs.write.batch import Asked, answered
from model.generate import SamplingSettings
from pipeline.errors import InputError, UsageError
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import make_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("write"))


def test_a_text_ends_before_its_stop(base: Path) -> None:
    whole = inside("generate", base, "--prompt", "the page", "--max-tokens", 20)
    stop = whole.strip()[4:7]
    assert (
        inside("generate", base, "--prompt", "the page", "--max-tokens", 20, "--stop", stop) == whole[: whole.index(stop)] + "\n"
    )
    [text, _] = json.loads(
        inside("generate", base, "--prompt", "the page", "--max-tokens", 20, "--stop", stop, "--samples", 2, "--json")
    )["samples"]
    assert text == whole[: whole.index(stop)]


def test_a_bias_forbids_or_forces_a_token(base: Path) -> None:
    forced = inside("generate", base, "--max-tokens", 3, "--bias", "x=100", "--bias", "0=-100")
    assert forced == "xxx\n"
    refused("generate", base, "--bias", "no such token=1", words=("tokens",))
    refused("generate", base, "--bias", "x", words=("--bias x",))
    refused("generate", base, "--bias", "x=101", words=("-100 to 100",))
    refused("generate", base, "--bias", "99999=1", "--max-tokens", 1, words=("bias is of token",))


def test_beams_give_the_likeliest_texts_best_first(base: Path) -> None:
    said = json.loads(inside("generate", base, "--prompt", "the page", "--beams", 4, "--max-tokens", 6, "--json"))["likeliest"]
    assert len(said) == 4 and [one["score"] for one in said] == sorted((one["score"] for one in said), reverse=True)
    best = inside("generate", base, "--prompt", "the page", "--temperature", 0, "--max-tokens", 6)
    one = json.loads(inside("generate", base, "--prompt", "the page", "--beams", 1, "--max-tokens", 6, "--json"))["likeliest"]
    assert one[0]["text"] == best[:-1]
    assert "--- 4, log p" in inside("generate", base, "--beams", 4, "--max-tokens", 4)
    refused("generate", base, "--beams", 2, "--stop", "x", words=("--beams goes with",))


def test_a_file_of_prompts_is_answered_as_each_would_be_alone(base: Path, tmp_path: Path) -> None:
    prompts = ["the page", "yes no", "of a crawl", "1 2 3", "what it says"]
    lines = [{"prompt": prompt} | ({"id": f"p{n}"} if n % 2 else {}) for n, prompt in enumerate(prompts)]
    (tmp_path / "asked.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    given = ("--max-tokens", 12, "--seed", 3, "--stop", "9")
    said = inside("generate", base, "--prompts", tmp_path / "asked.jsonl", "--samples", 2, "--slots", 3, *given).splitlines()
    found = {(one["id"], one["sample"]): one for one in map(json.loads, said)}
    assert set(found) == {(name, sample) for name in (1, "p1", 3, "p3", 5) for sample in (0, 1)}
    for name, prompt in zip((1, "p1", 3, "p3", 5), prompts, strict=True):
        alone = json.loads(inside("generate", base, "--prompt", prompt, "--samples", 2, *given, "--json"))["samples"]
        assert [found[name, sample]["text"] for sample in (0, 1)] == alone


def test_a_prompt_without_room_is_an_error_of_its_line(base: Path, tmp_path: Path) -> None:
    (tmp_path / "asked.jsonl").write_text(json.dumps({"prompt": "x" * 200}) + "\n" + json.dumps({"prompt": "x"}) + "\n")
    said = [json.loads(line) for line in inside("generate", base, "--prompts", tmp_path / "asked.jsonl").splitlines()]
    assert "shorten it" in said[0]["error"] and said[1]["id"] == 2 and "text" in said[1]


@pytest.mark.parametrize(
    "content", [b"{\n", b"[]\n", b'{"prompt": 1}\n', b"[" * 100_000, b'{"prompt": "x", "id": []}\n', b"\xff\n"]
)
def test_a_line_that_is_none_is_named(base: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "asked.jsonl").write_bytes(content)
    with pytest.raises(InputError, match="line 1"):
        inside("generate", base, "--prompts", tmp_path / "asked.jsonl")


def test_nothing_is_decoded_of_rows_that_no_token_has(base: Path) -> None:
    loaded = load_run(base)
    assert loaded.decoded(len(loaded.encoder.vocabulary)) == b""


def test_a_stop_that_is_none_is_no_error_of_a_prompt(base: Path) -> None:
    """It was, after the prompt had joined, and the next step found a text that nobody had asked for (2026-11)."""
    with pytest.raises(UsageError, match="stop is"):
        next(answered(load_run(base), iter([Asked(1, "the")]), SamplingSettings(), samples=1, stops=("",), slots=1))
