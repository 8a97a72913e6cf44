"""Planted text that hides in its characters: invisible, look-alike, encoded."""
