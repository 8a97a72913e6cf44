"""Keys and tokens: by the form that a service gives them, by the block around a private key, by the word that assigns them.

What follows a service's prefix has to look drawn at random; what documentation puts there (EXAMPLE, xxxx, 12345) does not.
"""

import base64
import binascii
import json
import math
from collections import Counter
from collections.abc import Iterator

from pipeline.personal.spans import Span, after_word, compiled

W = r"[A-Za-z0-9_\-]"  # base64url
B = r"[A-Za-z0-9]"
H = r"[0-9a-f]"
# Service and form, as the services and the collections of GitHub's secret scanning, gitleaks and trufflehog describe them.
SERVICES = (
    ("AWS", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    ("GitHub", rf"(?:gh[pousr]_{B}{{36}}|github_pat_{B}{{22}}_{B}{{59}})"),
    ("GitLab", rf"gl(?:pat|dt|rt|ptt|soat|cbt)-{W}{{20,50}}"),
    ("Slack", r"(?:xox[abeoprs]-[0-9A-Za-z\-]{20,120}|xapp-\d-[A-Z0-9]{8,12}-\d{10,14}-[0-9a-f]{64})"),
    ("Slack webhook", rf"hooks\.slack\.com/services/T[A-Z0-9]{{8,12}}/B[A-Z0-9]{{8,12}}/{B}{{24}}"),
    ("Discord webhook", rf"discord(?:app)?\.com/api/webhooks/\d{{17,20}}/{W}{{60,80}}"),
    ("Discord", rf"[MNO]{W}{{23,27}}\.{W}{{6}}\.{W}{{27,38}}"),
    ("Telegram", rf"\d{{8,10}}:AA{W}{{33}}"),
    ("Stripe", rf"(?:[sr]k_(?:live|test)_{B}{{24,99}}|whsec_{B}{{32,64}})"),
    ("Square", rf"(?:sq0(?:atp|csp)-{W}{{22,43}}|EAAA{W}{{60}})"),
    ("Shopify", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("Google", rf"(?:AIza{W}{{35}}|GOCSPX-{W}{{28}}|ya29\.{W}{{60,300}})"),
    ("Anthropic", rf"sk-ant-(?:api|admin)\d\d-{W}{{80,120}}"),
    ("OpenAI", rf"(?:sk-(?:proj|svcacct|admin)-{W}{{40,200}}|sk-{B}{{20}}T3BlbkFJ{B}{{20}}|sk-{B}{{48}})"),
    ("DeepSeek", rf"sk-{H}{{32}}"),
    ("OpenRouter", rf"sk-or-v1-{H}{{64}}"),
    ("NVIDIA", rf"nvapi-{W}{{60,70}}"),
    ("Pinecone", rf"pcsk_{W}{{50,80}}"),
    ("LangSmith", rf"lsv2_(?:pt|sk)_{H}{{32}}_{H}{{10}}"),
    ("Hugging Face", rf"hf_{B}{{34}}"),
    ("Groq", rf"gsk_{B}{{52}}"),
    ("xAI", rf"xai-{B}{{80}}"),
    ("Perplexity", rf"pplx-{B}{{48}}"),
    ("Replicate", rf"r8_{B}{{37}}"),
    ("npm", rf"npm_{B}{{36}}"),
    ("PyPI", rf"pypi-AgEIcHlwaS5vcmc{W}{{50,500}}"),
    ("RubyGems", rf"rubygems_{H}{{48}}"),
    ("Docker", rf"dckr_(?:pat|oat)_{W}{{27,32}}"),
    ("SendGrid", rf"SG\.{W}{{22}}\.{W}{{43}}"),
    ("Twilio", rf"SK{H}{{32}}"),
    ("Mailgun", rf"key-{H}{{32}}"),
    ("Mailchimp", rf"{H}{{32}}-us\d{{1,2}}"),
    ("Brevo", rf"xkeysib-{H}{{64}}-{B}{{16}}"),
    ("DigitalOcean", rf"do[opr]_v1_{H}{{64}}"),
    ("Heroku", rf"HRKU-AA{W}{{58}}"),
    ("Netlify", rf"nfp_{B}{{36}}"),
    ("PlanetScale", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.\-]{32,64}"),
    ("Supabase", rf"sbp_{H}{{40}}"),
    ("Databricks", rf"dapi{H}{{32}}"),
    ("HashiCorp", rf"(?:hvs\.{W}{{90,120}}|{B}{{14}}\.atlasv1\.{W}{{60,70}})"),
    ("Pulumi", rf"pul-{H}{{40}}"),
    ("Doppler", rf"dp\.(?:pt|st|sa|ct|scim)\.{B}{{40,44}}"),
    ("Grafana", rf"glsa_{B}{{32}}_[0-9a-fA-F]{{8}}"),
    ("New Relic", r"NRAK-[A-Z0-9]{27}"),
    ("Sentry", r"sntry[su]_[A-Za-z0-9+/=_]{40,300}"),
    ("Postman", rf"PMAK-{H}{{24}}-{H}{{34}}"),
    ("Linear", rf"lin_api_{B}{{40}}"),
    ("Notion", rf"(?:secret_{B}{{43}}|ntn_{B}{{46}})"),
    ("Airtable", rf"pat{B}{{14}}\.{H}{{64}}"),
    ("Atlassian", rf"AT(?:AT|CT)T3{W}{{150,220}}(?:=[0-9A-F]{{8}})?"),
    ("Figma", rf"figd_{W}{{40}}"),
    ("Dropbox", rf"sl\.{W}{{130,152}}"),
    ("age", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("Tailscale", rf"tskey-(?:auth|api|client)-{B}{{10,20}}-{B}{{20,40}}"),
    ("Render", rf"rnd_{B}{{32}}"),
    ("Fly.io", rf"fo1_{W}{{43}}"),
    ("Buildkite", r"bk[ua]a_[0-9a-f]{40}"),
    ("CircleCI", rf"CCIPAT_{B}{{22}}_{H}{{40}}"),
    ("Contentful", rf"CFPAT-{W}{{43}}"),
    ("PostHog", rf"phx_{B}{{43}}"),
    ("EasyPost", rf"EZ[AT]K{B}{{54}}"),
    ("Dynatrace", r"dt0c01\.[A-Z2-7]{24}\.[A-Z2-7]{64}"),
    ("JFrog", rf"AKCp{B}{{69}}"),
    ("NuGet", r"oy2[a-z2-7]{43}"),
    ("Sourcegraph", rf"sgp_(?:{H}{{16}}_)?{H}{{40}}"),
    ("Clojars", rf"CLOJARS_{H}{{60}}"),
    ("Typeform", rf"tfp_{W}{{40,60}}"),
    ("Azure", r"AccountKey=[A-Za-z0-9+/]{86}=="),
)
ANY_SERVICE = "|".join(form for _, form in SERVICES)
WEB_TOKEN = rf"eyJ{W}{{10}}{W}*\.eyJ{W}{{10}}{W}*\.{W}{{16}}{W}*"
_KEY_HEAD = r"-----BEGIN (?:[A-Z0-9]{1,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
_KEY_BODY = r"[A-Za-z0-9+/=\s:,.\-\\>\"'#*|]"  # also quoted, or as the lines of a program's string
_KEY_LINES = r"(?:[A-Za-z0-9+/=]{40,76}(?:\s|\\[nr]|[>\"'+#*|])+)+(?:[A-Za-z0-9+/]{20,76}={0,2}|[A-Za-z0-9+/]{1,75}={1,2})?"
KEY_BLOCKS = (
    rf"{_KEY_HEAD}{_KEY_BODY}{{100}}{_KEY_BODY}*?-----END (?:[A-Z0-9]{{1,10}} ){{0,2}}PRIVATE KEY(?: BLOCK)?-----",
    rf"{_KEY_HEAD}(?:\s|\\[nr])*{_KEY_LINES}",  # its end is missing
    rf"Private-Lines: \d{{1,3}}\s+{_KEY_LINES}",  # of PuTTY
)
LOGIN_IN_URL = r"\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@<>\"'\[\]{}$]{0,64}:([^\s:/@<>\"'\[\]{}$]{3,100})@[A-Za-z0-9\-]+[.:/]"
_NAMES = (
    r"(?:api[_\- ]?key|apikey|secret[_\- ]?key|secret|access[_\- ]?key|access[_\- ]?token|auth[_\- ]?token|"
    r"client[_\- ]?secret|passw(?:or)?d|token)[\"']?"
)
_VALUE = r"[A-Za-z0-9_\-+/=.]{20,128}"
ASSIGNED = rf"(?i){_NAMES}\s{{0,3}}(?::|=|:=|=>)\s{{0,3}}[\"']({_VALUE})[\"']"
# Without quotation marks names of a program's parts stand there, too.
ASSIGNED_BARE = rf"(?i){_NAMES}(?:\s{{0,3}}(?::|=)\s{{0,3}}| is:? )({_VALUE})(?:$|[\s\"'&,;)<\x60])"
HEADER = r"(?i)authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token)\s+([A-Za-z0-9_\-+/=.~]{20,512})"
LOGIN_OPTION = r"\bcurl [^\n]{0,200}?(?:-u|--user)[ =][\"']?[\w.@\-]{1,64}:([^\s\"'$<>{}]{8,100})"
AWS_VALUE = r"(?i)aws[a-z_\- .]{0,20}(?:secret|key)[a-z_\- ]{0,20}[\"']?\s{0,3}(?::|=|=>)\s{0,3}[\"']?([A-Za-z0-9/+]{40})"
PLACEHOLDERS = (
    r"(?i)example|sample|your|xxxx|placeholder|changeme|dummy|redacted|insert|here|abcdef|0123|1234567|qwert|\.\.\.|secret|pass|"
    r"(?:0000|1111|aaaa|AAAAAA)"
)
SHOWS_A_FORM = r"example|e\.g|syntax|format|form"
MIN_ENTROPY = 3.0  # bits a character of what a service drew; 16 random hex digits have 3.2 or more nearly always
MIN_ASSIGNED_ENTROPY = 3.7
MIN_CHANGES, MIN_BARE_CHANGES = 4, 6  # between letters and digits


def secrets(raw: bytes) -> Iterator[Span]:
    for match in compiled(ANY_SERVICE).finditer(raw):
        if not _is_inside_word(raw, match.start(), match.end()) and is_random(match.group().decode(), MIN_ENTROPY):
            yield Span("secret", _service(match.group()), match.start(), match.end())
    for match in compiled(WEB_TOKEN).finditer(raw):
        if _is_web_token(match.group()):
            yield Span("secret", "JSON web token", match.start(), match.end())
    for pattern in KEY_BLOCKS:
        for match in compiled(pattern).finditer(raw):
            if is_random(match.group()[40:-40].decode(), MIN_ASSIGNED_ENTROPY):
                yield Span("secret", "private key", match.start(), match.start() + len(match.group().rstrip()))


def assigned_secrets(raw: bytes) -> Iterator[Span]:
    """What only the words around it tell: values of settings, passwords in addresses."""
    for match in compiled(AWS_VALUE).finditer(raw):
        if is_random(match.group(1).decode(), MIN_ASSIGNED_ENTROPY):
            yield Span("secret", "AWS", match.start(1), match.end(1))
    for pattern, changes in ((ASSIGNED, MIN_CHANGES), (ASSIGNED_BARE, MIN_BARE_CHANGES), (HEADER, MIN_CHANGES)):
        for match in compiled(pattern).finditer(raw):
            value = match.group(1).decode()
            if is_mixed(value, changes) and is_random(value, MIN_ENTROPY if _is_hexadecimal(value) else MIN_ASSIGNED_ENTROPY):
                yield Span("secret", "assigned value", match.start(1), match.end(1))


def command_passwords(raw: bytes) -> Iterator[Span]:
    """The password of "curl -u user:password"."""
    for match in compiled(LOGIN_OPTION).finditer(raw):
        if is_mixed(match.group(1).decode("utf-8", "ignore"), 1) and not compiled(PLACEHOLDERS).search(match.group(1)):
            yield Span("secret", "password of a command", match.start(1), match.end(1))


def url_passwords(raw: bytes) -> Iterator[Span]:
    """The password of "scheme://user:password@host"."""
    for match in compiled(LOGIN_IN_URL).finditer(raw):
        password = match.group(1).decode("utf-8", "ignore")
        stands_for_one = compiled(PLACEHOLDERS).search(password) or password.lower() in ("pwd", "pw", "user")
        if not stands_for_one and not after_word(raw, match.start(), SHOWS_A_FORM, 32):
            yield Span("secret", "password in an address", match.start(1), match.end(1))


def _service(token: bytes) -> str:
    return next(name for name, form in SERVICES if compiled(form).fullmatch(token))


def is_random(text: str, least: float) -> bool:
    """Whether its characters look drawn: entropy in bits a character, and none of the words that stand for a secret."""
    body = text[_prefix(text) :]
    return entropy(body) >= least and not compiled(PLACEHOLDERS).search(body.encode())


def _prefix(text: str) -> int:
    """Where what was drawn begins: behind the last "_", "-" or "." of the first third."""
    head = text[: len(text) // 3]
    return max(head.rfind("_"), head.rfind("-"), head.rfind("."), head.rfind("/")) + 1


def entropy(text: str) -> float:
    """Shannon's, of the characters, in bits."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def is_mixed(value: str, changes: int) -> bool:
    """Letters and digits change places so often, as they do in hardly an identifier of a program."""
    kinds = "".join("d" if one.isdigit() else "l" for one in value if one.isalnum())
    return kinds.count("ld") + kinds.count("dl") >= changes


def _is_hexadecimal(value: str) -> bool:
    return len(value) >= 32 and not value.lower().strip("0123456789abcdef")


def _is_inside_word(raw: bytes, start: int, end: int) -> bool:
    """Whether a letter or digit touches it; "_" may, as Markdown has it around what is to stand out."""
    return raw[max(0, start - 1) : start].isalnum() or raw[end : end + 1].isalnum()


def _is_web_token(token: bytes) -> bool:
    head = token.partition(b".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(header, dict) and "alg" in header
