"""A page from bytes to its texts: one linear walk over tags, whatever stands in them."""
