"""Loops over flat (bytes, offsets) arrays, compiled by numba. May import numpy and numba only."""
