"""What pipeline/kernels/signs.py says of a row, by patterns."""

import re

GAP = rb"[ ()+./\-\xc2\xa0]{0,3}"
PATTERNS = {
    1: rb"(?s).@.|.:/",
    2: rb"\d(?:" + GAP + rb"\d){5}",
    4: rb"\d\.\d+\.\d+\.\d",
    8: rb":[0-9A-Fa-f]*:",
}


def signs(raw: bytes) -> int:
    found = sum(bit for bit, pattern in PATTERNS.items() if re.search(pattern, raw))
    runs = re.findall(rb"[A-Za-z0-9]+", raw)
    tokens = re.findall(rb"[A-Za-z0-9_\-]+", raw)
    mixed = any(_has(run, 11, 5) for run in runs)
    token = any(len(one) >= 24 or _has(one, 16, 1) for one in tokens)
    return found | 16 * mixed | 32 * (token or b"-----" in raw)


def _has(run: bytes, least: int, digits: int) -> bool:
    """A beginning of the run is long enough, with enough digits and something else."""
    beginnings = (run[:size] for size in range(least, len(run) + 1))
    return any(digits <= sum(48 <= byte <= 57 for byte in one) < len(one) for one in beginnings)
