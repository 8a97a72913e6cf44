"""Lists that people bring (addresses, words, benchmarks), read once and sent to the tasks."""
