"""What a person is shown of a command: lines, tables, progress, and an error as one line."""
