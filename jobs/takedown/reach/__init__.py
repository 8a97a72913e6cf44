"""Everything that a request reaches: pages, their copies, who quotes them, and what takes their place."""
