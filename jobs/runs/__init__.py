"""Runs: training on a corpus' shards and what is done with the result. No Spark here; torch comes in through model/."""
