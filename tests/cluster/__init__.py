"""A Spark cluster of this machine's own: a master, two workers, each its own process, and what becomes of a corpus there."""
