"""What a rule changes in the texts of a batch, a row a span."""

import pyarrow as pa

LINE_EDITS = pa.schema(
    [
        ("row", pa.int32()),  # index in the batch
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("replacement", pa.string()),
        ("reason", pa.string()),
    ]
)
