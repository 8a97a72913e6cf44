"""What Gopher, C4 and FineWeb count of a text."""
