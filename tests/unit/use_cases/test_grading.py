"""Grading earlier runs: automatically after scoring where nothing is in doubt, offered otherwise, and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.ml.detection.leaving_column import DetectedLeavingColumns
from adapters.ml.scoring.outcome_evaluation import NumpyOutcomeEvaluator
from adapters.results.files.exports import FileExports
from application.ports.audit import AuditQuery
from application.use_cases.grading.ask_grading import AskGrading, DoGrade, subject_of
from application.use_cases.grading.compare_files import CompareFiles, LaterFile
from application.use_cases.grading.grade_after_scoring import GradeEarlierRuns
from application.use_cases.grading.grade_run import GradeRun, WithdrawGrading
from application.use_cases.grading.read_gradings import ListGradings, ViewBestBefore, ViewGrading
from application.use_cases.labels.recognise_snapshots import RecogniseSnapshot
from application.use_cases.tasks import AddTask
from domain.account import Account, Role
from domain.actor import Actor
from domain.campaign import CampaignId
from domain.campaign_members import Side
from domain.customer import CustomerId
from domain.errors import Conflict, FileRefused, InvalidInput, NotAllowed, RunNotFound
from domain.evaluation import ConfusionMatrix
from domain.grading import Grading
from domain.grading_choice import GradingChoice, GradingDoubtful, GradingOrder
from domain.model import ModelStage
from domain.run import Run, RunId
from domain.task import Task
from tests import builders as a
from tests.builders import an_account, at
from tests.fakes.models import FakeScorer, LevelModel
from tests.fakes.snapshots import SnapshotStoreInMemory
from tests.unit.use_cases.scoring.application import ANALYST, HEADER, ScoringApplication

OTHER = an_account(id="other", email="other@example.com", role=Role.ANALYST)
CUSTOMERS = 60


def rows(numbers: Sequence[int], *, month: int = 0) -> list[str]:
    """Customers with the same attributes every month, but the time as a customer."""
    return [
        f"C-{own},{10 + own + month},{90 + own % 9}.5,{'Yes' if own % 2 else 'No'},"
        f"{'Month-to-month' if own % 3 else 'Two year'}"
        for own in numbers
    ]


def file_of(numbers: Sequence[int], *, month: int = 0, header: str = HEADER, more: str = "") -> bytes:
    return "\n".join([header, *(f"{row}{more}" for row in rows(numbers, month=month))]).encode()


@dataclass
class GradingApplication(ScoringApplication):
    snapshots: SnapshotStoreInMemory = field(default_factory=SnapshotStoreInMemory)

    @property
    def grade(self) -> GradeRun:
        recognise = RecogniseSnapshot(self.intake, DetectedLeavingColumns())
        compare = CompareFiles(recognise, self.snapshots, self.results, NumpyOutcomeEvaluator(), self.clock, formats_of)
        return GradeRun(self.new_uow, self.new_reading, compare, self.uploads, self.clock, self.ids)

    def scored(self, content: bytes, name: str, *, by: Account = ANALYST) -> Run:
        self.clock.move(minutes=10)
        run = self.score(self.submit(content, name, by=by).id)
        assert run is not None
        return run

    @property
    def withdraw(self) -> WithdrawGrading:
        return WithdrawGrading(self.new_uow, FileExports(self.folder / "results"), self.clock)

    def after(self, run: Run) -> tuple[Grading, ...]:
        return GradeEarlierRuns(self.new_uow, self.new_reading, self.grade, self.results, self.clock)(run)

    def reasons(self, run: Run) -> list[tuple[str, bool]]:
        with self.new_uow() as uow:
            return [(own.reason, own.possible) for own in uow.gradings.offers_by(run.id)]

    def gradings(self) -> list[Grading]:
        with self.new_uow() as uow:
            return list(uow.gradings.all())


@pytest.fixture
def app(tmp_path: Path) -> GradingApplication:
    app = GradingApplication(tmp_path / "data")
    schema = a.a_schema(month_column=None)
    app.registry.kept["v1"] = FakeScorer("v1", schema, LevelModel(-1.0, 3, {"Month-to-month": 2.0, "Two year": -2.0}))
    with app.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.accounts.add(OTHER)
        model = a.a_model_version(
            id="v1", schema=schema, threshold=0.5, stage=ModelStage.CHAMPION, label=None, horizon="the next month"
        )
        uow.models.add(model)
        uow.commit()
    return app


def october(app: GradingApplication, **given: object) -> Run:
    return app.scored(file_of(range(CUSTOMERS)), "base 2026-10.csv", **given)  # type: ignore[arg-type]  # an account


def november(app: GradingApplication, **given: object) -> Run:
    """The first six customers have left, and five joined."""
    numbers = range(6, CUSTOMERS + 5)
    return app.scored(file_of(numbers, month=1), "base 2026-11.csv", **given)  # type: ignore[arg-type]  # an account


def test_a_later_file_grades_the_prediction_before_it(app: GradingApplication) -> None:
    before, later = october(app), november(app)
    (grading,) = app.after(later)
    assert app.gradings() == [grading]
    assert (grading.run_id, grading.month, grading.horizon, grading.automatic) == (before.id, "2026-10", 1, True)
    assert (grading.figures.customers, grading.figures.left, grading.new, grading.left_out) == (60, 6, 5, 0)
    assert (grading.source.run_id, grading.source.file_name) == (later.id, "base 2026-11.csv")
    assert grading.source.sha256 == later.file_sha256
    assert (grading.by, grading.truth) == ("analyst", "missing in the file of the next month")
    assert (grading.treated, grading.untreated) == (0, None)
    assert app.reasons(later) == []
    with app.new_uow() as uow:
        entry = uow.audit.find(AuditQuery(limit=1))[0][0]
    assert (entry.action, entry.subject) == ("graded a prediction automatically", "base 2026-10.csv")


def test_what_is_graded_is_not_graded_again(app: GradingApplication) -> None:
    october(app)
    later = november(app)
    assert len(app.after(later)) == 1
    assert app.after(later) == ()
    with pytest.raises(Conflict, match="graded already"):
        app.grade.by_run(app.gradings()[0].run_id, later.id, GradingChoice(), by=Actor(ANALYST))


def test_all_predictions_of_a_month_are_graded(app: GradingApplication) -> None:
    october(app)
    app.scored(file_of(range(CUSTOMERS - 1)), "again 2026-10.csv")
    assert sorted(own.figures.customers for own in app.after(november(app))) == [59, 60]


def test_the_prediction_to_grade_is_found_behind_many_that_cannot_be_graded(app: GradingApplication) -> None:
    before = october(app)
    repeated = [november(app) for _ in range(12)]
    assert [own.run_id for own in app.after(repeated[-1])] == [before.id]


def test_without_a_month_only_the_newest_of_many_is_asked_about(app: GradingApplication) -> None:
    for left in range(1, 13):
        newest = app.scored(file_of(range(left, CUSTOMERS)), f"base 2026-{left:02}.csv")
    later = app.scored(file_of(range(20, CUSTOMERS)), "customers.csv")
    assert app.after(later) == ()
    with app.new_uow() as uow:
        assert [own.run_id for own in uow.gradings.offers_by(later.id)] == [newest.id]


def test_predictions_of_others_are_left_alone(app: GradingApplication) -> None:
    before = october(app, by=OTHER)
    later = november(app)
    assert (app.after(later), app.reasons(later)) == ((), [])
    with pytest.raises(RunNotFound):
        app.grade.by_run(before.id, later.id, GradingChoice(), by=Actor(ANALYST))
    app.change(replace(app.run(before.id), shared=True))
    with pytest.raises(NotAllowed, match="Only the person who made this prediction"):
        app.grade.by_run(before.id, later.id, GradingChoice(), by=Actor(ANALYST))


def test_another_base_leaves_one_sentence(app: GradingApplication) -> None:
    october(app)
    later = app.scored(file_of(range(500, 560), month=1), "base 2026-11.csv")
    assert app.after(later) == ()
    ((reason, possible),) = app.reasons(later)
    assert reason.startswith("Only 0 of the 60 customers of October 2026 are in the file of November 2026")
    assert not possible
    assert app.gradings() == []


def test_a_missing_month_leaves_one_sentence(app: GradingApplication) -> None:
    october(app)
    december = app.scored(file_of(range(6, CUSTOMERS), month=2), "base 2026-12.csv")
    assert app.after(december) == ()
    assert app.reasons(december) == [
        (
            (
                "The prediction of October 2026 is about the next month, so the file of November 2026 shows who left; "
                "this file shows December 2026. Use the file of November 2026, or correct the month of a file."
            ),
            False,
        )
    ]


def test_a_second_file_of_the_month_grades_nothing(app: GradingApplication) -> None:
    october(app)
    again = app.scored(file_of(range(6, CUSTOMERS)), "other 2026-10.csv")
    assert (app.after(again), app.reasons(again)) == ((), [])


def test_unknown_months_are_asked_for(app: GradingApplication) -> None:
    before = app.scored(file_of(range(CUSTOMERS)), "customers.csv")
    later = november(app)
    assert app.after(later) == ()
    assert app.reasons(later) == [
        ("Which month does customers.csv show? It has no column with the month, and its name does not say it.", True)
    ]
    grading = app.grade.by_run(before.id, later.id, GradingChoice(month="2026-10"), by=Actor(ANALYST))
    assert (grading.figures.left, grading.automatic) == (6, False)
    assert app.reasons(later) == []  # what was offered is done


def test_a_file_without_months_of_another_base_is_not_offered(app: GradingApplication) -> None:
    october(app)
    later = app.scored(file_of(range(500, 560)), "customers.csv")
    assert (app.after(later), app.reasons(later)) == ((), [])


def test_a_value_that_vanished_is_a_doubt(app: GradingApplication) -> None:
    before = october(app)
    numbers = [own for own in range(CUSTOMERS) if own % 3]  # all with a contract of two years are missing
    later = app.scored(file_of(numbers, month=1), "base 2026-11.csv")
    assert app.after(later) == ()
    ((reason, possible),) = app.reasons(later)
    assert "All 20 customers of October 2026 with Contract = “Two year” are missing in the next file" in reason
    assert possible
    with pytest.raises(GradingDoubtful) as doubt:
        app.grade.by_run(before.id, later.id, GradingChoice(), by=Actor(ANALYST))
    assert len(doubt.value.reasons) == 1
    grading = app.grade.by_run(before.id, later.id, GradingChoice(accept=True), by=Actor(ANALYST))
    assert grading.figures.left == 20


def test_a_column_of_the_later_file_says_who_left(app: GradingApplication, tmp_path: Path) -> None:
    before = october(app)
    lines = file_of(range(CUSTOMERS), month=1).decode().splitlines()
    marked = [f"{lines[0]},Churn", *(f"{row},{'No' if place % 10 else 'Yes'}" for place, row in enumerate(lines[1:]))]
    path = tmp_path / "november.csv"
    path.write_text("\n".join(marked))
    later = LaterFile(path, "base 2026-11.csv", "0" * 64)
    grading = app.grade.by_file(before.id, later, GradingChoice(), by=Actor(ANALYST))
    assert (grading.figures.left, grading.source.run_id) == (6, None)
    assert grading.truth == "missing in the file of the next month, or “Churn” is “Yes” there"
    app.withdraw(grading.id, by=Actor(ANALYST))
    with pytest.raises(FileRefused, match="Nobody has left"):
        app.grade.by_file(before.id, later, GradingChoice(by_absence=True), by=Actor(ANALYST))


def test_a_file_that_says_itself_who_left_is_not_graded_by_itself(app: GradingApplication) -> None:
    before, later = october(app), november(app)
    own = a.a_summary(id_header="customerID", months=()).truth
    assert own is not None
    assert before.summary is not None
    app.change(replace(app.run(before.id), summary=replace(before.summary, truth=own)))
    assert (app.after(later), app.reasons(later)) == ((), [])
    nobody = replace(own, churned=0, confusion=ConfusionMatrix(0, 0, 0, 60))
    app.change(replace(app.run(before.id), summary=replace(before.summary, truth=nobody)))
    assert len(app.after(later)) == 1


def test_contacted_customers_are_graded_apart(app: GradingApplication) -> None:
    before = october(app)
    with app.new_uow() as uow:
        started = a.a_campaign(id=CampaignId("c"), run_id=before.id, started_at=at(minutes=15))
        uow.campaigns.add(started)
        sides = [(0, Side.CONTACT), (1, Side.CONTACT), (30, Side.CONTACT), (2, Side.CONTROL)]
        members = [
            a.a_member(number=place, customer_id=CustomerId(f"C-{own}"), side=side)
            for place, (own, side) in enumerate(sides, start=1)
        ]
        uow.campaigns.add_members(started.id, members)
        uow.commit()
    (grading,) = app.after(november(app))
    assert grading.treated == 3
    assert grading.untreated is not None
    assert (grading.untreated.customers, grading.untreated.left) == (57, 4)
    assert (grading.figures.customers, grading.figures.left) == (60, 6)


def test_a_withdrawn_grading_leaves_nothing_but_an_entry_in_the_log(app: GradingApplication) -> None:
    october(app)
    (grading,) = app.after(november(app))
    with pytest.raises(RunNotFound):
        app.withdraw(grading.id, by=Actor(OTHER))
    run = app.withdraw(grading.id, by=Actor(ANALYST))
    assert (run.id, app.gradings()) == (grading.run_id, [])
    view = ViewGrading(app.new_reading, app.uploads)(run.id, by=ANALYST)
    assert (view.grading, view.offered) == (None, ())
    with app.new_uow() as uow:
        entry = uow.audit.find(AuditQuery(limit=1))[0][0]
    assert (entry.action, entry.subject) == ("withdrew a grading", "base 2026-10.csv")


def test_a_prediction_cannot_grade_itself_and_needs_a_stored_file(app: GradingApplication) -> None:
    before, later = october(app), november(app)
    by = Actor(ANALYST)
    with pytest.raises(InvalidInput, match="cannot be graded by its own file"):
        app.grade.by_run(before.id, before.id, GradingChoice(), by=by)
    app.uploads.discard_file(later.id)
    with pytest.raises(InvalidInput, match="no longer stored"):
        app.grade.by_run(before.id, later.id, GradingChoice(), by=by)
    assert app.after(later) == ()
    app.results.discard(before.id)
    assert app.after(later) == ()  # without results there is nothing to compare


def test_the_page_lists_what_can_be_graded_and_by_what(app: GradingApplication) -> None:
    before, later = october(app), november(app)
    view = ViewGrading(app.new_reading, app.uploads)
    own = view(before.id, by=ANALYST, with_later=True)
    assert (own.month, own.horizon, own.may_change, own.busy, own.problem) == ("2026-10", 1, True, False, "")
    assert [run.id for run in own.later] == [later.id]
    app.after(later)
    own = view(before.id, by=ANALYST, with_later=True)
    assert own.listed is not None
    assert (own.listed.by, own.listed.later, own.later) == (ANALYST.name, app.run(later.id), ())
    assert [one.run.id for one in view(later.id, by=ANALYST).graded_by_this] == [before.id]
    with pytest.raises(RunNotFound):
        view(before.id, by=OTHER)


def test_lists_hold_what_a_person_may_see_and_the_model_counts_all(app: GradingApplication) -> None:
    october(app)
    (grading,) = app.after(november(app))
    list_gradings = ListGradings(app.new_reading)
    assert [own.grading for own in list_gradings(by=ANALYST)] == [grading]
    assert list_gradings(by=OTHER) == ()
    assert list_gradings(by=ANALYST, model_version="v99") == ()
    assert ViewBestBefore(app.new_reading)(grading.model_version).months == (grading,)


def test_large_files_are_graded_by_a_worker(app: GradingApplication) -> None:
    before, later = october(app), november(app)
    app.change(replace(app.run(later.id), file_bytes=9 * 1024**2))
    ask = AskGrading(app.new_uow, app.grade, AddTask(app.queue, app.ids, app.clock))
    ask(before.id, later.id, GradingChoice(accept=True), by=Actor(ANALYST))
    assert app.gradings() == []
    with app.new_uow() as uow:
        task = uow.tasks.latest_of(subject_of(before.id))
    assert task is not None
    assert GradingOrder.from_text(task.argument) == GradingOrder(later.id, GradingChoice(accept=True))
    assert ViewGrading(app.new_reading, app.uploads)(before.id, by=ANALYST).busy

    class Job:
        def end(self, change: object) -> Task:
            return task

    DoGrade(app.grade, app.new_reading)(Job(), task, lambda _: None)  # type: ignore[arg-type]  # ends nothing
    assert [own.run_id for own in app.gradings()] == [before.id]


def test_small_files_are_graded_at_once(app: GradingApplication) -> None:
    before, later = october(app), november(app)
    ask = AskGrading(app.new_uow, app.grade, AddTask(app.queue, app.ids, app.clock))
    ask(before.id, later.id, GradingChoice(), by=Actor(ANALYST))
    assert [own.run_id for own in app.gradings()] == [RunId(before.id)]


def test_an_unexpected_error_does_not_reach_the_scoring(
    app: GradingApplication, caplog: pytest.LogCaptureFixture
) -> None:
    october(app)
    later = november(app)
    broken = GradeEarlierRuns(app.new_uow, app.new_reading, None, app.results, app.clock)  # type: ignore[arg-type]  # broken on purpose
    assert broken(later) == ()
    assert "earlier predictions could not be graded" in caplog.text


def test_choices_are_checked() -> None:
    with pytest.raises(InvalidInput, match="“2026-13” is not a month"):
        GradingChoice(month="2026-13")
    with pytest.raises(InvalidInput, match="or missing customers alone"):
        GradingChoice(by_absence=True, column="Churn")
