"""Training on shards, step by step: begun, gone on with, by several processes, from other weights."""
