"""The corpus as if it had never had the pages: what its counts and cuts would be."""
