"""Shingles, MinHash signatures and fingerprints of n-grams."""
