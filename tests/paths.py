"""Where tests find things that are not theirs."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
_beside = PROJECT.parent / "shared"
SHARED: Path | None = _beside if _beside.is_dir() else None  # real data of a developer's checkout; tests skip without it
