"""Which blocks of a page are its main text: what each block is told by, and the choice among them."""
