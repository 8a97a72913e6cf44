"""Large numbers as people read them: in SI units, three digits."""

PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")


def si(value: float, unit: str = "") -> str:
    """`si(1536, "B") -> 1.54 kB`; beyond the last prefix the number grows."""
    scaled, place = float(value), 0
    while abs(scaled) >= 999.5 and place < len(PREFIXES) - 1:
        scaled, place = scaled / 1000, place + 1
    return f"{_three_digits(scaled)} {PREFIXES[place]}{unit}".rstrip()


def _three_digits(value: float) -> str:
    if value.is_integer() or abs(value) >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.3g}"
