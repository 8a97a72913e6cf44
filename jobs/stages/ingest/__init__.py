"""Input files to documents: which task reads what, and what it writes."""
