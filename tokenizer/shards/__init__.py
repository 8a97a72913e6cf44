"""Token shards: written, read, packed into rows, split for validation."""
