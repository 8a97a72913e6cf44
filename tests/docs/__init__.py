"""The pages of documentation: what is generated is up to date, what is shown runs."""
