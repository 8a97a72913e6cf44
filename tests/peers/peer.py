"""What tests of peers share: each is skipped where its own reader is missing (`make test-peers` has them all)."""

from importlib.util import find_spec

import pytest


def peer(module: str, install: str) -> pytest.MarkDecorator:
    missing = find_spec(module) is None
    return pytest.mark.skipif(missing, reason=f"needs the peer's own reader: pip install {install}")
