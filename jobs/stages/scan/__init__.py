"""The stage `scan`: what looks planted, private or taken from a benchmark, page by page and across pages."""
