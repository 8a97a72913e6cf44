"""Taking pages out again: found, redacted in place, and kept out."""
