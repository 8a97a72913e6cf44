"""Texts from a run, as they are wanted: ended by words, by the hundred from a file, the likeliest of all."""
