"""Each store of results, empty and filled, and one in memory to compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.results.store import ParquetResults
from application.ports.results import ResultStore
from tests.contract.results.scored import made, write
from tests.fakes.results import InMemoryResults
from tests.fakes.truth_evaluator import CountingEvaluator


@pytest.fixture(params=["in memory", "Parquet"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    evaluator = CountingEvaluator()
    return InMemoryResults(evaluator) if request.param == "in memory" else ParquetResults(tmp_path / "it's", evaluator)


@pytest.fixture
def filled(store: ResultStore) -> ResultStore:
    write(store, made())
    return store


@pytest.fixture
def oracle() -> InMemoryResults:
    memory = InMemoryResults()
    write(memory, made())
    return memory
