"""Runs: kept, found, claimed and beaten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from domain.errors import RunNotFound
from domain.file_format import FormatChoice
from domain.progress import STAGE_WORDS, Progress, Stage
from domain.run import JobState, RunId, StopReport, TrainingOverlap
from domain.training import TrainingId
from tests import builders as a
from tests.builders import at
from tests.builders.schemas import a_file_format
from tests.contract.persistence.full import NewUow, check_every_field_is_filled, with_account


def a_full_run(**given: Any) -> Any:
    truth = a.a_summary().truth
    assert truth is not None
    filled = {
        "state": JobState.FAILED,
        "shared": True,
        "sample": True,
        "playbook_version": 3,
        "started_at": at(minutes=1),
        "finished_at": at(minutes=3),
        "heartbeat_at": at(minutes=2),
        "worker": "worker-7",
        "progress": a.a_progress(),
        "summary": a.a_summary(overlap=TrainingOverlap(0.63, True, truth)),
        "error": "The disk is full.",
        "stopped": StopReport(
            260,
            87,
            (("4 columns instead of 21", 87),),
            a_file_format(),
            7,
        ),
        "delete_previous": True,
        "cancel_requested": True,
        "matches": (("MonthlyCharges", 3), ("Contract", 0)),
        "folder": "crm-export",
        "month": "2026-09",
        "format_override": FormatChoice("cp1252", ";", ",", "day-first", (("usage", "%"),), "March"),
        "recognition": a.a_recognition(),
        "question": a.a_question(),
    }
    return a.a_run(**(filled | given))


def test_a_run_comes_back_with_every_field(new_uow: NewUow) -> None:
    run, bare = a_full_run(), a.a_run(id="bare")
    check_every_field_is_filled(run)
    check_every_field_is_filled(run.summary.columns[0])
    with new_uow() as uow:
        uow.runs.add(run)
        uow.runs.add(bare)
        uow.commit()
    with new_uow() as uow:
        assert uow.runs.get(run.id) == run
        assert uow.runs.get(bare.id) == bare
        assert uow.runs.get(run.id).created_at.tzinfo is UTC
        assert all(type(band).__name__ == "RiskBand" for band in uow.runs.get(run.id).summary.bands)  # type: ignore[union-attr]


def test_a_files_recognition_comes_back_with_every_field(new_uow: NewUow) -> None:
    recognition = a.a_recognition()
    check_every_field_is_filled(recognition)
    check_every_field_is_filled(recognition.columns)
    with new_uow() as uow:
        uow.runs.add(a.a_run(recognition=recognition))
        uow.commit()
    with new_uow() as uow:
        stored = uow.runs.get(a.a_run().id).recognition
        assert stored == recognition
        assert type(stored.columns.match.matches[2].kind).__name__ == "MatchKind"
        assert stored.columns.chosen == {"tenure": 4}


def test_a_files_recognition_is_kept_until_its_run_ends(new_uow: NewUow) -> None:
    recognition = a.a_recognition()
    with new_uow() as uow:
        uow.runs.add(a.a_run(recognition=recognition))
        run = uow.runs.claim(a.a_run().id, worker="w", now=at(minutes=1), stale_before=at())
        assert run is not None
        assert run.recognition == recognition
        uow.runs.save(run.failed("The disk is full.", at=at(minutes=2)))
        assert uow.runs.get(run.id).recognition is None


def test_a_summary_without_money_months_or_truth_comes_back(new_uow: NewUow) -> None:
    nothing = {"money_at_risk": None, "revenue_likely": None, "revenue_total": None, "truth": None}
    run = a.a_finished_run(summary=a.a_summary(**nothing, months=(), columns=()))
    with new_uow() as uow:
        uow.runs.add(run)
        assert uow.runs.get(run.id) == run


def test_what_a_run_shares_with_the_training_file_comes_back(new_uow: NewUow) -> None:
    run = a_full_run(state=JobState.DONE)
    assert run.summary.quality == run.summary.overlap.held_out
    with new_uow() as uow:
        uow.runs.add(run)
        assert uow.runs.get(run.id) == run


def test_a_run_is_saved_with_every_field(new_uow: NewUow) -> None:
    changed = a_full_run(owner="other", file_name="renamed.csv", created_at=at(minutes=-5))
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.runs.save(changed)
        assert uow.runs.get(changed.id) == changed


def test_a_missing_run_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for attempt in (uow.runs.get, uow.runs.remove):
            with pytest.raises(RunNotFound):
                attempt(RunId("none"))
        with pytest.raises(RunNotFound):
            uow.runs.save(a.a_run())
        now = at()
        assert uow.runs.claim(RunId("none"), worker="w", now=now, stale_before=now) is None
        assert not uow.runs.heartbeat(RunId("none"), worker="w", at=now, progress=Progress())


def test_times_keep_their_moment_in_any_zone_and_their_microseconds(new_uow: NewUow) -> None:
    harare = timezone(timedelta(hours=2))
    run = a.a_run(created_at=datetime(2026, 1, 1, 1, 30, 0, 1, tzinfo=harare))
    with new_uow() as uow:
        uow.runs.add(run)
        assert uow.runs.get(run.id).created_at == datetime(2025, 12, 31, 23, 30, 0, 1, tzinfo=UTC)


def test_a_repository_copies_entities_on_read_and_write(new_uow: NewUow) -> None:
    summary = a.a_summary()
    run = a.a_finished_run(summary=summary)
    with new_uow() as uow:
        uow.runs.add(run)
        uow.commit()
    summary.bands.clear()
    with new_uow() as uow:
        handed_out = uow.runs.get(run.id).summary
        assert handed_out is not None
        assert handed_out.bands == a.a_summary().bands
        handed_out.bands.clear()
        uow.commit()
    with new_uow() as uow:
        assert uow.runs.get(run.id).summary == a.a_summary()


def test_saving_an_older_copy_keeps_a_requested_cancellation(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.trainings.add(a.a_training())
        older, older_training = uow.runs.get(RunId("run-1")), uow.trainings.get(TrainingId("training-1"))
        uow.runs.save(replace(older, cancel_requested=True))
        uow.trainings.save(replace(older_training, cancel_requested=True))
        uow.runs.save(replace(older, file_name="renamed.csv"))
        uow.trainings.save(replace(older_training, version="v9"))
        run, training = uow.runs.get(older.id), uow.trainings.get(older_training.id)
        assert (run.cancel_requested, run.file_name) == (True, "renamed.csv")
        assert (training.cancel_requested, training.version) == (True, "v9")


def add_some_runs(uow: UnitOfWork) -> None:
    with_account(uow, id="shop", name="Shop North")
    with_account(uow, id="branch", name="Branch 100% South")
    for place, (owner, name, scored) in enumerate(
        [
            ("shop", "October_base.csv", 40),
            ("branch", "octoberXbase.csv", 30),
            ("system", "50%_off\\list.csv", 20),
            ("shop", "Ärzte.csv", 0),
            ("branch", "zulu.csv", 10),
        ]
    ):
        given = {"id": f"run-{place}", "owner": owner, "file_name": name, "created_at": at(minutes=place)}
        if scored:
            summary = a.a_summary(rows=scored, scored=scored, rejected=0, likely_to_leave=40 - scored)
            uow.runs.add(a.a_finished_run(**given, summary=summary, model_version="v2", shared=scored == 20))
        else:
            uow.runs.add(a.a_run(**given))


def run_ids(uow: UnitOfWork, **query: Any) -> list[str]:
    return [run.id.removeprefix("run-") for run in uow.runs.find(RunQuery(**query)).runs]


def test_runs_are_found_newest_first_with_totals_over_all_pages(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.runs.find(RunQuery()).customers == 0
        add_some_runs(uow)
        page = uow.runs.find(RunQuery(offset=1, limit=2))
        assert [run.id for run in page.runs] == ["run-3", "run-2"]
        assert (page.total, page.customers) == (5, 100)
        assert page.runs[1] == uow.runs.get(RunId("run-2"))


def test_without_a_limit_every_run_is_found(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for place in range(30):
            uow.runs.add(a.a_run(id=RunId(f"run-{place:02d}"), created_at=at(minutes=place)))
        every = uow.runs.find(RunQuery(limit=None))
        assert [run.id for run in every.runs] == [f"run-{place:02d}" for place in reversed(range(30))]
        assert len(uow.runs.find(RunQuery(limit=None, offset=28)).runs) == 2
        assert len(uow.runs.find(RunQuery()).runs) == 25


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("october_b", ["0"]),
        ("OCTOBER", ["1", "0"]),
        ("50%", ["2"]),
        ("%", ["4", "2", "1"]),
        ("off\\li", ["2"]),
        ("ärzte", ["3"]),
        ("north", ["3", "0"]),
        ("100% s", ["4", "1"]),
        ("SYSTEM", ["2"]),
        ("  zulu ", ["4"]),
        ("'; DROP TABLE runs; --", []),
    ],
)
def test_runs_are_found_by_part_of_a_file_or_owner_name(new_uow: NewUow, search: str, expected: list[str]) -> None:
    with new_uow() as uow:
        add_some_runs(uow)
        assert run_ids(uow, search=search) == expected
        assert uow.runs.find(RunQuery(search=search)).total == len(expected)


def test_runs_are_narrowed_down_and_sorted(new_uow: NewUow) -> None:
    with new_uow() as uow:
        add_some_runs(uow)
        assert run_ids(uow, visible_to="shop") == ["3", "2", "0"]
        assert run_ids(uow, owner="branch") == ["4", "1"]
        assert run_ids(uow, visible_to="shop", owner="branch") == []
        assert run_ids(uow, states=(JobState.QUEUED, JobState.FAILED)) == ["3"]
        assert run_ids(uow, model="v1") == ["3"]
        assert run_ids(uow, since=at(minutes=3)) == ["4", "3"]
        assert run_ids(uow, descending=False) == ["0", "1", "2", "3", "4"]
        assert run_ids(uow, sort="file", descending=False) == ["2", "0", "1", "4", "3"]
        assert run_ids(uow, sort="customers") == ["0", "1", "2", "4", "3"]
        assert run_ids(uow, sort="leaving") == ["4", "2", "1", "3", "0"]


def test_only_one_of_two_workers_gets_a_queued_run(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(progress=a.a_progress()))
        uow.commit()
    with new_uow() as uow:
        first = uow.runs.claim(RunId("run-1"), worker="first", now=at(), stale_before=at(minutes=-1))
        uow.commit()
    with new_uow() as uow:
        second = uow.runs.claim(RunId("run-1"), worker="second", now=at(), stale_before=at(minutes=-1))
        uow.commit()
    assert second is None
    assert first == a.a_run(progress=a.a_progress()).started(worker="first", at=at())
    with new_uow() as uow:
        assert uow.runs.get(RunId("run-1")) == first


def test_the_run_of_a_silent_worker_is_taken_over_and_its_heartbeats_are_rejected(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        claim = uow.runs.claim
        assert claim(RunId("run-1"), worker="silent", now=at(), stale_before=at(minutes=-1))
        assert claim(RunId("run-1"), worker="next", now=at(minutes=1), stale_before=at()) is None
        taken = claim(RunId("run-1"), worker="next", now=at(minutes=2), stale_before=at(minutes=1))
        assert taken is not None
        assert (taken.worker, taken.heartbeat_at, taken.started_at) == ("next", at(minutes=2), at(minutes=2))
        assert not uow.runs.heartbeat(RunId("run-1"), worker="silent", at=at(minutes=3), progress=a.a_progress())
        assert uow.runs.get(RunId("run-1")) == taken


@pytest.mark.parametrize(("ahead", "taken"), [(5, False), (6, True), (3600, True)])
def test_a_heartbeat_from_the_future_does_not_count(new_uow: NewUow, ahead: int, taken: bool) -> None:
    """The clock was set back: the worker may be long gone. Clocks of two machines differ by a few seconds."""
    with new_uow() as uow:
        for jobs, job in ((uow.runs, a.a_run()), (uow.trainings, a.a_training())):
            jobs.add(job)  # type: ignore[attr-defined]
            jobs.claim(job.id, worker="first", now=at() + timedelta(seconds=ahead), stale_before=at())  # type: ignore[attr-defined]
            second = jobs.claim(job.id, worker="second", now=at(), stale_before=at(minutes=-1))  # type: ignore[attr-defined]
            assert (second is not None) is taken


def test_a_heartbeat_changes_only_time_and_progress(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        taken = uow.runs.claim(RunId("run-1"), worker="w", now=at(), stale_before=at())
        assert taken is not None
        assert uow.runs.heartbeat(taken.id, worker="w", at=at(minutes=1), progress=a.a_progress())
        assert uow.runs.get(taken.id) == replace(taken, heartbeat_at=at(minutes=1), progress=a.a_progress())


@pytest.mark.parametrize("stage", STAGE_WORDS)
def test_progress_at_every_stage_is_kept_for_runs_and_trainings(new_uow: NewUow, stage: Stage) -> None:
    noted = Progress(stage, done=2, of=9)
    with new_uow() as uow:
        uow.runs.add(a.a_run(id="ended", progress=noted))
        uow.trainings.add(a.a_training(progress=noted))
        uow.commit()
    with new_uow() as uow:
        kept = (uow.runs.get(RunId("ended")).progress, uow.trainings.get(TrainingId("training-1")).progress)
        assert kept == (noted, noted)
        assert [type(progress.stage) for progress in kept] == [type(stage), type(stage)]


def test_a_heartbeat_reports_a_requested_cancellation(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        taken = uow.runs.claim(RunId("run-1"), worker="w", now=at(), stale_before=at())
        assert taken is not None
        uow.runs.save(replace(taken, cancel_requested=True))
        assert not uow.runs.heartbeat(taken.id, worker="w", at=at(minutes=1), progress=a.a_progress())
        taken_over = uow.runs.claim(taken.id, worker="next", now=at(minutes=2), stale_before=at(minutes=1))
        assert taken_over is not None
        assert taken_over.cancel_requested


@pytest.mark.parametrize("state", [state for state in JobState if state.ended])
def test_an_ended_run_or_training_accepts_no_claim_and_no_heartbeat(new_uow: NewUow, state: JobState) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(state=state, worker="w", heartbeat_at=at(minutes=-90)))
        uow.trainings.add(a.a_training(state=state, worker="w", heartbeat_at=at(minutes=-90)))
        for jobs, job_id in ((uow.runs, "run-1"), (uow.trainings, "training-1")):
            assert jobs.claim(job_id, worker="w", now=at(), stale_before=at()) is None  # type: ignore[attr-defined]
            assert not jobs.heartbeat(job_id, worker="w", at=at(), progress=Progress())  # type: ignore[attr-defined]
        assert uow.runs.unfinished() == []
        assert uow.trainings.unfinished() == []


def test_unfinished_runs_are_the_queued_and_running_ones_oldest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(id="later", created_at=at(minutes=2)))
        uow.runs.add(a.a_run(id="sooner", created_at=at(minutes=1)))
        uow.runs.add(a.a_finished_run(id="done"))
        uow.runs.claim(RunId("later"), worker="w", now=at(), stale_before=at())
        assert [run.id for run in uow.runs.unfinished()] == ["sooner", "later"]
