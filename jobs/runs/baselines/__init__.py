"""`winnow ablate --models`: what came before the transformer, on the same rows of one corpus, in one table."""
