"""Each store of results, empty and filled, and one in memory to compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.results.store import ParquetResults
from application.ports.results import ResultStore
from tests.contract.results.scored import made, write
from tests.fakes.judge import CountingJudge
from tests.fakes.results import InMemoryResults


@pytest.fixture(params=["in memory", "Parquet"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    judge = CountingJudge()
    return InMemoryResults(judge) if request.param == "in memory" else ParquetResults(tmp_path / "it's", judge)


@pytest.fixture
def filled(store: ResultStore) -> ResultStore:
    write(store, made())
    return store


@pytest.fixture
def oracle() -> InMemoryResults:
    memory = InMemoryResults()
    write(memory, made())
    return memory
