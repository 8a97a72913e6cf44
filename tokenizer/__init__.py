"""From curated text to token shards: split, count, learn, encode, shards. No Spark and no torch here.

May import pipeline.kernels, pipeline.arrays and pipeline.errors; numpy, pyarrow, tokenizers, tiktoken.
"""
