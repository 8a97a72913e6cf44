"""Documents that come as rows, JSON lines and Parquet: a text or a page, its address and date, and what else the row says.

A line, a row or a row group that cannot be read is one `Damage`, what can be read goes on; no other column costs a text.
"""
