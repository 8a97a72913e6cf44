"""Writes docs/tables.md, recipe.md, cli.md, content-lists.md, map.md, README's map and the DAG's stages: `make docs`.

Meanings come from where they are kept: of columns from the comments beside them, of settings from their declarations, of
commands from their help.
"""

import ast
import dataclasses
import io
import json
import tokenize
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import re2
import typer.main

from docs.readme_map import PROJECT, map_page, redrawn
from jobs.commands.app import app
from jobs.corpus.presets import PRESETS
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.corpus.stages import NAMES
from model.training.plan import plan_of
from model.training.sizes import SIZES
from pipeline import tables
from pipeline.contamination.items import NOT_ASKED
from pipeline.errors import WinnowError
from pipeline.personal.accounts import IBAN_LENGTHS, ISSUERS
from pipeline.personal.identities import IDENTITIES
from pipeline.personal.secrets import SERVICES
from pipeline.personal.settings import PLACEHOLDERS
from pipeline.quality.rules import RULES, Rule, resolve
from pipeline.quality.verdicts import LISTED
from pipeline.settings import allowed, is_bounded, key_of

HELP_COLUMNS = 100


def main() -> None:
    for name, text in pages().items():
        (PROJECT / name).write_text(text, "utf-8")


def pages() -> dict[str, str]:
    readme = (PROJECT / "README.md").read_text("utf-8")
    return {
        "docs/tables.md": tables_page(),
        "docs/recipe.md": recipe_page(),
        "docs/cli.md": commands_page(),
        "docs/content-lists.md": content_page(),
        "README.md": redrawn(readme),
        "docs/map.md": map_page(readme),
        "airflow_dags/stages.json": json.dumps(NAMES) + "\n",
    }


# --- columns ---


def tables_page() -> str:
    parts = [
        "# The tables of a corpus",
        tables.__doc__ or "",
        "Each is a folder of zstd Parquet, read by `FROM 'CORPUS/documents/*.parquet'` in DuckDB and by whatever reads Parquet.",
    ]
    for name, schema in tables.TABLES.items():
        variable = next(known for known, value in vars(tables).items() if value is schema)
        variables = ("MEASURES", "SAFETY_MEASURES", "RECORD", "SIGNALS", "JUDGED_COLUMNS", variable)
        meanings = {name: said for one in variables for name, said in meanings_in(tables, one).items()}
        rows = [(f"`{column.name}`", str(column.type), meaning_of(column.name, meanings)) for column in schema]
        parts += [f"## {name}", comment_above(tables, variable), markdown_table(("column", "type", "meaning"), rows)]
    return page(parts)


def meaning_of(column: str, meanings: dict[str, str]) -> str:
    for pattern, meaning in reversed(meanings.items()):
        if meaning and re2.fullmatch(pattern, column):
            return meaning
    raise ValueError(f"column {column} has no comment beside it that says what it means")


def meanings_in(module: types.ModuleType, variable: str) -> dict[str, str]:
    """Pattern of a column's name -> the comment beside it, of every column declared where `variable` is assigned."""
    text = source_of(module)
    comments = comments_by_line(text)
    found = {}
    for node in ast.walk(assignment(text, variable)):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str()) as name, *_]) | ast.DictComp(key=ast.JoinedStr() as name):
                found[name_pattern(name)] = comment_of(comments, name.lineno)
            case ast.Dict(keys=keys):
                found |= {name_pattern(key): comment_of(comments, key.lineno) for key in keys if isinstance(key, ast.Constant)}
    return found


def comment_above(module: types.ModuleType, variable: str) -> str:
    text = source_of(module)
    return comments_by_line(text).get(assignment(text, variable).lineno - 1, ("", False))[0]


def source_of(module: types.ModuleType) -> str:
    return Path(str(module.__file__)).read_text("utf-8")


def assignment(text: str, variable: str) -> ast.stmt:
    """The statement that gives `variable` its value."""
    for node in ast.parse(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == variable for target in targets):
            return node
    raise ValueError(f"{variable} is assigned nowhere")


def name_pattern(node: ast.Constant | ast.JoinedStr) -> str:
    """`f"top_{n}_gram"` as a pattern that matches what it becomes."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(re2.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in parts)


def comments_by_line(text: str) -> dict[int, tuple[str, bool]]:
    """line -> (comment, whether it stands alone there)"""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        token.start[0]: (token.string.lstrip("# "), not token.line[: token.start[1]].strip())
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def comment_of(comments: dict[int, tuple[str, bool]], line: int) -> str:
    """The comment on a line, with the lines below that hold nothing but its continuation."""
    parts = [comments.get(line, ("", False))[0]]
    while comments.get(line + len(parts), ("", False))[1]:
        parts.append(comments[line + len(parts)][0])
    return " ".join(parts).strip()


# --- settings ---


def recipe_page() -> str:
    recipe = Recipe()
    parts = [
        "# Every setting",
        "A recipe is a preset's name or a TOML file with any of these sections, laid over its `base`: a preset (`base = "
        '"fineweb"`; without one, `default`) or what the corpus was made with (`base = "corpus"`). `--set KEY=VALUE` changes one '
        "setting of what stands; `none` takes back one that need not be set. On a corpus that exists the difference is said "
        "first; a whole recipe that changes it stops there without `--yes`, and `--dry-run` counts what it does to the pages. "
        "Without `--recipe` the corpus' own goes on. Unknown names and values of another type are refused.",
        "## Recipes that ship",
        markdown_table(
            ("name", "what it is", "source"), [(f"`{name}`", one.meaning, one.source) for name, one in PRESETS.items()]
        ),
        "`winnow recipe NAME` prints one whole. Settings of lines:",
        presets_table(line_settings()),
        "Rules, their bounds, and `yields at`: the score from which a page is not judged by the rule; – is a rule that is off. "
        "[quality.md](quality.md) has the evidence of `default`.",
        presets_table(rule_bounds()),
    ]
    for section in dataclasses.fields(recipe):
        if section.name != "rules":
            parts += [f"## [{section.name}]", *settings_part(getattr(recipe, section.name))]
    parts += [
        "## [rules.NAME]",
        "A page breaks a rule whose measure is below `minimum` or above `maximum`; docs/tables.md has the measures. Each may "
        "also be given `enabled`, `languages`, `exempt_languages`, and those over lists `values`. Those of the kind "
        "legal are off until `rules.legal = true`, or their own `enabled = true`.",
        markdown_table(("rule", "kind", "measure", "minimum", "maximum", "languages", "source"), map(rule_row, RULES)),
        "## The plan of a run",
        "Settings of `winnow train --set NAME=VALUE`. Defaults are those of `--model tiny`.",
        *settings_part(plan_of("tiny")),
        *(f"`--model {name}` has: {code(size.plan)}." for name, size in SIZES.items()),
    ]
    return page(parts)


def presets_table(rows: Iterable[tuple[str, dict[str, str]]]) -> str:
    """A row where any preset differs from the others; a column a preset."""
    told = [(name, *(values[preset] for preset in PRESETS)) for name, values in rows if len(set(values.values())) > 1]
    return markdown_table(("", *(f"`{name}`" for name in PRESETS)), told)


def line_settings() -> Iterable[tuple[str, dict[str, str]]]:
    recipes = {name: build_recipe({"base": name}) for name in PRESETS}
    for one in dataclasses.fields(Recipe().lines):
        yield f"`{one.name}`", {name: code(getattr(recipe.lines, one.name)) for name, recipe in recipes.items()}


def rule_bounds() -> Iterable[tuple[str, dict[str, str]]]:
    standing = {name: {rule.name: rule for rule in resolve(build_recipe({"base": name}).rules)} for name in PRESETS}
    for rule in RULES:
        yield f"`{rule.name}`", {name: rule_in_short(rules.get(rule.name)) for name, rules in standing.items()}


def rule_in_short(rule: Rule | None) -> str:
    """`50 … 100, en only, yields at 0.4`."""
    if rule is None:
        return "–"
    low, high = ("" if bound is None else f"{bound:g}" for bound in (rule.minimum, rule.maximum))
    parts = [f"≥ {low}" if low else "", f"≤ {high}" if high else ""]
    if rule.measure in LISTED:
        none = "not `und`" if rule.measure == "language" else "no list"
        parts.append(f"a list of {len(rule.values)}" if rule.values else none)
    parts.append(f"{', '.join(sorted(rule.languages))} only" if rule.languages is not None and len(rule.languages) < 4 else "")
    parts.append(f"not {', '.join(sorted(rule.exempt_page_types))}" if rule.exempt_page_types else "")
    parts.append(f"yields at {rule.unless_quality:g}" if rule.unless_quality is not None else "")
    return ", ".join(filter(None, parts))


def settings_part(settings: Any) -> tuple[str, str]:
    hints = typing.get_type_hints(type(settings))
    rows = [
        (f"`{key_of(one)}`", code(getattr(settings, one.name)), may_be(settings, one, hints[one.name]),
         one.metadata.get("meaning", ""), one.metadata.get("source", ""))
        for one in dataclasses.fields(settings)
    ]  # fmt: skip
    return type(settings).__doc__ or "", markdown_table(("setting", "default", "may be", "meaning", "source"), rows)


def code(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, dict):
        return ", ".join(f"`{name} = {one}`" for name, one in value.items())
    return f"`{list(value) if isinstance(value, tuple) else value!s}`".replace("True", "true").replace("False", "false")


KINDS = {bool: "true, false", int: "whole number", float: "number", str: "text", tuple: "list"}


def may_be(settings: Any, field: dataclasses.Field[Any], hint: Any) -> str:
    """The bounds that it is declared with; else its type, and what the settings say when they refuse a number."""
    return allowed(hint, field.metadata) if is_bounded(field) else found_allowed(settings, field.name, hint)


def found_allowed(settings: Any, name: str, hint: Any) -> str:
    """Its type in words, and what the settings themselves say when they refuse too small and too large a number."""
    options = [option for option in typing.get_args(hint) or (hint,) if option is not types.NoneType]
    if typing.get_origin(hint) is typing.Literal:
        return ", ".join(f"`{option}`" for option in options)
    if typing.get_origin(hint) is dict:
        return "tables, by name"
    kind = tuple if typing.get_origin(hint) is tuple else options[0]
    refusals = {refusal(settings, name, kind(number)) for number in (-1, 10**12)} if kind in (int, float) else set()
    return "; ".join([KINDS[kind], *sorted(refusals - {""})])


def refusal(settings: Any, name: str, value: float) -> str:
    """What is said of a value that is refused, after the value itself; nothing where it is accepted."""
    try:
        dataclasses.replace(settings, **{name: value})
    except (WinnowError, ValueError) as error:
        return str(error).partition(f"{name} is {value}")[2].lstrip(",;: ").removeprefix("it must be ").removeprefix("it is ")
    return ""


def rule_row(rule: Rule) -> tuple[str, ...]:
    languages = "all" if rule.languages is None else f"{len(rule.languages)} with a list"
    if rule.exempt_languages:
        languages += f" but {', '.join(sorted(rule.exempt_languages))}"
    bounds = ("" if bound is None else f"{bound:,}" for bound in (rule.minimum, rule.maximum))
    return (f"`{rule.name}`", rule.stage, f"`{rule.measure}`", *bounds, languages, rule.source)


# --- commands ---


def commands_page() -> str:
    group: Any = typer.main.get_command(app)
    root = group.make_context("winnow", [], resilient_parsing=True, max_content_width=HELP_COLUMNS, terminal_width=HELP_COLUMNS)
    parts = [
        "# Every command",
        "Exit status: 0 fine, 1 a promise broken (`verify`, `audit`, `trace`), 2 usage, bad input or a failing machine, 130 "
        "stopped by the user. Errors are one line: what, where, what to do.",
        "Before any command, `winnow --quiet …` leaves results and errors alone; `winnow --verbose …` says what goes on inside: "
        "log lines, where an error was raised, and which file Spark's own log is in.",
    ]
    for name, command in group.commands.items():
        context = command.make_context(name, [], parent=root, resilient_parsing=True)
        parts += [f"## winnow {name}", f"```text\n{command.get_help(context)}\n```"]
    return page(parts)


# --- what is looked for ---


def content_page() -> str:
    services = [(service, f"`{form}`") for service, form in SERVICES]
    issuers = [(issuer, f"{first}–{last}", ", ".join(map(str, lengths))) for issuer, first, last, lengths in ISSUERS]
    identities = [(one.country, f"`{one.form}`", f"`{one.words}`" if one.words else "") for one in IDENTITIES]
    return page(
        [
            "# What is looked for",
            "Forms are patterns of RE2. [content.md](content.md) says how they are judged.",
            "## Placeholders",
            markdown_table(("kind", "in the kept text"), [(f"`{kind}`", f"`{shown}`") for kind, shown in PLACEHOLDERS.items()]),
            "## Identities",
            "Check digits have to hold. Where words are given, one of them has to stand before the number.",
            markdown_table(("country", "form", "words"), identities),
            "## Keys and tokens",
            "And private key blocks, JSON web tokens, passwords in addresses, values that a word like `api_key` assigns.",
            markdown_table(("service", "form"), services),
            "## Cards",
            markdown_table(("issuer", "begins with", "digits"), issuers),
            "## IBAN",
            ", ".join(f"{country} {length}" for country, length in sorted(IBAN_LENGTHS.items())),
            "## Fields of a benchmark's item that do not count",
            ", ".join(f"`{name}`" for name in sorted(NOT_ASKED)),
        ]
    )


# --- markdown ---


def page(parts: list[str]) -> str:
    note = "<!-- Made by `make docs` from the code: change it there. -->"
    return "\n\n".join([parts[0], note, *(part.strip() for part in parts[1:])]) + "\n"


def markdown_table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [
        heads,
        ("---",) * len(heads),
        *(tuple(cell.replace("|", "\\|").replace("<", "&lt;") for cell in row) for row in rows),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


if __name__ == "__main__":
    main()
