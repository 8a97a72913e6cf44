"""Which language: n-grams of letters found in a table, and what they say of each language, in whole numbers."""
