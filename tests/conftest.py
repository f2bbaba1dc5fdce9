"""The order in which the tests' files are handed out, how patient generated tests are, and an installation to copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("patient"), max_examples=2_000)
settings.load_profile("patient")  # a busy machine is no fault of the code


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first: one that is begun last leaves the other workers idle."""
    long = {item.path for item in items if item.get_closest_marker("e2e") or item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def with_starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the starter model and without people, to be copied: training takes seven seconds."""
    from entrypoints.bootstrap import build_inline  # only here: most tests need no application
    from entrypoints.settings import Settings

    folder = tmp_path_factory.mktemp("starter")
    application = build_inline(Settings(data_dir=folder, bcrypt_cost=4))
    application.maintenance.upgrade_database()
    training = application.models.ensure_starter()
    assert training is not None
    application.models.train_model(training.id)
    return folder
