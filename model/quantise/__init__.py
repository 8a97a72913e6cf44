"""A model's matrices as whole numbers of 8 or 4 bits, each row or group of a row with a scale of its own; made without data.

codes    numbers and scales of a matrix, with the bound of their error
layers   layers that compute with them          network   the transformer made of these
"""
