"""What a run has memorised, asked of it in questions, prompts and sampled documents."""
