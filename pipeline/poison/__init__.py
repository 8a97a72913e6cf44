"""Detectors of text that was planted: one file per kind of attack, each a pure function from text to findings."""
