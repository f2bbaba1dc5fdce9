"""Row groups: few rows first, then more; of wide rows fewer."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from adapters.results.files import row_groups as module
from adapters.results.files.row_groups import row_groups


def tables(*rows: int, text: str = "") -> Iterator[pa.Table]:
    start = 0
    for count in rows:
        yield pa.table({"row": list(range(start, start + count)), "text": [text] * count})
        start += count


def test_the_first_row_groups_are_small_and_the_others_equal() -> None:
    groups = list(row_groups(tables(10_000, 1, 30_000)))
    assert [group.num_rows for group in groups] == [1_024, 4_096, 16_384, 16_384, 2_113]
    assert [row for group in groups for row in group.column("row").to_pylist()] == list(range(40_001))


def test_groups_of_wide_rows_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 100_000)
    groups = list(row_groups(tables(300, 5, 700, text="x" * 1_000)))
    assert max(group.nbytes for group in groups) < 220_000
    assert [row for group in groups for row in group.column("row").to_pylist()] == list(range(1_005))
