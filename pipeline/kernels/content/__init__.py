"""What a page holds that a corpus should not: stretches that may be personal data, and n-grams of benchmarks."""
