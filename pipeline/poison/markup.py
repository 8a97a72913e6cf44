"""What a page's markup says that no reader sees and no text keeps: comments, alternative texts, labels, metadata, JSON-LD."""

import functools
from html import unescape

import re2

MAX_MARKUP_BYTES = 1 << 20
MAX_VALUES = 5000
MIN_VALUE_LETTERS = 12  # a shorter one is a name
MIN_WORDS = 3
ATTRIBUTES = ("alt|title|aria-label|aria-description|aria-placeholder|aria-valuetext|aria-roledescription|placeholder|content|"
              "summary|label|value|caption|abbr|standby|data-[a-z0-9-]{1,40}")
PATTERN = (
    r"(?is)<!--(?P<comment>.*?)-->"
    rf"|\s(?:{ATTRIBUTES})\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')"
    r"|<script[^>]{0,300}(?:ld\+json|text/plain|text/template|text/x-[a-z-]{1,30})[^>]{0,100}>(?P<script>.*?)</script"
    r"|<(?:desc|title|metadata|noembed|noframes|xmp)[^>]{0,100}>(?P<other>[^<]*)"
)


@functools.cache
def _pattern() -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return re2.compile(PATTERN, options)


def markup_text(html: str) -> str:
    """One value a paragraph, in the order of the page; values without three words are left out."""
    out: list[str] = []
    size = 0
    for number, match in enumerate(_pattern().finditer(html)):
        if number == MAX_VALUES or size > MAX_MARKUP_BYTES:
            break
        value = next((one for one in match.groups() if one), "").strip()
        if match.group("script"):
            value = _strings(value)
        if len(value) >= MIN_VALUE_LETTERS and (value.count(" ") >= MIN_WORDS - 1 or not value.isascii()):
            out.append(unescape(value))
            size += len(value)
    return "\n\n".join(out)


@functools.cache
def _quoted() -> "re2._Regexp":
    return re2.compile(r'"((?:[^"\\]|\\.)*)"')


def _strings(script: str) -> str:
    """The strings of JSON that are long enough to say something, one a line; all of a script that has none."""
    found = [match.group(1).replace('\\"', '"').replace("\\n", "\n") for match in _quoted().finditer(script)]
    return "\n".join(one for one in found if one.count(" ") >= MIN_WORDS - 1) if found else script
