"""Pages out of a run: exactly by replay, or approximately; and the oracle that exact ones are held against."""
