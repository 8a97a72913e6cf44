"""The whole recipe of a corpus as frozen dataclasses: TOML in, unknown keys refused, `winnow recipe` prints it back.

Each section is declared beside the code that uses it; this page only composes them.
"""

import dataclasses
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import pyarrow as pa
from pydantic import ConfigDict, TypeAdapter, ValidationError

from jobs.corpus.files.opening import open_input
from jobs.corpus.presets import PRESETS, laid_over, preset_changes
from jobs.corpus.sources.settings import DealSettings, SourceSettings
from pipeline.blocked.settings import BlockSettings
from pipeline.contamination.settings import ContaminationSettings
from pipeline.duplicates.repeats import RepeatSettings
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.duplicates.tombstones import TombstoneSettings
from pipeline.errors import RecipeError
from pipeline.language.identify import LanguageSettings
from pipeline.personal.settings import PersonalSettings
from pipeline.plugins.detected import DetectedSettings
from pipeline.plugins.findings import DetectorSettings
from pipeline.plugins.measures import PluginSettings
from pipeline.poison.findings import ScanSettings
from pipeline.poison.sites.campaigns import CampaignSettings
from pipeline.poison.sites.provenance import ProvenanceSettings
from pipeline.quality.measures import LineRules
from pipeline.quality.mojibake import MojibakeSettings
from pipeline.quality.rules import RuleSettings, rule_settings
from pipeline.quality.safety import SafetySettings
from pipeline.quality.score import MOST_BYTES as MODEL_BYTES
from pipeline.quality.score import QualityModel, QualitySettings, read_model, shipped_model
from pipeline.read.html import HtmlSettings
from pipeline.read.http.response import HttpLimits
from pipeline.read.ingest import IngestSettings, PageSettings
from pipeline.read.rows.columns import RowLimits
from pipeline.read.warc.records import WarcLimits
from pipeline.select import SelectSettings
from pipeline.settings import key_of, renamed
from pipeline.tables import PAGE_MEASURES
from tokenizer.bpe.learn import TokenizerSettings
from tokenizer.shards.files import ShardSettings

Section = TypeVar("Section")
MOST_BYTES, MOST_DEPTH = 1 << 20, 32  # of a recipe: the default one has 20 kB and nests 2 levels
NOT_SET = "none"  # takes back a setting that need not be set
CORPUS = "corpus"  # as a base: the recipe that the corpus was made with
SHOWN_CHARACTERS = 80  # of a value in a message


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Every setting that decides what a corpus is made of; [sources], [ingest]: how it is read. A section is one TOML table."""

    warc: WarcLimits = field(default_factory=WarcLimits)
    rows: RowLimits = field(default_factory=RowLimits)
    http: HttpLimits = field(default_factory=HttpLimits)
    pages: PageSettings = field(default_factory=PageSettings)
    html: HtmlSettings = field(default_factory=HtmlSettings)
    language: LanguageSettings = field(default_factory=LanguageSettings)
    lines: LineRules = field(default_factory=LineRules)
    mojibake: MojibakeSettings = field(default_factory=MojibakeSettings)
    quality: QualitySettings = field(default_factory=QualitySettings)
    safety: SafetySettings = field(default_factory=SafetySettings)
    blocked: BlockSettings = field(default_factory=BlockSettings)
    plugins: PluginSettings = field(default_factory=PluginSettings)
    detectors: DetectorSettings = field(default_factory=DetectorSettings)
    detected: DetectedSettings = field(default_factory=DetectedSettings)
    rules: RuleSettings = field(default_factory=lambda: rule_settings(preset_changes("default")["rules"]))
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
    sources: SourceSettings = field(default_factory=SourceSettings)
    ingest: DealSettings = field(default_factory=DealSettings)


class Chosen(NamedTuple):
    """A recipe as someone asked for it."""

    recipe: Recipe
    whole: bool  # it says nothing of what the corpus was made with: what it leaves out goes back to a preset's values


def choose_recipe(given: str | None, changes: Iterable[str] = (), standing: dict[str, Any] | None = None) -> Chosen:
    """The recipe of a name or a file, with `--set` changes; without one that of the corpus, `standing`, else the default.

    Raises RecipeError that names the key, the value and what is allowed.
    """
    values: dict[str, Any] = {"base": CORPUS if standing is not None else "default"} if given is None else _given(given)
    for change in changes:
        values = laid_over(values, _one_change(change))
    return Chosen(build_recipe(values, standing), values.get("base") != CORPUS)


def read_recipe(given: str | None) -> Recipe:
    """The recipe of a preset's name or a TOML file, or the default."""
    return choose_recipe(given).recipe


def _given(given: str) -> dict[str, Any]:
    return {"base": given} if given in PRESETS else _file_values(given)


def _file_values(path: str) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RecipeError(
            f"recipe {path} cannot be read: {error.strerror}; name a file, or one of {', '.join(PRESETS)} "
            f"(`winnow recipe NAME` prints it)"
        ) from error
    if len(raw) > MOST_BYTES:
        raise RecipeError(f"recipe {path} is larger than {MOST_BYTES:,} bytes; `winnow recipe` prints all that one can say")
    if _depth(raw) > MOST_DEPTH:
        raise RecipeError(f"recipe {path} nests more than {MOST_DEPTH} levels; `winnow recipe` prints one that nests 2")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except ValueError as error:  # invalid TOML, bytes that are no UTF-8, a number of thousands of digits
        raise RecipeError(f"recipe {path} is not valid TOML: {str(error).partition(';')[0]}") from error


def _one_change(change: str) -> dict[str, Any]:
    """`rules.gopher_short_doc.minimum=30` as nested tables; a value that is no TOML is taken as text."""
    key, sign, text = change.partition("=")
    names = key.strip().split(".")
    if not sign or len(names) < 2 or not all(names):
        raise RecipeError(f"--set takes SECTION.NAME=VALUE, like rules.gopher_short_doc.minimum=30, not {_shown(change)}")
    if len(change) > MOST_BYTES or len(names) > MOST_DEPTH or _depth(text.encode()) > MOST_DEPTH:
        raise RecipeError(f"--set {key[:SHOWN_CHARACTERS]} is too large")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, KeyError):
        value = text.strip()
    for name in reversed(names):
        value = {name: value}
    return value  # type: ignore[no-any-return]


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


def build_recipe(values: dict[str, Any], standing: dict[str, Any] | None = None) -> Recipe:
    """The recipe of TOML tables, laid over its `base`: a preset, else the default, or what the corpus has, `standing`."""
    base = values.get("base", "default")
    if base == CORPUS:
        if standing is None:
            raise RecipeError(f'recipe: base = "corpus" needs a corpus that was made before; write one of {", ".join(PRESETS)}')
        below = standing
    else:
        if not isinstance(base, str):
            raise RecipeError(f"recipe: base = {_shown(base)} is not allowed: write one of corpus, {', '.join(PRESETS)}")
        below = preset_changes(base)
    recipe = _build(Recipe, laid_over(below, {name: value for name, value in values.items() if name != "base"}), "")
    _refuse_unmeasured(recipe)
    recipe.detected.require(recipe.detectors.functions)
    return recipe


def _refuse_unmeasured(recipe: Recipe) -> None:
    numbers = [one.name for one in PAGE_MEASURES if not pa.types.is_string(one.type)]
    for name, rule in recipe.rules.own.items():
        if rule.measure not in (*numbers, *recipe.plugins.measures):
            raise RecipeError(
                f"rules.own.{name}.measure = {_shown(rule.measure)}: no such measure; docs/tables.md lists those of every page, "
                "and plugins.measures names your own"
            )


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
        quality=quality_model(recipe.quality),
    )


def quality_model(settings: QualitySettings) -> QualityModel | None:
    """The model that is named, read here so that executors need no file of it."""
    if settings.model == "none":
        return None
    if settings.model == "default":
        return shipped_model()
    try:
        with open_input(settings.model) as file:
            return read_model(file.read(MODEL_BYTES + 1), settings.model)
    except OSError as error:
        raise RecipeError(f"quality.model: {settings.model} cannot be read: {error}; name a file, default or none") from error


def recipe_values(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON-ready values: what `build_recipe` takes, and what the manifest keeps."""
    return dataclasses.asdict(recipe)


def _build(kind: type[Section], values: Any, where: str) -> Section:
    """One dataclass from a TOML table, nested ones included; types are checked strictly, so "50" is no number."""
    if not isinstance(values, dict):
        raise RecipeError(f"recipe: {where or 'the file'} must be a table of settings, it is {_shown(values)}")
    known = {key_of(one): one.name for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    arguments = {}
    for name, value in values.items():
        place = f"{where}.{name}" if where else name
        if now := renamed(kind, name):
            raise RecipeError(f"recipe: {place} is now {place.removesuffix(name)}{now}")
        if name.rstrip("_") not in known:  # a manifest has them as the code does
            raise RecipeError(f"recipe: unknown key {place}; known here: {', '.join(sorted(known))}")
        field = known[name.rstrip("_")]
        read = _build if dataclasses.is_dataclass(hints[field]) else _checked
        arguments[field] = read(hints[field], value, place)
    try:
        return kind(**arguments)
    except ValueError as error:
        raise RecipeError(f"recipe: {where}: {error}") from error


def _checked(kind: Any, value: Any, where: str) -> Any:
    if isinstance(value, list):
        value = tuple(value)  # TOML and JSON have no tuples
    if value == NOT_SET and type(None) in get_args(kind) and str not in get_args(kind):
        value = None
    try:
        return TypeAdapter(kind, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError as error:
        raise RecipeError(f"recipe: {where} = {_shown(value)} is not allowed: {error.errors()[0]['msg'].lower()}") from error


def _shown(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= SHOWN_CHARACTERS else f"{written[:SHOWN_CHARACTERS]}…"
