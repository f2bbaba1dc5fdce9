"""A filled installation, and an archive of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.backup.installations import Installation, an_installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = an_installation(tmp_path / "data")
    yield made
    made.engine.dispose()


@pytest.fixture
def archive(installation: Installation, tmp_path: Path) -> Path:
    installation.back_up(tmp_path / "one.tar")
    return tmp_path / "one.tar"
