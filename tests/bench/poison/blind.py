"""bench_poison on documents that nobody looked at: what is flagged of attacks, and of innocent pages that resemble them.

tests/bench/blind_documents.jsonl.gz: 117 documents with one planted text each and 73 without, in our own words, written
from the threat alone, without a look at the scanner, in eight and seven kinds. They belong to no training and no calibration: the
scanner was changed after a look at their 190 siblings, and these were counted once, afterwards. Whoever reads them to mend a
rule has used them up.
"""

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from jobs.ask.scan_documents import Document, document_of, results
from pipeline.poison.findings import ScanSettings
from tests.bench.poison.recall import share_of

DOCUMENTS = Path(__file__).parent / "blind_documents.jsonl.gz"
BATCH = 64


def bench_blind() -> dict[str, Any]:
    """{"attacks" or "innocent": {kind: flagged, as `share_of`}}."""
    rows = [json.loads(line) for line in gzip.decompress(DOCUMENTS.read_bytes()).splitlines()]
    documents = [one for row in rows if isinstance(one := document_of(json.dumps(row).encode()), Document)]
    batches = (documents[at : at + BATCH] for at in range(0, len(documents), BATCH))
    flagged = [one["flagged"] for batch in batches for one in results(batch, ScanSettings())]
    counts: dict[str, dict[str, list[int]]] = {"attacks": defaultdict(lambda: [0, 0]), "innocent": defaultdict(lambda: [0, 0])}
    for row, is_flagged in zip(rows, flagged, strict=True):
        count = counts["attacks" if row["planted"] else "innocent"][row["kind"]]
        count[0] += is_flagged
        count[1] += 1
    return {side: {kind: share_of(*count) for kind, count in kinds.items()} for side, kinds in counts.items()}
