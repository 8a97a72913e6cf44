"""Questions put to a finished corpus: explain, trace, verify, scan of any text. No Spark."""
