"""Spark started, and the one way from it into our code."""
