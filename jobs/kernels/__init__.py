"""Kernels compiled before they are needed: which calls compile what a stage uses, on all cores, and an archive of the result.

No Spark: a stage asks for it before its tasks start, and so do the tests.
"""
