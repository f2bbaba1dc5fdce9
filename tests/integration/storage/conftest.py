"""An installation with a model, trained once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.storage.places import Place


@pytest.fixture(scope="session")
def with_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory, to be copied."""
    place = Place(tmp_path_factory.mktemp("with-model") / "data")
    place.train()
    return place.folder


@pytest.fixture
def place(with_model: Path, tmp_path: Path) -> Place:
    shutil.copytree(with_model, tmp_path / "data")
    return Place(tmp_path / "data")
