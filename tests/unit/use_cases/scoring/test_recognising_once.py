"""A file is recognised once, when it arrives; the worker uses what was stored, also after a resume."""

from __future__ import annotations

from dataclasses import replace

from domain.run import JobState
from tests.unit.use_cases.in_memory import CountingFiles
from tests.unit.use_cases.scoring.application import FILE, HEADER, ScoringApplication


def counting(app: ScoringApplication) -> CountingFiles:
    app.intake = files = CountingFiles()
    return files


RENAMED = FILE.replace(b"tenure", b"Laufzeit").replace(b",", b";")


def test_a_run_keeps_what_its_file_was_recognised_as(app: ScoringApplication) -> None:
    run = app.run(app.submit(RENAMED, column_positions={"tenure": 1}).id)
    recognition = run.recognition
    assert recognition is not None
    assert recognition.sha256 == run.file_sha256
    assert (recognition.format.delimiter, recognition.above, recognition.rows) == (";", 0, 10)
    assert recognition.header == ("customerID", "Laufzeit", "MonthlyCharges", "PaperlessBilling", "Contract")
    assert recognition.columns is not None
    assert recognition.columns.model == run.model_version
    assert recognition.columns.chosen == {"tenure": 1}
    assert recognition.columns.match.missing == ()


def test_the_worker_does_not_recognise_the_file_again(app: ScoringApplication) -> None:
    files = counting(app)
    run = app.submit(RENAMED, column_positions={"tenure": 1})
    assert len(files.previewed) == 1
    done = app.score(run.id)
    assert done is not None
    assert done.summary is not None
    assert (done.state, done.summary.scored, done.summary.columns_missing) == (JobState.DONE, 10, ())
    assert len(files.previewed) == 1


def test_a_run_that_is_taken_over_does_not_recognise_the_file_again(app: ScoringApplication) -> None:
    files = counting(app)
    run = app.submit(RENAMED, column_positions={"tenure": 1})
    with app.new_uow() as uow:
        now = app.clock.now()
        uow.runs.claim(run.id, worker="dead", now=now, stale_before=now)
        uow.commit()
    app.clock.move(seconds=31)
    done = app.score(run.id, worker="worker-2")
    assert done is not None
    assert done.state is JobState.DONE
    assert len(files.previewed) == 1


def test_a_run_of_an_earlier_version_is_recognised_again_with_the_same_result(app: ScoringApplication) -> None:
    files = counting(app)
    run, old = (
        app.submit(RENAMED, column_positions={"tenure": 1}),
        app.submit(RENAMED, column_positions={"tenure": 1}),
    )
    app.change(replace(app.run(old.id), recognition=None))
    first, second = app.score(run.id), app.score(old.id)
    assert first is not None
    assert second is not None
    assert second.summary == first.summary
    assert len(files.previewed) == 3


def test_a_recognition_of_other_bytes_or_for_another_model_is_not_used(app: ScoringApplication) -> None:
    files = counting(app)
    for number, wrong in enumerate(({"sha256": "0" * 64}, {"columns": None}), start=1):
        run = app.run(app.submit(RENAMED, column_positions={"tenure": 1}).id)
        assert run.recognition is not None
        app.change(replace(run, recognition=replace(run.recognition, **wrong)))
        done = app.score(run.id)
        assert done is not None
        assert done.state is JobState.DONE
        assert len(files.previewed) == 2 * number


def test_the_recognition_is_deleted_when_the_run_ends(app: ScoringApplication) -> None:
    run = app.submit()
    app.score(run.id)
    assert app.run(run.id).recognition is None


def test_the_month_column_that_was_recognised_is_used(app: ScoringApplication) -> None:
    files = counting(app)
    rows = FILE.decode().splitlines()[1:]
    lines = [f"{HEADER},Month", *(f"{row},2026-{9 + place % 2:02d}" for place, row in enumerate(rows))]
    run = app.submit("\n".join(lines).encode())
    done = app.score(run.id)
    assert done is not None
    assert done.summary is not None
    assert [(month.month, month.customers) for month in done.summary.months] == [("2026-09", 5), ("2026-10", 5)]
    assert len(files.previewed) == 1
