"""Which pages give a benchmark away: n-grams of its items found in their text, and how much of an item they are."""
