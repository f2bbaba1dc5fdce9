"""The data directory is measured at most once a minute, and not while a scrape waits."""

from __future__ import annotations

import threading

from application.ports.system import StorageUse
from application.use_cases.administration.monitoring import FileFigures
from entrypoints.web.metrics.installation_metrics import CachedFiles


class Files:
    """Counts how often it was measured; waits while it is held."""

    def __init__(self) -> None:
        self.measured, self.go_on = 0, threading.Event()
        self.go_on.set()
        self.again = threading.Semaphore(0)

    def __call__(self) -> FileFigures:
        assert self.go_on.wait(10)
        self.measured += 1
        self.again.release()
        return FileFigures(StorageUse(self.measured, 0, 0, 0, 0, 0, 0, 0), {})


def test_within_a_minute_the_files_are_not_measured_again() -> None:
    now, files = [0.0], Files()
    cached = CachedFiles(files, clock=lambda: now[0])

    assert cached().storage.database == 1
    now[0] = 59.9
    assert cached().storage.database == 1
    assert files.measured == 1


def test_old_figures_are_returned_while_one_thread_measures_again() -> None:
    now, files = [0.0], Files()
    cached = CachedFiles(files, clock=lambda: now[0])
    cached()
    assert files.again.acquire(timeout=10)

    now[0] = 60.0
    files.go_on.clear()
    assert [cached().storage.database for _ in range(5)] == [1, 1, 1, 1, 1]
    files.go_on.set()
    assert files.again.acquire(timeout=10)
    assert files.measured == 2


def test_a_failure_to_measure_is_tried_again() -> None:
    def fail() -> FileFigures:
        raise OSError(5, "Input/output error")

    cached = CachedFiles(fail)
    for _ in range(2):
        try:
            cached()
        except OSError:
            continue
        raise AssertionError("the first measurement is not hidden")
