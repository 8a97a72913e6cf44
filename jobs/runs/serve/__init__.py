"""`winnow serve`: a run behind the interface that OpenAI's clients speak, on this machine alone."""
