"""Files put through the reader and the scorer."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

from adapters.intake.reader import CsvCustomerFiles
from domain.model import ModelVersion
from domain.schema import match_header
from entrypoints.desk import Desk

Scores = dict[str, tuple[float, tuple[float, ...]]]
"""Customer id → margin and SHAP values."""


def scores_of(desk: Desk, model: ModelVersion, path: Path, *, block_bytes: int = 8 * 1024**2) -> Scores:
    files, scorer = CsvCustomerFiles(block_bytes), desk.registry.scorer(model.id)
    preview = files.preview(path)
    match = match_header(model.schema, preview.header, sample=preview.sample)
    reading = files.read(path, schema=model.schema, match=match, format=preview.format)
    found: Scores = {}
    for batch in reading.batches():
        scored = scorer.score(batch)
        ids = batch.data.column("id").to_pylist()
        found |= {
            customer: (float(margin), tuple(values.tolist()))
            for customer, margin, values in zip(ids, scored.margin, scored.contributions, strict=True)
        }
    return found


def margins_of(desk: Desk, model: ModelVersion, path: Path) -> list[float]:
    """In file order, whatever the ids."""
    files, scorer = CsvCustomerFiles(), desk.registry.scorer(model.id)
    preview = files.preview(path)
    match = match_header(model.schema, preview.header, sample=preview.sample)
    reading = files.read(path, schema=model.schema, match=match, format=preview.format)
    return [float(margin) for batch in reading.batches() for margin in scorer.score(batch).margin]


def as_csv(rows: list[list[str]], *, line_end: str = "\n", **how: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **how).writerows(rows)
    return out.getvalue().replace("\n", line_end)


def written(path: Path, content: str | bytes, *, encoding: str = "utf-8", packed: bool = False) -> Path:
    data = content.encode(encoding) if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data, 1, mtime=0) if packed else data)
    return path
