"""Other ways to write than one text after another: many that come and go, and the likeliest by beams."""
