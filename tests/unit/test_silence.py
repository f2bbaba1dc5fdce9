"""One rule of when a worker is silent: banner, `/readyz`, health page, take-over and exports answer alike."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.results.files.exports import _is_alive
from application.use_cases.administration.system_health import WatchHealth
from application.use_cases.maintenance.scheduled_tasks import ResumeWork, WorkerLives
from domain.account import Role
from domain.liveness import Liveness
from domain.run import JobState
from tests.builders import a_run, an_account
from tests.fakes.jobs import RememberedJobs
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import FixedClock
from tests.fakes.system import FakeStorage

ADMINISTRATOR = an_account(role=Role.ADMIN)


@pytest.mark.parametrize(
    ("seconds", "lives"), [(0, True), (20, True), (29, True), (30, True), (31, False), (300, False)]
)
def test_every_part_calls_a_worker_silent_after_thirty_seconds(seconds: float, lives: bool) -> None:
    database, clock = FakeDatabase(), FixedClock()
    new_uow = lambda: FakeUnitOfWork(database)  # noqa: E731 (a factory of one line)
    seen = clock.now() - timedelta(seconds=seconds)
    with new_uow() as uow:
        uow.workers.heartbeat("worker-1", at=seen)
        uow.runs.add(a_run(created_at=seen).started(worker="worker-1", at=seen))
        uow.commit()
    with new_uow() as uow:
        run = uow.runs.get(a_run().id)
        taken = uow.runs.claim(
            run.id, worker="other", now=clock.now(), stale_before=Liveness().stale_before(clock.now())
        )

    assert run.state is JobState.RUNNING
    assert WorkerLives(new_uow, clock)() is lives
    assert WatchHealth(new_uow, FakeStorage(), clock)(by=ADMINISTRATOR).worker_lives is lives  # type: ignore[arg-type] # the fake does what it needs
    assert run.is_abandoned(clock.now()) is not lives
    assert (ResumeWork(new_uow, RememberedJobs(), clock)() == 0) is lives
    assert (taken is None) is lives


@pytest.mark.parametrize(("seconds", "lives"), [(29, True), (31, False), (-4, True), (-20, False)])
def test_the_claim_of_an_export_runs_out_after_thirty_seconds(tmp_path: Path, seconds: float, lives: bool) -> None:
    claim = tmp_path / "export.claim"
    claim.touch()
    long_ago = claim.stat().st_mtime - seconds
    os.utime(claim, (long_ago, long_ago))

    assert _is_alive(claim, Liveness()) is lives


def test_the_limit_of_the_installation_holds_for_exports(tmp_path: Path) -> None:
    claim = tmp_path / "export.claim"
    claim.touch()
    before = claim.stat().st_mtime - 15
    os.utime(claim, (before, before))

    assert _is_alive(claim, Liveness(timedelta(seconds=20)))
    assert not _is_alive(claim, Liveness(timedelta(seconds=10)))
