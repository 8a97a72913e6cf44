from dataclasses import dataclass, fields
from typing import Any, Literal

import pytest

from pipeline.errors import RecipeError, UsageError
from pipeline.read.http.response import HttpLimits
from pipeline.read.rows.columns import RowLimits
from pipeline.read.warc.records import WarcLimits
from pipeline.settings import check_settings, read_value, setting


@dataclass(frozen=True, kw_only=True)
class Oven:
    share: float = setting(0.5, "of the heat", minimum=0, below=1)
    heat: float = setting(200.0, "degrees", above=0, maximum=300)
    trays: int | None = setting(None, "of them", minimum=1)
    doors: tuple[float, float] = setting((0.1, 0.2), "how far they are open", minimum=0, maximum=1)
    names: tuple[str, ...] = setting((), "of who may open them")
    mode: str = setting("fan", "how it heats", choices=("fan", "grill"))
    light: Literal["on", "off"] = setting("on", "inside")
    timer: bool = setting(False, "rings")

    def __post_init__(self) -> None:
        check_settings(self)


GOOD: list[dict[str, Any]] = [
    {}, {"share": 0}, {"share": 0.999}, {"heat": 300}, {"trays": 1}, {"doors": (0, 1)}, {"names": ("a", "b")}, {"mode": "grill"},
]  # fmt: skip


@pytest.mark.parametrize("values", GOOD, ids=str)
def test_a_value_on_its_bound_is_allowed_where_the_bound_is(values: dict[str, Any]) -> None:
    Oven(**values)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"share": 1}, "share is 1: a number, at least 0, below 1"),
        ({"share": -0.1}, "share is -0.1: a number, at least 0, below 1"),
        ({"heat": 0}, "heat is 0: a number, above 0, at most 300"),
        ({"heat": float("nan")}, "heat is nan: a number, above 0, at most 300"),
        ({"heat": float("inf")}, "heat is inf: a number, above 0, at most 300"),
        ({"share": "half"}, "share is 'half': a number, at least 0, below 1"),
        ({"share": True}, "share is True: a number, at least 0, below 1"),
        ({"trays": 0}, "trays is 0: a whole number, at least 1, or not set"),
        ({"trays": 1.0}, "trays is 1.0: a whole number, at least 1, or not set"),
        ({"trays": True}, "trays is True: a whole number, at least 1, or not set"),
        ({"doors": (0.1,)}, "doors is (0.1,): 2 numbers, at least 0, at most 1"),
        ({"doors": (0.1, 1.1)}, "doors is (0.1, 1.1): 2 numbers, at least 0, at most 1"),
        ({"doors": 0.1}, "doors is 0.1: 2 numbers, at least 0, at most 1"),
        ({"names": "ab"}, "names is 'ab': texts"),
        ({"mode": "steam"}, "mode is 'steam': one of fan, grill"),
        ({"light": "dim"}, "light is 'dim': one of on, off"),
        ({"timer": 1}, "timer is 1: true or false"),
    ],
    ids=str,
)
def test_a_bad_value_is_one_line_with_its_name_and_what_is_allowed(values: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as error:
        Oven(**values)
    assert str(error.value) == line


def test_the_error_is_the_caller_s_and_names_the_section() -> None:
    with pytest.raises(RecipeError, match=r"^oven\.share is 2: "):
        check_settings(_unchecked(share=2), RecipeError, "oven.")


def _unchecked(**values: Any) -> Oven:
    oven = Oven()
    for name, value in values.items():
        object.__setattr__(oven, name, value)
    return oven


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [("share", "0.25", 0.25), ("doors", "0,1", (0.0, 1.0)), ("timer", "True", True), ("mode", "grill", "grill")],
)
def test_a_value_is_read_as_its_setting_s_type(name: str, text: str, expected: Any) -> None:
    assert read_value(Oven, name, text) == expected


@pytest.mark.parametrize(
    ("name", "text"), [("share", "much"), ("share", "nan"), ("heat", "1e999"), ("doors", "0,x"), ("timer", "maybe")]
)
def test_a_text_that_is_no_such_value_is_one_line(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=rf"^{name} is "):
        read_value(Oven, name, text)


@pytest.mark.parametrize("limits", [WarcLimits, HttpLimits, RowLimits], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_below_one_is_refused(limits: type[Any], value: int) -> None:
    """`max_record_bytes = -1` and `= 0` were accepted (2026-11-28)."""
    for field in (field for field in fields(limits) if field.metadata["minimum"] == 1):
        with pytest.raises(RecipeError, match=rf"\.{field.name} is {value}: a whole number, at least 1$"):
            limits(**{field.name: value})
