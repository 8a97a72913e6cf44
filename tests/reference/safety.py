"""Phrases of a list in a text, token by token. Slow."""

from tests.reference.quality import tokens


def count(text: str, phrases: list[str]) -> tuple[int, int]:
    """(places where a phrase stands, tokens)"""
    spelled = [str(one) for one in tokens(text.lower())]
    sought = {tuple(map(str, tokens(phrase.lower()))) for phrase in phrases} - {()}
    found = sum(tuple(spelled[at : at + len(phrase)]) == phrase for phrase in sought for at in range(len(spelled)))
    return found, len(spelled)
