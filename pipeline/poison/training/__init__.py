"""What the small models were taught with: grammars of planted text, in our own words, and how it is planted."""
