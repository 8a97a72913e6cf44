"""A corpus on disk: its manifest, its recipe, its inputs, and its tables for whoever looks. No Spark."""
