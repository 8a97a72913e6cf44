"""A model of quality of one's own: trained on pages that someone judged, and held against labels."""
