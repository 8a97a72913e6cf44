"""The stages `tokenizer` and `shard`: words counted, merges learned, tokens written."""
