"""Several corpora by turns, as training reads them together: rows of tokens, or documents where they begin."""
