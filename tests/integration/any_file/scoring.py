"""Files put through the reader and the scorer."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.intake.reader import CsvCustomerFiles
from application.ports.intake import IntakeReport
from bench.ports import ports_of
from domain.header_matching import match_header
from domain.model import ModelVersion
from entrypoints.application import Application

Scores = dict[str, tuple[float, tuple[float, ...]]]
"""Customer id → margin and SHAP values."""


@dataclass(frozen=True)
class Read:
    """The outcome of a file: scores, counts, and each rejected row without its text."""

    scores: Scores
    counted: IntakeReport
    rejected: tuple[tuple[str, ...], ...]


def read_of(application: Application, model: ModelVersion, path: Path, *, block_bytes: int = 8 * 1024**2) -> Read:
    files, scorer = CsvCustomerFiles(block_bytes), ports_of(application).registry.scorer(model.id)
    preview = files.preview(path)
    match = match_header(model.schema, preview.header, sample=preview.sample)
    listing = path.with_suffix(".rejected.csv")
    reading = files.read(path, schema=model.schema, match=match, format=preview.format, rejected=listing)
    scores: Scores = {}
    for batch in reading.batches():
        scored = scorer.score(batch)
        ids = batch.data.column("id").to_pylist()
        scores |= {
            customer: (float(margin), tuple(values.tolist()))
            for customer, margin, values in zip(ids, scored.margin, scored.contributions, strict=True)
        }
    with listing.open(encoding="utf-8", newline="") as file:
        rejected = tuple((row["line"], row["column"], row["value"], row["reason"]) for row in csv.DictReader(file))
    return Read(scores, replace(reading.report(), encoding=None), rejected)


def scores_of(application: Application, model: ModelVersion, path: Path, *, block_bytes: int = 8 * 1024**2) -> Scores:
    return read_of(application, model, path, block_bytes=block_bytes).scores


def margins_of(application: Application, model: ModelVersion, path: Path) -> list[float]:
    """In file order, whatever the ids."""
    files, scorer = CsvCustomerFiles(), ports_of(application).registry.scorer(model.id)
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
