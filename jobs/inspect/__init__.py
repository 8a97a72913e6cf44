"""The web view of a corpus: pages to decide in, drawn on the server, without script, for one reader on this machine."""
