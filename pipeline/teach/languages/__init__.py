"""A language model that knows what it does not know: n-grams weighed, certainty learned, both measured"""
