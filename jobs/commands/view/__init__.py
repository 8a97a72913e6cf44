"""Commands that show a corpus to people: the web view, two corpora side by side."""
