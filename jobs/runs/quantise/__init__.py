"""`winnow quantise`: a run's weights as whole numbers, in a run of their own that names its parent."""
