from pathlib import Path

import pytest

from tests.jobs.runs.tune.tuned import make_base


@pytest.fixture(scope="package")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; its corpus lies beside it. Nothing changes either."""
    return make_base(tmp_path_factory.mktemp("tune"))
