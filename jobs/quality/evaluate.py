"""`winnow quality evaluate`: a model held against pages with labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.corpus.recipe import Recipe, quality_model
from jobs.quality.pages import read_pages
from pipeline.errors import UsageError
from pipeline.quality.evaluate import auc_interval, precision_at, reliability
from pipeline.quality.measures import measure
from pipeline.quality.score import QualitySettings


def evaluate(model: str, labels: Sequence[str], keep_share: float | None) -> dict[str, Any]:
    """AUC with its interval, and the share of good pages among the best `keep_share`; by default as many as are good."""
    loaded, pages = quality_model(QualitySettings(model=model)), read_pages(labels, None)
    if loaded is None:
        raise UsageError("a model is needed: name a file, or default")
    good = np.array(pages.good, float)
    if good.sum() in (0, len(good)):
        raise UsageError("labels need pages of both kinds, 1 and 0")
    measures = measure(pa.array(pages.texts, pa.string()), pa.array(pages.languages, pa.string()), Recipe().lines, loaded)
    scores = measures.column("quality").to_numpy().astype(float)
    area = auc_interval(scores, good)
    share = float(good.mean()) if keep_share is None else keep_share
    return {
        "pages": len(good),
        "good": int(good.sum()),
        "auc": round(area.value, 4),
        "auc_interval": [round(area.low, 4), round(area.high, 4)],
        "keep_share": round(share, 4),
        "precision": round(precision_at(scores, good, share), 4),
        "reliability": [{name: round(value, 3) for name, value in one.items()} for one in reliability(scores, good)],
    }
