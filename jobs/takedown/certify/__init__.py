"""What is said of a takedown, and made again from the records by whoever doubts it."""
