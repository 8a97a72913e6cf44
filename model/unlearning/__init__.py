"""Approximate unlearning: published losses on the same training loop. For runs whose checkpoints allow no exact replay.

    settings   which method, with the numbers its authors use
    feed       texts to forget and rows to keep, as micro-batches that know which they are
    formulas   the losses as functions of texts' likelihoods: what the golden tests hold to the published numbers
    losses     the same as `Loss`es of model/training/train.py
    unlearn    the one entry: a state, texts to forget, rows to keep

None of these methods proves that anything is gone: model/audit measures what is left, jobs/takedown replays without the page.
"""
