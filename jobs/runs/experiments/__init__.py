"""Experiments in unlearning: every method beside retraining, on small models that know something by heart.

recipe     TOML to settings               canaries, backdoor, authors   what is learned, and how forgetting is measured
corpus     texts to shards, no Spark      trial                         the models: train, unlearn, measure
words      invented words and sentences   results, page                 all of them compared, as JSON and as HTML
task       what the kinds have in common
"""
