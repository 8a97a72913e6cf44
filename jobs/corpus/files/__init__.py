"""The files of a corpus: how each is written once, read through its checksums, kept for whoever needs it, and swept."""
