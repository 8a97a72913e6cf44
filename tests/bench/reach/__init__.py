"""What reaching for large files, failing networks and clusters costs: splits, faults, a cluster beside one machine, starting."""
