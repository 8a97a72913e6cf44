"""The commands about runs: train, tune, use, ask, make them forget."""
