"""The order in which the tests' files are handed out, what would slow them down, and an installation to copy."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.forking.process import SERVER
from tests.kept_migrations import migrations_noted_once
from tests.kept_statements import statements_compiled_once
from tests.quick_disk import no_waiting_for_the_disk

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # this system has no flock: each process trains for itself

# Some containers forbid it. Tests and a hundred processes of theirs would then be compiled again each time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("patient"), max_examples=2_000)
settings.load_profile("patient")  # a busy machine is no fault of the code


ROOT = Path(__file__).parents[1]
LONGEST = (
    *("tests/e2e/test_accessibility.py", "tests/integration/test_training.py", "tests/crash/test_smoke.py"),
    *("tests/integration/any_file/test_hostile_files.py", "tests/integration/test_web_memory.py"),
    *("tests/integration/web/test_one_number.py", "tests/e2e/test_main_job.py", "tests/integration/test_serve.py"),
    *("tests/integration/released/test_released_schemas.py", "tests/e2e/test_xss.py"),
    *("tests/integration/any_file/test_any_way_of_writing.py", "tests/integration/any_file/test_same_scores.py"),
    *("tests/contract/test_reports_pdf.py", "tests/integration/test_worker_child.py"),
)
"""The files that take longest, longest first, by their CPU seconds and what their browsers and servers take."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first: one that is begun last leaves the other workers idle."""
    places = {ROOT / name: place for place, name in enumerate(LONGEST)}
    for item in items:
        if item.path not in places and (item.get_closest_marker("e2e") or item.get_closest_marker("slow")):
            places[item.path] = len(LONGEST)
    items.sort(key=lambda item: places.get(item.path, len(LONGEST) + 1))


def pytest_collection() -> None:
    """While all modules are imported and the tests collected, nearly nothing becomes garbage: looking takes seconds."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Garbage is looked for only among what tests make, not among fourteen thousand collected tests and all modules."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    SERVER.close()
    atexit.register(gc.unfreeze)  # libraries report what the interpreter does not find at its end


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Neither in this process nor in its forks. Processes that tests start otherwise do wait."""
    with no_waiting_for_the_disk():
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    with statements_compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _migrations_noted_once() -> Iterator[None]:
    with migrations_noted_once():
        yield


@pytest.fixture(scope="session")
def with_starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the starter model and without people, to be copied: training takes seven seconds.

    The processes of a test run share it: the first one trains, and another that needs it meanwhile waits.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ and fcntl is not None else own
    folder, ready = shared / "starter", shared / "starter.ready"
    with (shared / "starter.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed
            folder.mkdir()
            _train_starter(folder)
            ready.touch()
    return folder


def _train_starter(folder: Path) -> None:
    from entrypoints.bootstrap import build_inline  # only here: most tests need no application
    from entrypoints.settings import Settings

    application = build_inline(Settings(data_dir=folder, bcrypt_cost=4))
    application.maintenance.upgrade_database()
    training = application.models.ensure_starter()
    assert training is not None
    application.models.train_model(training.id)
