"""The stage `dedup`: exact and near copies, and who is kept for them."""
