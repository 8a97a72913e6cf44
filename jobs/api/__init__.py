"""What `import winnow` gives: a corpus as Arrow, DuckDB, pandas and torch's data sets, in notebooks and programs."""
