"""How much of a costly thing a test does: as much as the Hypothesis profile says (tests/conftest.py)."""

from hypothesis import settings


def one_in(fewer: int) -> settings:
    """Draws one example where other tests draw `fewer`."""
    return settings(max_examples=max(2, settings.default.max_examples // fewer))


def deep() -> bool:
    """Whether this is `make test-deep`."""
    return settings.default.max_examples >= settings.get_profile("deep").max_examples
