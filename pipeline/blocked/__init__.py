"""Which addresses the lists of a recipe block: hosts, parts of hosts, words and patterns of URLs; and which they let pass."""
