"""A sample of a run is the same however its file is read, and it is read once."""

from __future__ import annotations

import weakref
from functools import partialmethod
from pathlib import Path

import pytest

from adapters.results.reading.stored_run import StoredRun
from adapters.results.store import ParquetResults
from tests.contract.results.scored import OTHER, RUN, made, write
from tests.fakes.truth_evaluator import CountingEvaluator


@pytest.mark.parametrize("rows", [1, 7, 8, 100])
def test_every_nth_customer_is_taken_across_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    store = ParquetResults(tmp_path, CountingEvaluator())
    write(store, made())
    whole = store.sample(RUN, 7).data
    monkeypatch.setattr(StoredRun, "slices", partialmethod(StoredRun.slices, rows=rows))

    assert ParquetResults(tmp_path, CountingEvaluator()).sample(RUN, 7).data.to_pylist() == whole.to_pylist()


def test_the_latest_sample_is_kept(tmp_path: Path) -> None:
    store = ParquetResults(tmp_path, CountingEvaluator())
    write(store, made())
    write(store, made(), run=OTHER)
    first = store.sample(RUN, 2)

    assert store.sample(RUN, 2) is first
    assert store.sample(RUN, 3) is not first
    assert store.sample(RUN, 2) is not first
    assert store.sample(OTHER, 2) is not first


def test_no_customer_of_a_deleted_result_stays_in_memory(tmp_path: Path) -> None:
    store = ParquetResults(tmp_path, CountingEvaluator())
    write(store, made())
    kept = weakref.ref(store.sample(RUN, 2).data)
    assert kept() is not None

    store.discard(RUN)

    assert kept() is None
