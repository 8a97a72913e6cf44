"""Numbers that make no sense are one line each; on 2026-11-28 they were tracebacks, complex numbers or silence."""

import dataclasses
from typing import get_args, get_type_hints

import pytest

from jobs.commands.app import app
from jobs.corpus.recipe import Recipe, build_recipe
from model.post.settings import TuneSettings
from model.training.plan import TrainPlan
from pipeline.errors import RecipeError, UsageError
from pipeline.settings import read_value


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("plan --flops -5", "--flops is -5.0: a number, above 0"),
        ("plan --flops nan", "--flops is nan: a number, above 0"),
        ("plan --mfu 0", "--mfu is 0.0: a number, above 0, at most 1"),
        ("plan --mfu 1.5", "--mfu is 1.5: a number, above 0, at most 1"),
        ("plan --tokens -1", "--tokens is -1.0: a number, above 0"),
        ("plan --vocabulary 0", "--vocabulary is 0: a whole number, at least 1"),
        ("plan --deletion --late-share 1", "--late-share is 1.0: a number, at least 0, below 1"),
        ("plan --set learning_rate=nan", "learning_rate is nan: a number, above 0, at most 1,000"),
        ("plan --set betas=0.9", "betas is (0.9,): 2 numbers, at least 0, below 1"),
        ("plan --set betas=a,b", "betas is 'a,b': 2 numbers, at least 0, below 1"),
        ("plan --set threads=-2", "threads is -2: a whole number, at least 0, at most 1,024"),
        ("plan --set compile=perhaps", "compile is 'perhaps': true or false"),
        ("plan --set model=small", "--set model=small: a size brings settings of its own; --model small"),
        ("plan --set batch_rows=0", "batch_rows is 0: a whole number, at least 1, at most 16,777,216"),
        ("plan --steps 0", "steps is 0: a whole number, at least 1, at most 9,999,999"),
        ("generate RUN --samples 0", "--samples is 0: a whole number, at least 1, at most 65,536"),
        (f"generate RUN --beams {2**70}", f"--beams is {2**70}: a whole number, at least 1, at most 1,024"),
        ("generate RUN --max-tokens 0", "--max-tokens is 0: a whole number, at least 1"),
        ("evaluate RUN --rows 0", "--rows is 0: a whole number, at least 1"),
        ("ablate A B -o C --seeds 0", "--seeds is 0: a whole number, at least 1, at most 4,096"),
        ("train A -o B --workers -1", "--workers is -1: a whole number, at least 0, at most 1,024"),
        ("train A -o B --evaluate-every -1", "--evaluate-every is -1: a whole number, at least 0"),
        (f"train A -o B --seed {2**70}", f"seed is {2**70}: a whole number, at least 0, at most 9,223,372,036,854,775,807"),
    ],
)
def test_a_number_out_of_bounds_is_one_line_that_says_what_is_allowed(command: str, line: str) -> None:
    with pytest.raises(UsageError) as error:
        app(command.split(), standalone_mode=False)
    assert str(error.value) == line


SETTINGS = [
    (kind, name)
    for kind in (TrainPlan, TuneSettings)
    for name, of_field in get_type_hints(kind).items()
    if of_field in (int, float) and name != "clip"  # a bound that nothing reaches is how clipping is left out
]


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_no_number_of_a_training_or_a_tuning_may_be_beyond_all_bounds(kind: type, name: str) -> None:
    """On 2026-12-01 2**70 experts and a rate of 1e308 were errors that nobody foresaw."""
    for huge in ("1e308", str(2**70), str(-(2**70)), "nan", "-inf"):
        with pytest.raises(UsageError, match=f"^{name} is ") as error:
            read_value(kind, name, huge)
        assert "\n" not in str(error.value)


NUMBERS = [
    (section.name, name)
    for section in dataclasses.fields(Recipe)
    if section.name != "rules"
    for name, kind in get_type_hints(type(getattr(Recipe(), section.name))).items()
    if {int, float} & {kind, *get_args(kind)} and name != "seed"
]


@pytest.mark.parametrize(("section", "name"), NUMBERS)
def test_no_number_of_a_recipe_may_be_below_what_it_counts(section: str, name: str) -> None:
    """Some took -1, and read on as if there were no limit (2026-11)."""
    for value in (-1, 0) if name.startswith(("max_", "row")) and name not in NAUGHT_IS_FINE else (-1,):
        with pytest.raises(RecipeError, match=name):
            build_recipe({section: {name: value}})


# Shares, and counts of which none at all can be meant.
NAUGHT_IS_FINE = {
    "max_masked", "max_metadata_bytes", "max_gap_ngrams", "max_template_share", "max_copy_share", "max_wrong_share",
    "max_days_from_median", "max_new_share",
}  # fmt: skip
