"""What takes seconds to make, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings


@pytest.fixture(scope="session")
def with_starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the starter model and without people, to be copied."""
    folder = tmp_path_factory.mktemp("starter")
    desk = build_inline(Settings(data_dir=folder, bcrypt_cost=4))
    desk.upgrade_database()
    training = desk.ensure_starter()
    assert training is not None
    desk.train_model(training.id)
    return folder
