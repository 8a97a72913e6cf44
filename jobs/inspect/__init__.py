"""The web view of a corpus on this machine: pages to decide in, drawn on the server, without script, for one reader at a time."""
