"""What happens to one page, or one batch of pages: bytes and Arrow in, Arrow out.

May import its own kernels, pyarrow and parsers; knows no Spark, no torch and opens no files of its own accord.
"""
