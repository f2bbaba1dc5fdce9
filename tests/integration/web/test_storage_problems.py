"""A database or a queue that another process holds: an answer with the cause, and nothing half done."""

from __future__ import annotations

import errno
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.jobs.huey_queue import HueyJobs, open_queue, queue_errors
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.errors import StorageBusy, StorageFailing, StorageFull, StorageProblem, StorageReadOnly
from domain.run import JobState
from tests.integration.web.conftest import Office
from tests.integration.web.moves import FILE, with_model, with_prediction_of


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process in the middle of a write."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "adapters.persistence.engine._PRAGMAS", ("PRAGMA busy_timeout = 20", "PRAGMA foreign_keys = ON")
    )
    monkeypatch.setattr("adapters.jobs.huey_queue.QUEUE_SECONDS", 0.02)


class Refusing:
    """A unit of work that cannot begin."""

    def __init__(self, problem: StorageProblem) -> None:
        self.problem = problem

    def __call__(self) -> Refusing:
        return self

    def __enter__(self) -> Refusing:
        raise self.problem

    def __exit__(self, *_: object) -> None: ...


def test_a_held_database_is_answered_503_and_pages_are_still_read(impatient: None, office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    with_prediction_of(office, Role.ANALYST)

    with held(office.folder / "netone.db"):
        refused = browser.post("/history/run-1/rename", {"name": "other"})
        assert browser.get("/history").status_code == 200

    page = refused.get_data(as_text=True)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "The database is busy with other work." in page
    assert "Nothing from this request was stored." in page
    assert "Try again in a moment." in page
    assert browser.post("/history/run-1/rename", {"name": "other"}).status_code == 303


@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [
        (StorageFull(), 507, "Delete predictions or uploads"),
        (StorageReadOnly(), 507, "Reading and downloading still work."),
        (StorageBusy(), 503, "Try again in a moment."),
        (StorageFailing(), 503, "a backup should be made"),
    ],
)
def test_each_problem_has_its_status_cause_and_advice(
    office: Office, problem: StorageProblem, status: int, words: str
) -> None:
    browser = office.browser(Role.ANALYST)
    with_prediction_of(office, Role.ANALYST)
    browser.token()  # from a page, while pages can still be made
    office.replace_everywhere("new_uow", Refusing(problem))

    for htmx in (False, True):
        answer = browser.post("/history/run-1/rename", {"name": "other"}, htmx=htmx)
        assert answer.status_code == status
        assert int(answer.headers["Retry-After"]) in (5, 30)
        page = answer.get_data(as_text=True)
        assert str(problem) in page
        assert words in page
        assert "Something went wrong" not in page


def test_a_plain_sentence_is_returned_if_the_error_page_cannot_be_rendered(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    for name in ("new_uow", "new_reading"):
        office.replace_everywhere(name, Refusing(StorageFailing()))

    answer = browser.get("/history")
    unknown = browser.get("/no-such-page")

    assert unknown.status_code in (404, 503)
    assert unknown.mimetype == "text/plain"
    assert answer.status_code == 503
    assert answer.mimetype == "text/plain"
    assert "The disk of this installation reports an error." in answer.get_data(as_text=True)


def test_a_form_that_does_not_fit_on_the_disk_is_reported_as_such(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    browser = office.browser(Role.ANALYST)
    browser.token()
    monkeypatch.setattr("flask.Request._get_file_stream", full)

    answer = browser.post("/predictions", {"file": (io.BytesIO(FILE), "a.csv")}, content_type="multipart/form-data")

    assert answer.status_code == 507
    assert "The disk of this installation is full." in answer.get_data(as_text=True)


def test_a_run_is_queued_later_if_the_queue_fails(impatient: None, office: Office) -> None:
    with_model(office)
    queue = HueyJobs(open_queue(office.folder / "queue.db"))
    office.replace_everywhere("jobs", queue)
    analyst = office.people[Role.ANALYST]

    with held(office.folder / "queue.db"):
        run = office.application.predictions.submit_scoring(io.BytesIO(FILE), "march.csv", by=Actor(analyst))

    assert len(queue.huey.pending()) == 0
    with ports_of(office.application).new_reading() as uow:
        assert uow.runs.get(run.id).state is JobState.QUEUED
    assert office.application.jobs.resume_work(all_queued=True) == 1
    assert len(queue.huey.pending()) == 1
    queue.huey.storage.close()


def test_a_run_is_queued_later_if_the_queue_server_is_unreachable(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = HueyJobs(open_queue(office.folder / "queue.db"))

    def gone(*_: Any) -> None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")

    monkeypatch.setattr(jobs, "_task", gone)
    jobs.score("run")  # type: ignore[arg-type]
    jobs.train("training")  # type: ignore[arg-type]
    jobs.report("run", "export")  # type: ignore[arg-type]
    assert OSError in queue_errors()
    jobs.huey.storage.close()
