"""What a run is worth by questions: choices, answers in words, pairs that should be alike, and another harness's tasks."""
