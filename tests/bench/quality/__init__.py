"""`make bench-quality`: recipes beside datatrove, and the score on pages that people labelled."""
