"""Linear models on hashed n-grams: applied, and learned."""
