"""WARC files, record by record, past any damage."""
