"""What a run is worth: bits a byte on held-out pages; by questions: choices, words, pairs, another harness's tasks."""
