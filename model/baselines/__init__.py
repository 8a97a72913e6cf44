"""What came before the transformer, on the same rows: n-grams, recurrent networks, and these with attention.

kneser_ney  n-grams, counted        recurrent  an LSTM        seq2seq  two LSTMs, one of which attends to the other
"""
