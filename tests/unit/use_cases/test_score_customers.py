"""The main job, on doubles in memory and real files."""

from __future__ import annotations

import gzip
import io
import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from adapters.ml.recommender import ColumnarRecommender
from application.ports.persistence import RunQuery
from application.ports.results import CustomerQuery
from application.use_cases.check_file import CheckFile
from application.use_cases.history import DeleteRuns, SetThreshold
from application.use_cases.open_result import OpenResult
from application.use_cases.received import clean_name
from application.use_cases.score_customers import ScoreRun
from application.use_cases.submit_scoring import CancelRun, SubmitScoring
from application.use_cases.upkeep import PurgeExpired, ResumeWork, SweepLeftovers
from domain.account import Account, Role
from domain.errors import ColumnsUnknown, FileRefused, NoModel, NotAllowed, RunNotFound
from domain.file_format import FileFormat
from domain.model import ModelStage
from domain.policy import InstallationPolicy
from domain.run import Run, RunId, RunState, StopReport
from tests.builders import a_model_version, a_schema, an_account
from tests.fakes.models import FakeScorer, InMemoryModelRegistry, LevelModel
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.results import InMemoryResults
from tests.fakes.security import CountedIds, FixedClock
from tests.fakes.system import FakeStorage

HEADER = "customerID,tenure,MonthlyCharges,PaperlessBilling,Contract"
ROWS = [
    f"C-{row},{10 + row},{90 + row}.5,{'Yes' if row % 2 else 'No'},{'Month-to-month' if row <= 4 else 'Two year'}"
    for row in range(1, 11)
]
FILE = "\n".join([HEADER, *ROWS]).encode()
ANALYST = an_account(id="analyst", role=Role.ANALYST)


class Queue:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, run_id: RunId) -> None:
        self.asked.append(run_id)

    def train(self, training_id: str) -> None:
        self.asked.append(training_id)


@dataclass
class Desk:
    """Everything the main job stands on."""

    database: FakeDatabase
    clock: FixedClock
    queue: Queue
    uploads: FileUploads
    results: InMemoryResults
    registry: InMemoryModelRegistry
    ids: CountedIds
    folder: Path

    @property
    def new_uow(self) -> partial[FakeUnitOfWork]:
        return partial(FakeUnitOfWork, self.database)

    def submit(
        self, content: bytes = FILE, name: str = "customers.csv", *, by: Account = ANALYST, **more: object
    ) -> Run:
        use_case = SubmitScoring(self.new_uow, CsvCustomerFiles(), self.uploads, self.queue, self.clock, self.ids)
        return use_case(io.BytesIO(content), name, by=by, **more)  # type: ignore[arg-type]

    def score(self, run_id: RunId, *, worker: str = "worker-1", results: InMemoryResults | None = None) -> Run | None:
        delete = DeleteRuns(self.new_uow, self.results, self.uploads, FakeStorage(), self.clock)
        return ScoreRun(
            self.new_uow,
            CsvCustomerFiles(),
            self.uploads,
            results or self.results,
            self.registry,
            ColumnarRecommender(),
            self.clock,
            worker,
            delete_runs=lambda run_ids, owner: delete(run_ids, by=owner) and None,
        )(run_id)

    def run(self, run_id: RunId) -> Run:
        with self.new_uow() as uow:
            return uow.runs.get(run_id)

    def change(self, run: Run) -> None:
        with self.new_uow() as uow:
            uow.runs.save(run)
            uow.commit()

    @property
    def runs(self) -> tuple[Run, ...]:
        with self.new_uow() as uow:
            return uow.runs.find(RunQuery(limit=100)).runs


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(
        FakeDatabase(),
        FixedClock(),
        Queue(),
        FileUploads(tmp_path / "uploads"),
        InMemoryResults(),
        InMemoryModelRegistry(),
        CountedIds(),
        tmp_path,
    )
    schema = a_schema(month_column=None)
    made.registry.kept["v1"] = FakeScorer("v1", schema, LevelModel(-1.0, 3, {"Month-to-month": 2.0, "Two year": -2.0}))
    with made.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.models.add(a_model_version(id="v1", schema=schema, threshold=0.5, stage=ModelStage.CHAMPION))
        uow.commit()
    return made


def files_of(desk: Desk) -> list[Path]:
    return [path for path in desk.folder.rglob("*") if path.is_file()]


def test_a_file_goes_in_and_every_customer_comes_out_with_risk_reasons_and_action(desk: Desk) -> None:
    run = desk.submit()
    assert desk.queue.asked == [run.id]
    done = desk.score(run.id)
    assert done is not None
    assert done.state is RunState.DONE
    assert done.summary is not None
    assert (done.summary.rows, done.summary.scored, done.summary.rejected) == (10, 10, 0)
    assert done.summary.likely_to_leave == 4
    result = OpenResult(desk.new_uow, desk.results)(run.id, CustomerQuery(threshold=0.5, limit=100), by=ANALYST)
    first = result.page.customers[0]
    assert first.prediction.likely_to_leave
    assert [reason.attribute for reason in first.prediction.raises] == ["Contract"]
    assert first.action_id == "one-year-contract"


def test_the_contact_list_is_kept_with_the_run_the_highest_gain_first(desk: Desk) -> None:
    with desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(contact_list_rows=3))
        uow.commit()
    run = desk.submit()
    desk.score(run.id)
    with desk.new_uow() as uow:
        contacts = uow.predictions.of_run(run.id, limit=100)
    assert len(contacts) == 3
    gains = [contact.recommendation.expected_gain for contact in contacts]
    assert gains == sorted(gains, reverse=True)
    assert [contact.position for contact in contacts] == [1, 2, 3]


def test_a_file_with_none_of_the_columns_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    with pytest.raises(ColumnsUnknown, match="None of the columns"):
        desk.submit(b"x,y\n1,2\n3,4\n")
    assert files_of(desk) == []
    assert desk.runs == ()
    assert desk.queue.asked == []


def test_a_file_that_lacks_what_matters_most_is_refused_with_the_share_that_is_missing(desk: Desk) -> None:
    with pytest.raises(ColumnsUnknown, match=r"60%.*tenure, MonthlyCharges, PaperlessBilling"):
        desk.submit(b"customerID,Contract\nC-1,Two year\nC-2,Two year\n")


@pytest.mark.parametrize("content", [b"", HEADER.encode(), b"\x00\x01\x02binary\x00"])
def test_what_is_no_customer_file_is_refused_and_nothing_is_stored(desk: Desk, content: bytes) -> None:
    with pytest.raises(FileRefused):
        desk.submit(content)
    assert files_of(desk) == []
    assert desk.runs == ()


def test_a_file_above_the_limit_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    with desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(upload_limit=1024))
        uow.commit()
    with pytest.raises(FileRefused):
        desk.submit(FILE * 20)
    assert files_of(desk) == []


def test_without_a_model_nothing_can_be_scored(desk: Desk) -> None:
    with desk.new_uow() as uow:
        uow.models.set_stage("v1", ModelStage.RETIRED)
        uow.commit()
    with pytest.raises(NoModel):
        desk.submit()


def test_a_viewer_cannot_score(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.submit(by=an_account(id="viewer", role=Role.VIEWER))


def test_checking_a_file_says_what_is_recognised_and_stores_nothing(desk: Desk) -> None:
    check = CheckFile(desk.new_uow, CsvCustomerFiles(), desk.uploads, desk.ids)
    found = check(io.BytesIO(FILE.replace(b"MonthlyCharges", b"monthly_charges").replace(b"tenure", b"tenures")))
    assert [match.header for match in found.match.matches if match.column == "MonthlyCharges"] == ["monthly_charges"]
    assert [(s.column, s.header) for s in found.match.suggestions] == [("tenure", "tenures")]
    assert found.problem is None
    assert files_of(desk) == []


def test_a_confirmed_match_is_used_and_a_suggested_one_is_not(desk: Desk) -> None:
    content = FILE.replace(b"Contract", b"Contracts")
    unconfirmed = desk.score(desk.submit(content).id)
    confirmed = desk.score(desk.submit(content, chosen={"Contract": 4}).id)
    assert unconfirmed is not None
    assert unconfirmed.summary is not None
    assert unconfirmed.summary.columns_missing == ("Contract",)
    assert unconfirmed.summary.likely_to_leave == 0
    assert confirmed is not None
    assert confirmed.summary is not None
    assert confirmed.summary.columns_missing == ()
    assert confirmed.summary.likely_to_leave == 4


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
        """Another worker takes the run over while the first is still summing up."""

        def best_contacts(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            desk.change(replace(desk.run(run.id), worker="worker-2"))
            return super().best_contacts(*args, **more)  # type: ignore[arg-type]

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


def test_a_queued_run_is_cancelled_at_once(desk: Desk) -> None:
    run = desk.submit()
    CancelRun(desk.new_uow, desk.uploads, desk.clock)(run.id, by=ANALYST)
    assert desk.run(run.id).state is RunState.CANCELLED
    assert desk.score(run.id) is None


TOO_MANY = "\n".join([HEADER, *ROWS[:6], "C-7,7", "C-8,8", "C-9,soon", "C-10"]).encode()


def test_of_a_file_with_too_many_bad_rows_the_report_alone_is_kept(desk: Desk) -> None:
    run = desk.submit(TOO_MANY)
    ended = desk.score(run.id)
    assert ended is not None
    assert ended == desk.run(run.id)
    assert (ended.state, ended.summary) == (RunState.FAILED, None)
    assert (ended.error or "").startswith(
        "4 of 10 rows could not be read, for example line 8 has 2 columns instead of 5."
    )
    assert ended.stopped == StopReport(
        10, 4, (("2 columns instead of 5", 3), ("1 column instead of 5", 1)), FileFormat()
    )
    assert files_of(desk) == [desk.uploads.rejected_path(run.id)]
    assert desk.results.runs == {}
    with desk.new_uow() as uow:
        assert uow.uploads.all() == []
        assert uow.predictions.count(run.id) == 0


def test_a_file_that_breaks_while_it_is_read_is_not_kept_either(desk: Desk) -> None:
    long = "\n".join([HEADER, *ROWS * 4_000]).encode()
    run = desk.submit(gzip.compress(long, 1)[:-9])
    ended = desk.score(run.id)
    assert ended is not None
    assert ended.stopped is not None
    assert "damaged or incomplete" in (ended.error or "")
    assert not desk.uploads.path(run.id).exists()


def test_a_run_that_its_file_stopped_is_not_begun_again(desk: Desk) -> None:
    run = desk.submit(TOO_MANY)
    ended = desk.score(run.id)
    desk.clock.move(minutes=5)
    assert desk.score(run.id, worker="worker-2") is None
    assert ResumeWork(desk.new_uow, desk.queue, desk.clock)(all_queued=True) == 0
    assert desk.run(run.id) == ended


def test_a_worker_that_lost_its_run_leaves_the_file_to_the_other(desk: Desk) -> None:
    run = desk.submit(TOO_MANY)

    class Stolen(InMemoryResults):
        """Another worker takes the run over while the first is still reading."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            desk.change(replace(desk.run(run.id), worker="worker-2"))
            return super().writer(*args, **more)  # type: ignore[arg-type]

    assert desk.score(run.id, results=Stolen()) is None
    assert desk.run(run.id).state is RunState.RUNNING
    assert desk.uploads.path(run.id).exists()
    with desk.new_uow() as uow:
        assert [record.id for record in uow.uploads.all()] == [run.id]


def test_the_list_of_a_stopped_run_stays_until_the_run_goes_or_its_time_is_over(desk: Desk) -> None:
    stopped, deleted = desk.submit(TOO_MANY), desk.submit(TOO_MANY)
    for run in (stopped, deleted):
        desk.score(run.id)
        os.utime(desk.uploads.rejected_path(run.id), (1_600_000_000, 1_600_000_000))

    DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([deleted.id], by=ANALYST)
    SweepLeftovers(desk.new_uow, desk.results, desk.uploads)()
    assert files_of(desk) == [desk.uploads.rejected_path(stopped.id)]

    with desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.commit()
    desk.clock.move(days=31)
    PurgeExpired(desk.new_uow, desk.results, desk.uploads, desk.clock)()
    assert files_of(desk) == []
    assert desk.run(stopped.id).stopped is not None, "the report stays"


def test_a_model_that_cannot_be_read_fails_the_run_in_words(desk: Desk) -> None:
    run = desk.submit()
    desk.registry.damaged.add("v1")
    ended = desk.score(run.id)
    assert ended is not None
    assert ended.state is RunState.FAILED
    assert "v1" in (ended.error or "")
    assert ended.stopped is None
    assert desk.uploads.path(run.id).exists(), "the file is not to blame"


def test_a_fault_of_ours_fails_the_run_in_plain_words_and_is_not_hidden(desk: Desk) -> None:
    run = desk.submit()

    class Broken(InMemoryResults):
        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError):
        desk.score(run.id, results=Broken())
    failed = desk.run(run.id)
    assert failed.state is RunState.FAILED
    assert "disk on fire" not in (failed.error or "")
    assert "The uploaded file is kept" in (failed.error or "")


def test_previous_predictions_go_only_when_asked_for_and_only_the_person_s_own(desk: Desk) -> None:
    other = an_account(id="other", role=Role.ANALYST)
    with desk.new_uow() as uow:
        uow.accounts.add(other)
        uow.commit()
    first, foreign = desk.submit(name="first.csv"), desk.submit(name="foreign.csv", by=other)
    for run in (first, foreign):
        desk.score(run.id)
    desk.clock.move(minutes=1)
    kept = desk.submit(name="second.csv")
    desk.score(kept.id)
    assert {run.file_name for run in desk.runs} == {"first.csv", "foreign.csv", "second.csv"}
    desk.clock.move(minutes=1)
    desk.score(desk.submit(name="third.csv", delete_previous=True).id)
    assert {run.file_name for run in desk.runs} == {"foreign.csv", "third.csv"}


def test_a_deleted_run_takes_its_files_results_and_contacts_along(desk: Desk) -> None:
    run = desk.submit()
    desk.score(run.id)
    DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=ANALYST)
    assert files_of(desk) == []
    assert desk.results.runs == {}
    with desk.new_uow() as uow:
        assert uow.predictions.count(run.id) == 0
    with pytest.raises(RunNotFound):
        desk.run(run.id)


def test_somebody_else_s_run_looks_as_if_it_did_not_exist(desk: Desk) -> None:
    run = desk.submit()
    stranger = an_account(id="stranger", role=Role.ANALYST)
    with pytest.raises(RunNotFound):
        OpenResult(desk.new_uow, desk.results)(run.id, by=stranger)
    with pytest.raises(RunNotFound):
        DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=stranger)


def test_a_threshold_that_is_stored_moves_labels_and_sums(desk: Desk) -> None:
    run = desk.submit()
    desk.score(run.id)
    changed = SetThreshold(desk.new_uow, desk.results, desk.clock)(run.id, 0.01, by=ANALYST)
    assert changed.summary is not None
    assert changed.summary.likely_to_leave == 10
    assert desk.run(run.id).threshold == 0.01


def test_a_month_in_the_file_is_understood_by_a_model_that_learned_without_one(desk: Desk) -> None:
    lines = [f"{HEADER},SnapshotMonth", *(f"{row},2026-{9 + place % 2:02d}" for place, row in enumerate(ROWS))]
    done = desk.score(desk.submit("\n".join(lines).encode()).id)
    assert done is not None
    assert done.summary is not None
    assert [(month.month, month.customers) for month in done.summary.months] == [("2026-09", 5), ("2026-10", 5)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\customers.csv", "customers.csv"),
        ("", "customers.csv"),
        ("a\nb\x00c.csv", "abc.csv"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_file_s_name_is_for_showing_and_never_a_path(given: str, shown: str) -> None:
    assert clean_name(given) == shown
