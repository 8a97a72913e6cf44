"""What teaches the small models that ship, and the texts that teach them. Nothing that runs imports it."""
