"""Customers that wait for their place: few rows in memory, and few bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from adapters.results.writing import batch_buffer
from adapters.results.writing.batch_buffer import RiskOrderedBuffer


@pytest.mark.parametrize("wide", [10_000, 1])
def test_few_customers_with_much_text_go_to_disk_and_come_back_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: int
) -> None:
    monkeypatch.setattr(batch_buffer, "IN_MEMORY_BYTES", 20_000)
    monkeypatch.setattr(batch_buffer, "WIDE", wide)
    risks = np.random.default_rng(7).random(500).round(2)
    kept = RiskOrderedBuffer(tmp_path / "buffer.arrow")
    for start in range(0, 500, 30):
        rows = np.arange(start, min(start + 30, 500))
        text = pa.array(["x" * 100] * len(rows))
        kept.append(pa.RecordBatch.from_pydict({"row": rows, "probability": risks[rows], "text": text}))

    assert (tmp_path / "buffer.arrow").exists()
    in_order = [row for table in kept.tables() for row in table.column("row").to_pylist()]
    kept.remove()

    assert in_order == sorted(range(500), key=lambda row: (-risks[row], row))
    assert not (tmp_path / "buffer.arrow").exists()


def test_few_customers_are_held_in_memory_however_many_share_a_risk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_buffer, "ORDERED_AT_ONCE", 3_000)
    risks = np.where(np.arange(2_000) % 3, 0.25, 0.75)
    kept = RiskOrderedBuffer(tmp_path / "buffer.arrow", in_memory_rows=100)
    for start in range(0, 2_000, 90):
        rows = np.arange(start, min(start + 90, 2_000))
        kept.append(pa.RecordBatch.from_pydict({"row": rows, "probability": risks[rows]}))

    portions = [table.column("row").to_pylist() for table in kept.tables()]
    kept.remove()

    assert [row for rows in portions for row in rows] == sorted(range(2_000), key=lambda row: (-risks[row], row))
    assert max(map(len, portions)) < 300


def test_a_column_that_only_later_batches_have_is_null_before(tmp_path: Path) -> None:
    kept = RiskOrderedBuffer(tmp_path / "buffer.arrow", in_memory_rows=2)
    for place in range(4):
        rows = {"row": [2 * place, 2 * place + 1], "probability": [0.1, 0.9]}
        kept.append(pa.RecordBatch.from_pydict(rows | ({"text": ["a", "b"]} if place == 2 else {})))

    customers = [customer for table in kept.tables() for customer in table.to_pylist()]
    kept.remove()

    assert [customer["row"] for customer in customers] == [1, 3, 5, 7, 0, 2, 4, 6]
    assert {customer["row"]: customer.get("text") for customer in customers if customer.get("text")} == {4: "a", 5: "b"}
