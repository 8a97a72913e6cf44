"""Tuning: instructions, preferences, rewards, reinforcement, adapters. Each method is a page, and a `Stage` of the same loop.

settings      which method, with the numbers its authors use
examples      an example: its tokens, which of them are learned, and what a method knows of it beside
feed          which examples a step reads, packed
sft           answers learned word by word
preferences   DPO, IPO and KTO: an answer preferred to another, held against the model before
reward        a head that scores a text, learned from pairs (Bradley-Terry)
grpo          answers written by the model itself, rewarded by a program, compared within their group
distil        what a larger model would have said     divergence   from it, without a table of logits
lora          low-rank updates of matrices        prefix       keys and values before every text
bottleneck    small layers behind large ones      adapters     the one entry to these three
"""
