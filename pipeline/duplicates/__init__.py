"""What makes two documents the same, and what keeps a removed one from coming back."""
