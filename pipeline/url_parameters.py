"""Parameters of a URL that say where a visitor came from or who he is, never what the page shows."""

_TRACKING = frozenset((
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "ysclid", "twclid", "ttclid", "li_fat_id",
    "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "srsltid", "_ga", "_gl", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp",
    "hsctatracking", "oly_enc_id", "oly_anon_id", "vero_id", "vero_conv", "s_kwcid", "ef_id", "wickedid", "rb_clickid",
    "ref_src", "cmpid",
))  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "hsa_", "pk_", "piwik_", "mtm_", "matomo_")
# A session's by their names, unless the value is a number or a word: then it may be a story's, or a talk's.
_SESSIONS = frozenset(
    ("phpsessid", "jsessionid", "sessionid", "session_id", "session-id", "sid", "cfid", "cftoken", "zenid", "oscsid")
)
_SESSION_PREFIXES = ("aspsessionid", "asp.net_sessionid")
_SESSION_CHARS, _SESSION_DIGITS = 16, 2  # of a run of letters and digits; "breaking-news-2026" has none that long
_UUID_GROUPS = [8, 4, 4, 4, 12]


def is_tracking(pair: str) -> bool:
    """ "utm_source=x" -> True, "sid=12" -> False, "sid=0123456789abcdef" -> True"""
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    return (name in _SESSIONS or name.startswith(_SESSION_PREFIXES)) and looks_like_session(value)


def looks_like_session(value: str) -> bool:
    """Long, of letters and digits without a word's borders: what a server draws, not what a person names."""
    groups = value.split("-")
    if [len(group) for group in groups] == _UUID_GROUPS:
        return all(group.isalnum() for group in groups)
    run = max("".join(one if one.isalnum() and one.isascii() else " " for one in value[:512]).split(), key=len, default="")
    return len(run) >= _SESSION_CHARS and sum(one.isdigit() for one in run) >= _SESSION_DIGITS


def without_session(path: str) -> str:
    """/list;jsessionid=0123456789ABCDEF/3 -> /list/3"""
    if ";" not in path:
        return path
    kept, *parameters = path.split(";")
    for parameter in parameters:
        named, slash, rest = parameter.partition("/")
        kept += slash + rest if "=" in named and is_tracking(named) else ";" + parameter
    return kept
