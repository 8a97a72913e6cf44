"""The whole recipe of a corpus as frozen dataclasses: TOML in, unknown keys refused, `winnow recipe` prints it back.

Each section is declared beside the code that uses it; this page only composes them.
"""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.blocked.settings import BlockSettings
from pipeline.contamination.settings import ContaminationSettings
from pipeline.duplicates.copies import DuplicateSettings
from pipeline.duplicates.repeats import RepeatSettings
from pipeline.duplicates.tombstones import TombstoneSettings
from pipeline.errors import RecipeError
from pipeline.language.identify import LanguageSettings
from pipeline.personal.settings import PersonalSettings
from pipeline.poison.findings import ScanSettings
from pipeline.poison.sites.campaigns import CampaignSettings
from pipeline.poison.sites.provenance import ProvenanceSettings
from pipeline.quality.measures import LineRules
from pipeline.quality.rules import RuleSettings
from pipeline.quality.safety import SafetySettings
from pipeline.read.html import HtmlSettings
from pipeline.read.http import HttpLimits
from pipeline.read.ingest import IngestSettings, PageSettings
from pipeline.read.rows.columns import RowLimits
from pipeline.read.warc.records import WarcLimits
from pipeline.select import SelectSettings
from pipeline.settings import renamed
from tokenizer.bpe.learn import TokenizerSettings
from tokenizer.shards.files import ShardSettings

Section = TypeVar("Section")
MOST_BYTES, MOST_DEPTH = 1 << 20, 32  # of a recipe: the default one has 20 kB and nests 2 levels
SHOWN_CHARACTERS = 80  # of a value in a message


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Every setting that decides what a corpus is made of. A section is one TOML table."""

    warc: WarcLimits = field(default_factory=WarcLimits)
    rows: RowLimits = field(default_factory=RowLimits)
    http: HttpLimits = field(default_factory=HttpLimits)
    pages: PageSettings = field(default_factory=PageSettings)
    html: HtmlSettings = field(default_factory=HtmlSettings)
    language: LanguageSettings = field(default_factory=LanguageSettings)
    lines: LineRules = field(default_factory=LineRules)
    safety: SafetySettings = field(default_factory=SafetySettings)
    blocked: BlockSettings = field(default_factory=BlockSettings)
    rules: RuleSettings = field(default_factory=RuleSettings)
    tombstones: TombstoneSettings = field(default_factory=TombstoneSettings)
    scan: ScanSettings = field(default_factory=ScanSettings)
    campaigns: CampaignSettings = field(default_factory=CampaignSettings)
    provenance: ProvenanceSettings = field(default_factory=ProvenanceSettings)
    personal: PersonalSettings = field(default_factory=PersonalSettings)
    contamination: ContaminationSettings = field(default_factory=ContaminationSettings)
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    repeats: RepeatSettings = field(default_factory=RepeatSettings)
    select: SelectSettings = field(default_factory=SelectSettings)
    tokenizer: TokenizerSettings = field(default_factory=TokenizerSettings)
    shards: ShardSettings = field(default_factory=ShardSettings)


def read_recipe(path: str | None) -> Recipe:
    """The recipe in a TOML file, or the default. Raises RecipeError that names the key, the value and what is allowed."""
    if path is None:
        return Recipe()
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RecipeError(
            f"recipe {path} cannot be read: {error.strerror}; `winnow recipe > {path}` writes the default one"
        ) from error
    if len(raw) > MOST_BYTES:
        raise RecipeError(f"recipe {path} is larger than {MOST_BYTES:,} bytes; `winnow recipe` prints all that one can say")
    if _depth(raw) > MOST_DEPTH:
        raise RecipeError(f"recipe {path} nests more than {MOST_DEPTH} levels; `winnow recipe` prints one that nests 2")
    try:
        return build_recipe(tomllib.loads(raw.decode("utf-8")))
    except RecipeError:
        raise
    except ValueError as error:  # invalid TOML, bytes that are no UTF-8, a number of thousands of digits
        raise RecipeError(f"recipe {path} is not valid TOML: {str(error).partition(';')[0]}") from error


def _depth(raw: bytes) -> int:
    """An upper bound of how deep TOML nests: brackets that are open at once, and dots of the keys of a line.

    Those inside a string count too, which makes the bound larger, never smaller; tomllib itself goes as deep as it is led.
    """
    most = depth = 0
    for line in raw.splitlines():
        most = max(most, line.partition(b"=")[0].count(b"."))
        for byte in line:
            depth += (byte in b"[{") - (byte in b"]}")
            most = max(most, depth)
    return most


def build_recipe(values: dict[str, Any]) -> Recipe:
    return _build(Recipe, values, "")


def ingest_settings(recipe: Recipe) -> IngestSettings:
    """The sections that reading a record takes."""
    return IngestSettings(
        warc=recipe.warc,
        rows=recipe.rows,
        http=recipe.http,
        pages=recipe.pages,
        html=recipe.html,
        language=recipe.language,
        lines=recipe.lines,
    )


def recipe_values(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON-ready values: what `build_recipe` takes, and what the manifest keeps."""
    return dataclasses.asdict(recipe)


def _build(kind: type[Section], values: Any, where: str) -> Section:
    """One dataclass from a TOML table, nested ones included; types are checked strictly, so "50" is no number."""
    if not isinstance(values, dict):
        raise RecipeError(f"recipe: {where or 'the file'} must be a table of settings, it is {_shown(values)}")
    known = {one.name for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    arguments = {}
    for name, value in values.items():
        place = f"{where}.{name}" if where else name
        if now := renamed(kind, name):
            raise RecipeError(f"recipe: {place} is now {place.removesuffix(name)}{now}")
        if name not in known:
            raise RecipeError(f"recipe: unknown key {place}; known here: {', '.join(sorted(known))}")
        arguments[name] = (
            _build(hints[name], value, place) if dataclasses.is_dataclass(hints[name]) else _checked(hints[name], value, place)
        )
    try:
        return kind(**arguments)
    except ValueError as error:
        raise RecipeError(f"recipe: {where}: {error}") from error


def _checked(kind: Any, value: Any, where: str) -> Any:
    if isinstance(value, list):
        value = tuple(value)  # TOML and JSON have no tuples
    try:
        return TypeAdapter(kind, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError as error:
        raise RecipeError(f"recipe: {where} = {_shown(value)} is not allowed: {error.errors()[0]['msg'].lower()}") from error


def _shown(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= SHOWN_CHARACTERS else f"{written[:SHOWN_CHARACTERS]}…"
