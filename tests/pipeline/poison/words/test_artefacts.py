"""What writing with a model leaves behind is reported and never costs the page; what people write is not reported."""

import pytest

from pipeline.poison.findings import SCORES, ScanSettings
from pipeline.poison.words import artefacts


def found(text: str) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in artefacts.findings(0, "text", text.encode())]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("As an AI language model, I cannot taste bread.", "assistant_phrase"),
        ("Als Sprachmodell kann ich das nicht.", "assistant_phrase"),
        ("作为一个人工智能语言模型，我不能回答。", "assistant_phrase"),
        ("I'm sorry, but I cannot assist with that.", "assistant_refusal"),
        ("As of my last knowledge update in 2023 it was open.", "assistant_refusal"),
        ("Certainly! Here is a draft of the article:", "assistant_opening"),
        ("Yours, [Insert Name Here]", "template_blank"),
        ("Dear [Recipient's Name],", "template_blank"),
        ("Prompt: Write an article about dogs", "leftover_prompt"),
        ("Write a 500-word SEO-optimized blog post", "leftover_prompt"),
    ],
)
def test_what_a_model_leaves_is_found(text: str, rule: str) -> None:
    assert rule in [name for name, _ in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "As an assistant manager I answer letters.",
        "Insert the card [see figure 2].",
        "Sure, here we are again.",
        "usage: cp [options] source",
        "Language models are trained on text.",
        "The keyword is reserved.",
        "I am sorry, but the shop is closed.",
    ],
)
def test_what_people_write_is_not(text: str) -> None:
    assert found(text) == []


def test_no_artefact_can_drop_a_page() -> None:
    assert max(SCORES[severity] for _, severity, _ in artefacts.RULES) < ScanSettings().min_score
