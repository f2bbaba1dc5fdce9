"""Ids under another name that repeat further down: the run asks, and the answer scores the same file."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from application.use_cases.predictions.run_files import ScoreAgain
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.actor import Actor
from domain.question import Subject
from domain.run import JobState, Run
from tests.unit.use_cases.scoring.application import ANALYST, HEADER, ScoringApplication

FIRST, LATER = 60, 40


def a_file(name: str, other: str) -> bytes:
    """Ids that differ in the first rows and repeat further down, next to numbers that never repeat."""
    ids = [f"C-{row:04d}" for row in range(FIRST)] + [f"C-{row // 4:04d}" for row in range(LATER)]
    rows = [f"{own},{row % 70},50,Yes,Two year,K{7_000 + row}" for row, own in enumerate(ids)]
    return "\n".join([f"{HEADER.replace('customerID', name)},{other}", *rows]).encode()


def scored(app: ScoringApplication, content: bytes) -> Run:
    ended = app.score(app.submit(content).id)
    assert ended is not None
    return ended


def answered(app: ScoringApplication, run: Run, answer: str) -> Run:
    submit = SubmitScoring(app.new_uow, app.intake, app.uploads, app.queue, app.clock, app.ids, formats_of)
    ended = app.score(ScoreAgain(app.new_uow, app.uploads, submit)(run.id, by=Actor(ANALYST), answer=[answer]).id)
    assert ended is not None
    return ended


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Kundennummer", "Vorgang"),
        ("id_cliente", "folio"),
        ("numero_abonne", "dossier"),
        ("msisdn", "row_key"),
        ("客户号", "流水号"),
        ("ref", "plan_text"),
    ],
)
def test_ids_that_repeat_further_down_are_asked_about(app: ScoringApplication, name: str, other: str) -> None:
    run = scored(app, a_file(name, other))
    assert (run.state, run.summary) == (JobState.FAILED, None)
    assert run.question is not None
    assert run.question.about is Subject.CUSTOMER
    assert run.question.text.startswith(
        f"Which column names one customer each? By the first rows, “{name}” holds the customers’ ids, but further down "
        "40 rows repeat an id."
    )
    assert app.files == [app.uploads.path(run.id)]


@pytest.mark.parametrize(("answer", "header"), [("5", "Vorgang"), ("0", "Kundennummer"), ("-1", "")])
def test_the_answer_says_which_column_holds_the_ids(app: ScoringApplication, answer: str, header: str) -> None:
    asked = scored(app, a_file("Kundennummer", "Vorgang"))
    assert asked.question is not None
    assert asked.question.values == ("5", "0", "-1")
    ended = answered(app, asked, answer)
    assert ended.state is JobState.DONE, ended.error
    assert ended.summary is not None
    assert (ended.summary.id_header, ended.summary.scored) == (header, 100)


def test_a_file_of_months_may_repeat_its_customers(app: ScoringApplication) -> None:
    rows = [f"C-{row % 50},{row % 70},50,Yes,Two year,2026-{1 + row // 50:02d}" for row in range(100)]
    text = "\n".join([f"{HEADER.replace('customerID', 'Kundennummer')},snapshot_month", *rows])
    assert scored(app, text.encode()).state is JobState.DONE
