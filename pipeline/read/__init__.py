"""From stored bytes to documents: records, HTTP, charsets, HTML and rows. One page or one file at a time."""
