"""The documents that others ask for of a corpus, from its tables: a card, Croissant, summaries by law."""
