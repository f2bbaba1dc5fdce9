"""What pages read of a run: one snapshot, nothing of another person's, and the kept file scored again."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.predictions.history import ShareRun
from application.use_cases.predictions.open_result import OpenCustomer, OpenResult
from application.use_cases.predictions.run_files import ListRepeatedIds, ScoreAgain, ViewRunFiles
from application.use_cases.predictions.run_lists import ViewChangeableRuns
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.account import Account, Role
from domain.actor import Actor
from domain.errors import InvalidInput, NotAllowed, NotFound, RunNotFound
from domain.run import JobState, Run
from tests.builders import an_account
from tests.unit.use_cases.scoring.application import ANALYST, FILE, HEADER, ROWS, ScoringApplication

STRANGER = an_account(id="stranger", role=Role.ANALYST)


class Counted:
    """Opens units of work and counts them."""

    def __init__(self, app: ScoringApplication) -> None:
        self.app, self.opened = app, 0

    def __call__(self) -> UnitOfWork:
        self.opened += 1
        return self.app.new_uow()


def scored(app: ScoringApplication, content: bytes = FILE) -> Run:
    ended = app.score(app.submit(content).id)
    assert ended is not None
    return ended


def score_again(app: ScoringApplication) -> ScoreAgain:
    submit = SubmitScoring(app.new_uow, app.intake, app.uploads, app.queue, app.clock, app.ids, formats_of)
    return ScoreAgain(app.new_uow, app.uploads, submit)


def test_the_page_of_a_result_reads_one_snapshot(app: ScoringApplication) -> None:
    run, new_uow = scored(app), Counted(app)
    assert OpenResult(new_uow, app.results)(run.id, by=ANALYST).page.total == 10
    assert new_uow.opened == 1


@pytest.mark.parametrize("kept", [True, False])
def test_the_page_of_a_customer_reads_one_snapshot(app: ScoringApplication, kept: bool) -> None:
    """Also where the contact list stands in for results that are no longer kept."""
    run, new_uow = scored(app), Counted(app)
    if not kept:
        app.results.discard(run.id)
    shown = OpenCustomer(new_uow, app.results, app.registry, formats_of)(run.id, 3, by=ANALYST)
    assert shown.scored.customer.id == "C-3"
    assert new_uow.opened == 1


def test_a_kept_file_is_scored_again_with_the_columns_that_were_chosen(app: ScoringApplication) -> None:
    content = FILE.replace(b"Contract", b"Bindung", 1)
    first = app.submit(content, column_positions={"Contract": 4})
    app.change(app.run(first.id).asked_to_stop(at=app.clock.now()))
    assert app.run(first.id).state is JobState.CANCELLED

    again = score_again(app)(first.id, by=Actor(ANALYST))

    assert again.id != first.id
    assert again.matches == (("Contract", 4),)
    assert app.uploads.path(again.id).read_bytes() == content


def test_a_run_under_way_is_not_scored_again(app: ScoringApplication) -> None:
    run = app.submit()
    with pytest.raises(InvalidInput, match="still under way"):
        score_again(app)(run.id, by=Actor(ANALYST))


def test_a_file_that_is_no_longer_kept_is_not_scored_again(app: ScoringApplication) -> None:
    run = scored(app)
    app.uploads.discard(run.id)
    with pytest.raises(NotFound, match="no longer available"):
        score_again(app)(run.id, by=Actor(ANALYST))


@pytest.mark.parametrize("by", [STRANGER, an_account(id="viewer", role=Role.VIEWER)])
def test_files_of_a_run_are_shown_only_to_those_who_may_see_it(app: ScoringApplication, by: Account) -> None:
    run = scored(app)
    for read in (
        lambda: ViewRunFiles(app.new_uow, app.uploads)(run.id, by=by),
        lambda: ListRepeatedIds(app.new_uow, app.results)(run.id, by=by),
        lambda: score_again(app)(run.id, by=Actor(by)),
        lambda: ViewChangeableRuns(app.new_uow, app.results)([run.id], by=by),
    ):
        with pytest.raises(RunNotFound):
            read()


def test_a_shared_run_is_seen_but_not_changeable(app: ScoringApplication) -> None:
    run = scored(app)
    ShareRun(app.new_uow, app.clock)(run.id, shared=True, by=Actor(ANALYST))
    assert ViewRunFiles(app.new_uow, app.uploads)(run.id, by=STRANGER).upload_kept
    with pytest.raises(NotAllowed):
        ViewChangeableRuns(app.new_uow, app.results)([run.id], by=STRANGER)


def test_a_list_of_rejected_rows_is_offered_only_where_it_has_rows(app: ScoringApplication) -> None:
    clean = scored(app)
    rejected = scored(app, "\n".join([HEADER, *ROWS, "C-99,1"]).encode())
    view = ViewRunFiles(app.new_uow, app.uploads)
    assert not view(clean.id, by=ANALYST).has_rejected_rows
    assert view(rejected.id, by=ANALYST).has_rejected_rows


def test_customers_whose_id_was_there_before_are_listed_by_row(app: ScoringApplication) -> None:
    run = scored(app, "\n".join([HEADER, *ROWS, ROWS[1]]).encode())
    assert ListRepeatedIds(app.new_uow, app.results)(run.id, by=ANALYST) == [(11, "C-2")]


def test_the_bytes_that_runs_take_are_those_of_uploads_and_results(app: ScoringApplication) -> None:
    run = scored(app)
    asked = ViewChangeableRuns(app.new_uow, app.results)([run.id], by=ANALYST)
    assert asked.runs == (run,)
    assert asked.bytes_kept == len(FILE) + app.results.size(run.id)
