"""Slow obvious twin of pipeline/kernels/html/markup.py: values as strings in a list."""

from pipeline.kernels.html import names as html_names
from tests.reference.html_text import one_line

NO_WORDS = ("doctype", "?xml")


class Said:
    """What the markup of one page says."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def value(self, source: str) -> None:
        if len(source.encode()) < 12:
            return
        lines = [one_line(line) for line in source.replace("\r", "\n").split("\n")]
        said = "\n".join(line for line in lines if line)
        wide = sum(byte >= 0xE0 for byte in said.encode())
        if len(said.encode()) >= 12 and (said.count(" ") + said.count("\n") >= 2 or wide >= 4):
            self.values.append(said)

    def attribute(self, name: str, value: str) -> None:
        is_data = name.startswith("data-") and name != "data-"
        if html_names.ATTRIBUTES.get(name) in (html_names.SAID, html_names.VALUE) or is_data:
            self.value(value)

    def declaration(self, source: str) -> None:
        """`source` begins behind `<!`, or behind the `<` of `<?…` and `</ …`."""
        if not any(source.lower().startswith(name) and len(source) > len(name) for name in NO_WORDS):
            self.value(source.rstrip(">-!]").lstrip("-"))

    def script(self, kind: str, source: str) -> int:
        for end in "; \t\n\f\r":
            kind = kind.split(end)[0]
        says = html_names.SCRIPT_TYPES.get(kind.lower(), 0)
        if says == html_names.TEMPLATE or (says == html_names.JSON_STRINGS and '"' not in source):
            self.value(source)
        elif says == html_names.JSON_STRINGS:
            for string in strings_of(source):
                self.value(string)
        return says


def strings_of(source: str) -> list[str]:
    """The strings of JSON, their escapes read; as much as there is of one that the end cuts off."""
    found, i = [], 0
    while i < len(source):
        if source[i] != '"':
            i += 1
            continue
        start = i = i + 1
        while i < len(source) and source[i] != '"':
            i += 2 if source[i] == "\\" else 1
        raw = source[start:i]
        found.append(unescaped(raw) if len(raw.encode()) >= 12 else raw)
        i += 1
    return found


def unescaped(raw: str) -> str:
    units, i = "", 0
    while i < len(raw):
        code = raw[i + 2 : i + 6]
        if raw[i] != "\\" or i + 1 == len(raw):
            units += raw[i]
            i += 1
        elif raw[i + 1] == "u" and len(code) == 4 and all(digit in "0123456789abcdefABCDEF" for digit in code):
            units += chr(int(code, 16) or 0xFFFD)
            i += 6
        else:
            units += {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t"}.get(raw[i + 1], raw[i + 1])
            i += 2
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
