"""`make bench-content`: personal data and benchmark overlap, measured."""
