"""The implementations that each contract is held against."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.persistence.engine import make_engine
from adapters.persistence.schema_version import upgrade
from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.unit_of_work import UnitOfWork
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as the migrations leave it, to be copied: that is quicker than migrating for every test."""
    path = tmp_path_factory.mktemp("migrated") / "netone.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def engine(migrated_database: Path, tmp_path: Path) -> Iterator[Engine]:
    """A prepared engine on a new, migrated database."""
    path = tmp_path / "netone.db"
    shutil.copyfile(migrated_database, path)
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["memory", "sql"])
def new_uow(request: pytest.FixtureRequest) -> Callable[[], UnitOfWork]:
    """Makes units of work over one store, in memory and in SQL."""
    if request.param == "memory":
        return partial(FakeUnitOfWork, FakeDatabase())
    return partial(SqlUnitOfWork, request.getfixturevalue("engine"))
