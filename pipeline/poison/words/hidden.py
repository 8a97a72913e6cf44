"""Instructions to a model by their words, where no reader sees them and in view. The words:
pipeline/poison/words/instructions.py.
"""

from pipeline.poison.findings import Finding, excerpt
from pipeline.poison.words import instructions
from pipeline.poison.words.instructions import EXTRACTION, OVERRIDE, REVIEW, WEAK_OVERRIDE, Hit

INSTRUCTION = "instruction"
RULES = {
    OVERRIDE: "override_instruction",
    WEAK_OVERRIDE: "override_instruction",
    instructions.ADDRESS: "addressed_instruction",
    REVIEW: "planted_review",
    EXTRACTION: "prompt_extraction",
}

REASONS = {
    OVERRIDE: "earlier instructions are overridden",
    WEAK_OVERRIDE: "instructions are overridden",
    instructions.ADDRESS: "a model is addressed and given a task",
    REVIEW: "praise is asked for",
    EXTRACTION: "a system prompt is asked for",
}


def judge_hidden(text: bytes) -> list[tuple[Hit, str]]:
    """(hit, severity) in text no reader sees, as if the page were about anything else.

    Severe: a system prompt asked for; earlier orders overridden; any orders overridden, or praise asked for, near an address
    or a task; a model addressed and a task set. The rest is a hint.
    """
    overrides, addresses = instructions.overrides(text), instructions.addresses(text)
    judged = [(hit, "severe") for hit in instructions.others(EXTRACTION, text)]
    for hit in overrides:
        strong = hit.kind == OVERRIDE or any(instructions.is_near(hit, one) for one in addresses)
        judged.append((hit, "severe" if strong or instructions.has_task(text, hit) else "warn"))
    for hit in addresses:
        if instructions.has_task(text, hit) and not any(instructions.is_near(hit, one) for one in overrides):
            judged.append((hit, "severe"))
    for hit in instructions.others(REVIEW, text):
        judged.append((hit, "severe" if any(instructions.is_near(hit, one) for one in addresses + overrides) else "warn"))
    return judged


def judge_visible(text: bytes) -> list[tuple[Hit, str]]:
    """(hit, severity) in text that readers see: strong overrides, severe, a note where they are quoted or reported; the rest is
    left to pipeline/poison/words/sentences.py, which knows the page around them."""
    return [
        (hit, "note" if instructions.is_quoted(text, hit) or instructions.is_narrated(text, hit) else "severe")
        for hit in instructions.overrides(text)
        if hit.kind == OVERRIDE
    ]


def findings(row: int, field: str, raw: bytes, judged: list[tuple[Hit, str]], *, discussed: bool) -> list[Finding]:
    """As rows of the table, offsets in code points. On a page about prompts everything counts one step less."""
    text = raw.decode()
    found = []
    for hit, severity in judged:
        start = len(raw[: hit.start].decode())
        end = start + len(raw[hit.start : hit.end].decode())
        if discussed:
            severity = {"severe": "warn", "warn": "note"}.get(severity, severity)
        shown = excerpt(text, start, end)
        found.append(Finding(row, RULES[hit.kind], INSTRUCTION, severity, field, start, end, shown, "", REASONS[hit.kind]))
    return found
