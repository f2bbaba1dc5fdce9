"""Work that a process has claimed: data stored on the way, and the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.jobs.claims import Claim
from application.use_cases.jobs.heartbeat import Lost
from domain.liveness import Liveness
from domain.run import JobState, Run, RunId
from tests.builders import a_run
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import FixedClock

RUN = RunId("run-1")


@dataclass
class Counting:
    """The runs of a unit of work. Lists the states that are saved."""

    rows: Any
    saved: list[JobState]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rows, name)

    def save(self, run: Run) -> None:
        self.saved.append(run.state)
        self.rows.save(run)


def claimed(saved: list[JobState], *, worker: str = "first#1") -> ClaimedWork[Run]:
    run, database = replace(a_run(id=RUN), state=JobState.RUNNING, worker=worker), FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        uow.runs.add(run)
        uow.commit()
    claim = Claim(run, "first#1")
    return ClaimedWork(
        lambda: FakeUnitOfWork(database), lambda uow: Counting(uow.runs, saved), FixedClock(), Liveness(), claim, ""
    )


def test_data_on_the_way_is_stored_without_writing_the_job_again() -> None:
    saved, stored = list[JobState](), list[str]()
    work = claimed(saved)
    work.store(lambda _: stored.append("part"))
    assert (stored, saved) == (["part"], [])
    work.end(lambda run: replace(run, state=JobState.CANCELLED))
    assert saved == [JobState.CANCELLED]


def test_data_on_the_way_is_not_stored_for_a_claim_that_was_lost() -> None:
    stored = list[str]()
    with pytest.raises(Lost):
        claimed([], worker="second#1").store(lambda _: stored.append("part"))
    assert stored == []
