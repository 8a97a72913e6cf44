"""Byte-pair encoding: split, count, learn, encode."""
