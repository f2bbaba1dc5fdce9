"""A process that is killed at any line between a file operation and a commit: the next pass leaves nothing orphaned."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from adapters.ml.recommender import ColumnarRecommender
from application.ports.persistence import RunQuery
from application.use_cases.claims import Claims
from application.use_cases.departure import RemoveAccount
from application.use_cases.disposal import FinishDeletions
from application.use_cases.history import DeleteRuns
from application.use_cases.installation import DeleteUpload
from application.use_cases.sample_data import RemoveSample
from application.use_cases.score_customers import ScoreRun
from application.use_cases.submit_scoring import CancelRun, SubmitScoring
from application.use_cases.submit_training import SubmitTraining
from application.use_cases.upkeep import PurgeExpired
from domain.account import Role
from domain.policy import InstallationPolicy
from domain.run import RunId, RunState
from domain.training import TrainingRequest
from tests.builders import an_account
from tests.fakes.kept.contacts import encode_contacts
from tests.fakes.persistence import FakeUnitOfWork
from tests.fakes.results import InMemoryResults, InMemoryWriter
from tests.fakes.system import FakeDirectory, FakeStorage
from tests.unit.use_cases.scoring.desk import ANALYST, FILE, HEADER, ROWS, Desk

ADMIN = an_account(id="admin", email="admin@telco.example.com", role=Role.ADMIN)
TOO_MANY = "\n".join([HEADER, *ROWS[:6], "C-7,7", "C-8,8", "C-9,soon", "C-10"]).encode()
LABELLED = b"customerID,tenure,Churn\n" + b"\n".join(b"C-%d,%d,Yes" % (n, n) for n in range(20))
LONG_AGO = 1_600_000_000
MANY_STEPS = 200


class Killed(BaseException):
    """The process ends here, and nothing of it runs any more."""


@dataclass
class Fuse:
    """Kills at one step, and at every later one: handlers of exceptions don't run in a dead process either."""

    left: int

    def step(self) -> None:
        if self.left <= 0:
            raise Killed
        self.left -= 1

    def around(self, call: Callable[[], Any]) -> Any:
        self.step()
        done = call()
        self.step()
        return done


class KilledUnitOfWork(FakeUnitOfWork):
    def __init__(self, database: Any, fuse: Fuse) -> None:
        super().__init__(database)
        self._fuse = fuse

    def commit(self) -> None:
        self._fuse.around(super().commit)


class KilledUploads:
    def __init__(self, real: FileUploads, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def receive(self, upload_id: str, stream: io.BytesIO, *, limit: int) -> Any:
        half = self._real.folder / f"{upload_id}.part"
        half.parent.mkdir(exist_ok=True)
        self._fuse.around(lambda: half.write_bytes(b"half"))
        return self._fuse.around(lambda: self._real.receive(upload_id, stream, limit=limit))

    def discard(self, upload_id: str) -> None:
        self._fuse.around(lambda: self._real.discard(upload_id))

    def discard_file(self, upload_id: str) -> None:
        self._fuse.around(lambda: self._real.discard_file(upload_id))


class KilledResults(InMemoryResults):
    fuse: Fuse

    def writer(self, *args: Any, **more: Any) -> Any:
        made = super().writer(*args, **more)
        return KilledWriter(made, self.fuse)

    def discard(self, run_id: RunId) -> None:
        self.fuse.around(lambda: InMemoryResults.discard(self, run_id))


class KilledWriter:
    def __init__(self, real: InMemoryWriter, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def prepare(self, *args: Any, **more: Any) -> Any:
        return self._fuse.around(lambda: self._real.prepare(*args, **more))

    def publish(self) -> None:
        self._fuse.around(self._real.publish)


@dataclass
class Doomed:
    """The same installation, in a process that is going to be killed."""

    desk: Desk
    fuse: Fuse

    def new_uow(self) -> KilledUnitOfWork:
        return KilledUnitOfWork(self.desk.database, self.fuse)

    @property
    def uploads(self) -> Any:
        return KilledUploads(self.desk.uploads, self.fuse)

    @property
    def results(self) -> KilledResults:
        results = KilledResults(runs=self.desk.results.runs)
        results.fuse = self.fuse
        return results

    @property
    def delete_runs(self) -> DeleteRuns:
        return DeleteRuns(self.new_uow, self.results, self.uploads, FakeStorage(), self.desk.clock)

    def submit(self, content: bytes) -> Any:
        desk = self.desk
        submit = SubmitScoring(self.new_uow, CsvCustomerFiles(), self.uploads, desk.queue, desk.clock, desk.ids)
        return submit(io.BytesIO(content), "customers.csv", by=ANALYST)

    def score(self) -> None:
        with self.desk.new_uow() as uow:
            (run,) = uow.runs.unfinished()
        ScoreRun(
            self.new_uow,
            CsvCustomerFiles(),
            self.uploads,
            self.results,
            self.desk.registry,
            ColumnarRecommender(),
            self.desk.clock,
            Claims("doomed"),
            FakeStorage(),
            encode_contacts,
            lambda: None,
        )(run.id)


def uploading(doomed: Doomed) -> None:
    doomed.submit(FILE)


def uploading_to_train(doomed: Doomed) -> None:
    desk = doomed.desk
    submit = SubmitTraining(doomed.new_uow, CsvCustomerFiles(), doomed.uploads, desk.queue, desk.clock, desk.ids)
    submit(io.BytesIO(LABELLED), "labelled.csv", TrainingRequest(target="Churn"), by=ADMIN)


def uploading_what_is_refused(doomed: Doomed) -> None:
    with suppress(Exception):
        doomed.submit(b"no,such,columns\n1,2,3\n")


def scoring_and_deleting_previous(doomed: Doomed) -> None:
    doomed.desk.submit(delete_previous=True)
    doomed.score()


def scoring_what_stops(doomed: Doomed) -> None:
    doomed.desk.submit(TOO_MANY)
    doomed.score()


def scoring_what_is_cancelled(doomed: Doomed) -> None:
    desk = doomed.desk
    run = desk.submit()
    with desk.new_uow() as uow:
        uow.runs.save(uow.runs.get(run.id).started(worker="gone", at=desk.clock.now()))
        uow.commit()
    CancelRun(desk.new_uow, desk.uploads, desk.clock)(run.id, by=ANALYST)
    desk.clock.move(minutes=1)
    doomed.score()


def deleting_runs(doomed: Doomed) -> None:
    doomed.delete_runs([run.id for run in doomed.desk.runs], by=ANALYST)


def deleting_an_upload(doomed: Doomed) -> None:
    run = doomed.desk.runs[0]
    DeleteUpload(doomed.new_uow, doomed.results, doomed.uploads, doomed.desk.clock)(run.id, by=ADMIN)


def deleting_an_account(doomed: Doomed) -> None:
    remove = RemoveAccount(doomed.new_uow, doomed.results, doomed.uploads, FakeStorage(), doomed.desk.clock)
    remove(ANALYST.id, by=ADMIN)


def removing_the_sample(doomed: Doomed) -> None:
    for run in doomed.desk.runs:
        doomed.desk.change(replace(run, sample=True))
    RemoveSample(doomed.new_uow, doomed.delete_runs, doomed.desk.clock)(by=ANALYST)


def purging(doomed: Doomed) -> None:
    with doomed.desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.commit()
    doomed.desk.clock.move(days=31)
    PurgeExpired(doomed.new_uow, doomed.results, doomed.uploads, doomed.desk.clock)()


DEEDS = [
    uploading,
    uploading_to_train,
    uploading_what_is_refused,
    scoring_and_deleting_previous,
    scoring_what_stops,
    scoring_what_is_cancelled,
    deleting_runs,
    deleting_an_upload,
    deleting_an_account,
    removing_the_sample,
    purging,
]


def prepared(folder: Path, template: Desk) -> Desk:
    """Two scored runs of the analyst, the first with rows that were rejected."""
    desk = Desk(folder, registry=template.registry)
    with template.new_uow() as uow:
        (model,) = uow.models.all()
    with desk.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.accounts.add(ADMIN)
        uow.models.add(model)
        uow.commit()
    for content in (FILE + b"\nC-11,soon", FILE):
        desk.score(desk.submit(content).id)
        desk.clock.move(minutes=1)
    assert [run.state for run in desk.runs] == [RunState.DONE] * 2
    return desk


def the_next_pass(desk: Desk, *, hours: int = 2) -> None:
    """What a worker does after a restart and within the next two hours."""
    for path in desk.files:
        os.utime(path, (LONG_AGO, LONG_AGO))
    finish = FinishDeletions(desk.new_uow, desk.results, desk.uploads, FakeStorage(), FakeDirectory(), desk.clock)
    finish()
    desk.clock.move(hours=hours)
    with desk.new_uow() as uow:
        unfinished = uow.runs.unfinished()
    for run in unfinished:
        desk.score(run.id)
    finish()


def check_nothing_is_orphaned(desk: Desk) -> None:
    with desk.new_uow() as uow:
        runs = {run.id: run for run in uow.runs.find(RunQuery(limit=100)).runs}
        listed = {record.id for record in uow.uploads.all()}
        assert list(uow.deletions.all()) == []
    kept = {path.name.partition(".")[0] for path in desk.files if path.name.endswith(".upload")}
    lists = {path.name.partition(".")[0] for path in desk.files if path.name.endswith(".rejected.csv")}
    assert not [path for path in desk.files if path.name.endswith(".part")]
    assert kept == listed, "every upload has its record, and every record its upload"
    assert lists <= listed | {run_id for run_id, run in runs.items() if run.stopped is not None}
    assert set(desk.results.runs) <= {run_id for run_id, run in runs.items() if run.state is RunState.DONE}
    assert all(run.state.ended for run in runs.values())


@pytest.mark.parametrize("deed", DEEDS)
def test_killed_at_any_line_nothing_is_orphaned_after_the_next_pass(
    deed: Callable[[Doomed], None], desk: Desk, tmp_path: Path
) -> None:
    killed = 0
    for step in range(MANY_STEPS):
        one = prepared(tmp_path / f"{step}", desk)
        done_before = {run.id for run in one.runs if run.state is RunState.DONE}
        try:
            deed(Doomed(one, Fuse(step)))
        except Killed:
            killed += 1
        finished = killed <= step
        the_next_pass(one)
        check_nothing_is_orphaned(one)
        if deed in (uploading, uploading_to_train, uploading_what_is_refused, scoring_what_stops):
            assert done_before <= set(one.results.runs), "no earlier result is lost"
        if finished:
            break
    else:
        pytest.fail("the deed never ended")
    assert killed >= 2, "there were lines to be killed at"


def test_previous_predictions_are_deleted_with_the_commit_that_finishes_the_run(desk: Desk, tmp_path: Path) -> None:
    for step in range(MANY_STEPS):
        one = prepared(tmp_path / f"{step}", desk)
        with suppress(Killed):
            scoring_and_deleting_previous(Doomed(one, Fuse(step)))
            break
        the_next_pass(one)
        assert len(one.runs) == 1, f"killed at step {step}"
        assert one.runs[0].state is RunState.DONE


class Locked(FileUploads):
    """Files that cannot be deleted just now."""

    def discard(self, upload_id: str) -> None:
        raise PermissionError(13, "in use")


def test_files_that_cannot_be_deleted_now_are_deleted_later(desk: Desk) -> None:
    run = desk.submit()
    desk.score(run.id)
    locked = Locked(desk.uploads.folder)

    DeleteRuns(desk.new_uow, desk.results, locked, FakeStorage(), desk.clock)([run.id], by=ANALYST)
    assert desk.runs == (), "the person's deletion succeeds all the same"
    assert desk.files != []

    the_next_pass(desk, hours=0)
    assert desk.files == []


def test_a_run_that_is_deleted_while_it_is_scored_ends_quietly_and_leaves_nothing(desk: Desk) -> None:
    run = desk.submit()

    class Deleting(InMemoryResults):
        """The person deletes the run while its customers are being scored; its files are gone under the worker."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=ANALYST)
            raise FileNotFoundError(2, "No such file or directory")

    class DeletingLate(InMemoryResults):
        """The same while the contact list is being made."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            made = super().writer(*args, **more)  # type: ignore[arg-type]
            return DeletingWriter(self, run.id, made.schema, made.playbook)

    class DeletingWriter(InMemoryWriter):
        def best_contacts(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=ANALYST)
            return super().best_contacts(*args, **more)  # type: ignore[arg-type]

    assert desk.score(run.id, results=Deleting()) is None
    assert desk.files == []

    run = desk.submit()
    late = DeletingLate()
    assert desk.score(run.id, results=late) is None
    assert late.runs == {}
    assert desk.runs == ()
    the_next_pass(desk)
    check_nothing_is_orphaned(desk)


def test_what_a_suspended_worker_writes_after_the_deletion_is_deleted_too(desk: Desk) -> None:
    run = desk.submit()
    with desk.new_uow() as uow:
        uow.runs.save(uow.runs.get(run.id).started(worker="suspended", at=desk.clock.now()))
        uow.commit()
    DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=ANALYST)
    desk.uploads.rejected_path(run.id).write_text("row,reason\n")

    the_next_pass(desk)

    assert desk.files == []
    check_nothing_is_orphaned(desk)


def test_an_upload_that_takes_hours_is_not_deleted_while_it_arrives(desk: Desk) -> None:
    finish = FinishDeletions(desk.new_uow, desk.results, desk.uploads, FakeStorage(), FakeDirectory(), desk.clock)

    class Slow(io.BytesIO):
        """Two hours pass before the last byte, and the hourly pass comes meanwhile."""

        def read(self, size: int | None = -1) -> bytes:
            desk.clock.move(hours=2)
            part = next(path for path in desk.files if path.suffix == ".part")
            now = desk.clock.now().timestamp()
            os.utime(part, (now, now))
            finish()
            return super().read(size)

    submit = SubmitScoring(desk.new_uow, CsvCustomerFiles(), desk.uploads, desk.queue, desk.clock, desk.ids)
    run = submit(Slow(FILE), "customers.csv", by=ANALYST)
    finish()

    assert desk.files == [desk.uploads.path(run.id)]
    check = desk.score(run.id)
    assert check is not None
    assert check.state is RunState.DONE
