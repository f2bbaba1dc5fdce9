"""An installation with a small model, and customers it can score."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import Account, system_account
from domain.model import ModelVersion
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings

Rows = list[list[str]]


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any-file")


@pytest.fixture(scope="package")
def application(with_starter: Path, folder: Path) -> Application:
    """With the starter model as champion; what is queued is scored by the tests themselves."""
    shutil.copytree(with_starter, folder / "data")
    return build_inline(Settings(data_dir=folder / "data", bcrypt_cost=4))


@pytest.fixture(scope="package")
def model(application: Application) -> ModelVersion:
    with ports_of(application).new_reading() as uow:
        champion = uow.models.champion()
    assert champion is not None
    return champion


@pytest.fixture(scope="package")
def somebody(application: Application) -> Account:
    return system_account(application.now())


@pytest.fixture(scope="package")
def table(application: Application, folder: Path) -> Rows:
    """Header and 60 made-up customers, as cells."""
    path = folder / "sample.csv"
    ports_of(application).sample.write(path, rows=60, seed=5, months=None, labelled=False)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
