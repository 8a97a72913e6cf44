"""Planted text that only shows across pages and sites: campaigns, advertisements, doubtful provenance."""
