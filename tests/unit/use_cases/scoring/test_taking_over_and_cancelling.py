"""One run and several hands on it: workers that take it over, and the person who cancels it."""

from __future__ import annotations

from dataclasses import replace

from application.use_cases.predictions.submit_scoring import CancelRun
from domain.actor import Actor
from domain.run import JobState
from tests.builders import contacts_in
from tests.fakes.results import InMemoryResults
from tests.unit.use_cases.scoring.application import ANALYST, ScoringApplication


def test_a_run_is_scored_once_although_it_is_asked_for_twice(app: ScoringApplication) -> None:
    run = app.submit()
    assert app.score(run.id) is not None
    assert app.score(run.id, worker="worker-2") is None


def test_a_run_taken_over_after_a_crash_has_every_row_once(app: ScoringApplication) -> None:
    run = app.submit()
    with app.new_uow() as uow:
        now = app.clock.now()
        uow.runs.claim(run.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    assert app.score(run.id, worker="worker-2") is None
    app.clock.move(seconds=31)
    done = app.score(run.id, worker="worker-2")
    assert done is not None
    assert done.summary is not None
    assert done.summary.scored == 10
    with app.new_uow() as uow:
        assert contacts_in(uow, run.id) == 10


def test_a_worker_that_lost_its_run_keeps_the_other_workers_result(app: ScoringApplication) -> None:
    run = app.submit()

    class Stolen(InMemoryResults):
        """Another worker takes the run over while the first is still scoring."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            app.change(replace(app.run(run.id), worker="worker-2"))
            return super().writer(*args, **more)  # type: ignore[arg-type]

    assert app.score(run.id, results=Stolen()) is None
    assert app.run(run.id).state is JobState.RUNNING
    assert app.run(run.id).worker == "worker-2"


def test_a_cancelled_run_leaves_no_result(app: ScoringApplication) -> None:
    run = app.submit()

    class Cancelling(InMemoryResults):
        """The person cancels while the customers are being scored."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            CancelRun(app.new_uow, app.clock)(run.id, by=Actor(ANALYST))
            return super().writer(*args, **more)  # type: ignore[arg-type]

    results = Cancelling()
    ended = app.score(run.id, results=results)
    assert ended is not None
    assert ended.state is JobState.CANCELLED
    assert results.runs == {}
    with app.new_uow() as uow:
        assert contacts_in(uow, run.id) == 0


def test_after_the_clock_was_set_back_a_run_is_cancelled_at_once_and_can_be_taken_over(app: ScoringApplication) -> None:
    """Its heartbeat is from the future: it may be of a worker that died long ago."""
    hanging, resumed = app.submit(), app.submit()
    with app.new_uow() as uow:
        now = app.clock.now()
        for run in (hanging, resumed):
            uow.runs.claim(run.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    app.clock.move(hours=-2)
    CancelRun(app.new_uow, app.clock)(hanging.id, by=Actor(ANALYST))
    assert app.run(hanging.id).state is JobState.CANCELLED
    done = app.score(resumed.id, worker="worker-2")
    assert done is not None
    assert done.state is JobState.DONE
    assert done.seconds == 0.0


def test_a_run_with_a_living_worker_is_asked_to_stop(app: ScoringApplication) -> None:
    run = app.submit()
    with app.new_uow() as uow:
        uow.runs.claim(run.id, worker="alive", now=app.clock.now(), stale_before=app.clock.now())
        uow.commit()
    app.clock.move(seconds=30)
    CancelRun(app.new_uow, app.clock)(run.id, by=Actor(ANALYST))
    assert app.run(run.id).state is JobState.RUNNING
    assert app.run(run.id).cancel_requested


def test_a_queued_run_is_cancelled_at_once(app: ScoringApplication) -> None:
    run = app.submit()
    CancelRun(app.new_uow, app.clock)(run.id, by=Actor(ANALYST))
    assert app.run(run.id).state is JobState.CANCELLED
    assert app.score(run.id) is None
