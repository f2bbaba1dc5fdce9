"""One run and several hands on it: workers that take it over, and the person who cancels it."""

from __future__ import annotations

from dataclasses import replace

from application.use_cases.submit_scoring import CancelRun
from domain.run import RunState
from tests.fakes.results import InMemoryResults
from tests.unit.use_cases.scoring.desk import ANALYST, Desk


def test_a_run_is_scored_once_although_it_is_asked_for_twice(desk: Desk) -> None:
    run = desk.submit()
    assert desk.score(run.id) is not None
    assert desk.score(run.id, worker="worker-2") is None


def test_a_run_taken_over_after_a_crash_has_every_row_once(desk: Desk) -> None:
    run = desk.submit()
    with desk.new_uow() as uow:
        now = desk.clock.now()
        uow.runs.claim(run.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    assert desk.score(run.id, worker="worker-2") is None
    desk.clock.move(seconds=31)
    done = desk.score(run.id, worker="worker-2")
    assert done is not None
    assert done.summary is not None
    assert done.summary.scored == 10
    with desk.new_uow() as uow:
        assert uow.predictions.count(run.id) == 10


def test_a_worker_that_lost_its_run_leaves_the_other_worker_s_result_alone(desk: Desk) -> None:
    run = desk.submit()

    class Stolen(InMemoryResults):
        """Another worker takes the run over while the first is still scoring."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            desk.change(replace(desk.run(run.id), worker="worker-2"))
            return super().writer(*args, **more)  # type: ignore[arg-type]

    assert desk.score(run.id, results=Stolen()) is None
    assert desk.run(run.id).state is RunState.RUNNING
    assert desk.run(run.id).worker == "worker-2"


def test_a_cancelled_run_leaves_no_result(desk: Desk) -> None:
    run = desk.submit()

    class Cancelling(InMemoryResults):
        """The person cancels while the customers are being scored."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            CancelRun(desk.new_uow, desk.uploads, desk.clock)(run.id, by=ANALYST)
            return super().writer(*args, **more)  # type: ignore[arg-type]

    results = Cancelling()
    ended = desk.score(run.id, results=results)
    assert ended is not None
    assert ended.state is RunState.CANCELLED
    assert results.runs == {}
    with desk.new_uow() as uow:
        assert uow.predictions.count(run.id) == 0


def test_after_the_clock_was_set_back_a_run_is_cancelled_at_once_and_can_be_taken_over(desk: Desk) -> None:
    """Its heartbeat is from the future: it may be of a worker that died long ago."""
    hanging, resumed = desk.submit(), desk.submit()
    with desk.new_uow() as uow:
        now = desk.clock.now()
        for run in (hanging, resumed):
            uow.runs.claim(run.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    desk.clock.move(hours=-2)
    CancelRun(desk.new_uow, desk.uploads, desk.clock)(hanging.id, by=ANALYST)
    assert desk.run(hanging.id).state is RunState.CANCELLED
    done = desk.score(resumed.id, worker="worker-2")
    assert done is not None
    assert done.state is RunState.DONE
    assert done.seconds == 0.0


def test_a_run_with_a_living_worker_is_asked_to_stop(desk: Desk) -> None:
    run = desk.submit()
    with desk.new_uow() as uow:
        uow.runs.claim(run.id, worker="alive", now=desk.clock.now(), stale_before=desk.clock.now())
        uow.commit()
    desk.clock.move(seconds=30)
    CancelRun(desk.new_uow, desk.uploads, desk.clock)(run.id, by=ANALYST)
    assert desk.run(run.id).state is RunState.RUNNING
    assert desk.run(run.id).cancel_requested


def test_a_queued_run_is_cancelled_at_once(desk: Desk) -> None:
    run = desk.submit()
    CancelRun(desk.new_uow, desk.uploads, desk.clock)(run.id, by=ANALYST)
    assert desk.run(run.id).state is RunState.CANCELLED
    assert desk.score(run.id) is None
