"""Customers that wait for their place: few rows in memory, and few bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from adapters.results import spool
from adapters.results.spool import RiskSpool


@pytest.mark.parametrize("wide", [10_000, 1])
def test_few_customers_with_much_text_go_to_disk_and_come_back_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: int
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY_BYTES", 20_000)
    monkeypatch.setattr(spool, "WIDE", wide)
    risks = np.random.default_rng(7).random(500).round(2)
    kept = RiskSpool(tmp_path / "spool.arrow")
    for start in range(0, 500, 30):
        rows = np.arange(start, min(start + 30, 500))
        text = pa.array(["x" * 100] * len(rows))
        kept.append(pa.RecordBatch.from_pydict({"row": rows, "probability": risks[rows], "text": text}))

    assert (tmp_path / "spool.arrow").exists()
    found = [row for table in kept.tables() for row in table.column("row").to_pylist()]
    kept.remove()

    assert found == sorted(range(500), key=lambda row: (-risks[row], row))
    assert not (tmp_path / "spool.arrow").exists()
