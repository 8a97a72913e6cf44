"""What a model has kept of its texts: memorisation, membership, utility, and whether it equals one that never saw them."""
