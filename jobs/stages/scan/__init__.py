"""The stage `scan`: what looks planted, page by page and across pages."""
