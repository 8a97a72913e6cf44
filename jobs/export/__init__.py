"""Curated documents and shards in the layouts that other trainers read. No Spark."""
