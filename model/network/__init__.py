"""The transformer: one Block with flags, attention over packed documents, mixtures of experts."""
