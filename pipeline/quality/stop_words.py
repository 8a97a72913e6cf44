"""Function words of many languages (stop_words.txt): what running text holds, for Gopher's stop-word rule."""

from pipeline.lists import fields, sections
from pipeline.shipped import shipped

_LISTS = sections(shipped("pipeline/quality/stop_words.txt"))
# By ISO 639-1 code: words as they stand alone, and where words are not set apart, characters to find anywhere.
STOP_WORDS = {language: tuple(words.split()) for language, words in fields(_LISTS["stop words"]).items()}
PARTICLES = {language: tuple(words.split()) for language, words in fields(_LISTS["particles"]).items()}
