"""Use cases in a process that is killed at a given step, and the things that it does until then."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from adapters.ml.scoring.recommender import ColumnarRecommender
from application.use_cases.accounts.delete_account import RemoveAccount
from application.use_cases.administration.manage_uploads import DeleteUpload
from application.use_cases.files.history import AddHistory
from application.use_cases.jobs.claims import Claims
from application.use_cases.maintenance.scheduled_tasks import PurgeExpired
from application.use_cases.models.submit_training import SubmitTraining
from application.use_cases.predictions.history import DeleteRuns
from application.use_cases.predictions.sample_data import RemoveSample
from application.use_cases.predictions.score_run import ScoreRun
from application.use_cases.predictions.scoring_pass import ScoringPass
from application.use_cases.predictions.submit_scoring import CancelRun, SubmitScoring
from domain.account import Role
from domain.actor import Actor
from domain.policy import InstallationPolicy
from domain.run import RunId
from domain.training import TrainingRequest
from tests.builders import an_account
from tests.fakes.history import HistoryStoreInMemory
from tests.fakes.kept.contacts import encode_contacts
from tests.fakes.persistence import FakeUnitOfWork
from tests.fakes.results import InMemoryResults, InMemoryWriter
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.scoring.application import ANALYST, FILE, HEADER, ROWS, ScoringApplication

ADMIN = an_account(id="admin", email="admin@telco.example.com", role=Role.ADMIN)
TOO_MANY = "\n".join([HEADER, *ROWS[:6], "C-7,7", "C-8,8", "C-9,soon", "C-10"]).encode()
LABELLED = b"customerID,tenure,Churn\n" + b"\n".join(b"C-%d,%d,Yes" % (n, n) for n in range(20))


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

    app: ScoringApplication
    fuse: Fuse

    def new_uow(self) -> KilledUnitOfWork:
        return KilledUnitOfWork(self.app.database, self.fuse)

    @property
    def uploads(self) -> Any:
        return KilledUploads(self.app.uploads, self.fuse)

    @property
    def results(self) -> KilledResults:
        results = KilledResults(runs=self.app.results.runs)
        results.fuse = self.fuse
        return results

    @property
    def delete_runs(self) -> DeleteRuns:
        return DeleteRuns(self.new_uow, self.results, self.uploads, FakeStorage(), self.app.clock)

    def submit(self, content: bytes) -> Any:
        app = self.app
        submit = SubmitScoring(
            self.new_uow, CsvCustomerFiles(), self.uploads, app.queue, app.clock, app.ids, formats_of
        )
        return submit(io.BytesIO(content), "customers.csv", by=Actor(ANALYST))

    def score(self) -> None:
        with self.app.new_uow() as uow:
            (run,) = uow.runs.unfinished()
        ScoreRun(
            self.new_uow,
            self.app.new_reading,
            ScoringPass(
                CsvCustomerFiles(),
                self.uploads,
                self.results,
                self.app.registry,
                ColumnarRecommender(),
                formats_of,
                AddHistory(CsvCustomerFiles(), HistoryStoreInMemory()),
            ),
            self.uploads,
            self.results,
            self.app.clock,
            Claims("doomed"),
            FakeStorage(),
            encode_contacts,
            lambda: None,
            formats_of,
        )(run.id)


def uploading(doomed: Doomed) -> None:
    doomed.submit(FILE)


def uploading_to_train(doomed: Doomed) -> None:
    app = doomed.app
    submit = SubmitTraining(doomed.new_uow, CsvCustomerFiles(), doomed.uploads, app.queue, app.clock, app.ids)
    submit(io.BytesIO(LABELLED), "labelled.csv", TrainingRequest(target="Churn"), by=Actor(ADMIN))


def uploading_what_is_refused(doomed: Doomed) -> None:
    with suppress(Exception):
        doomed.submit(b"no,such,columns\n1,2,3\n")


def scoring_and_deleting_previous(doomed: Doomed) -> None:
    doomed.app.submit(delete_previous=True)
    doomed.score()


def scoring_what_stops(doomed: Doomed) -> None:
    doomed.app.submit(TOO_MANY)
    doomed.score()


def scoring_what_is_cancelled(doomed: Doomed) -> None:
    app = doomed.app
    run = app.submit()
    with app.new_uow() as uow:
        uow.runs.save(uow.runs.get(run.id).started(worker="gone", at=app.clock.now()))
        uow.commit()
    CancelRun(app.new_uow, app.clock)(run.id, by=Actor(ANALYST))
    app.clock.move(minutes=1)
    doomed.score()


def deleting_runs(doomed: Doomed) -> None:
    doomed.delete_runs([run.id for run in doomed.app.runs], by=Actor(ANALYST))


def deleting_an_upload(doomed: Doomed) -> None:
    run = doomed.app.runs[0]
    DeleteUpload(doomed.new_uow, doomed.results, doomed.uploads, doomed.app.clock)(run.id, by=Actor(ADMIN))


def deleting_an_account(doomed: Doomed) -> None:
    remove = RemoveAccount(doomed.new_uow, doomed.results, doomed.uploads, FakeStorage(), doomed.app.clock)
    remove(ANALYST.id, by=Actor(ADMIN))


def removing_the_sample(doomed: Doomed) -> None:
    for run in doomed.app.runs:
        doomed.app.change(replace(run, sample=True))
    RemoveSample(doomed.new_uow, doomed.delete_runs, doomed.app.clock)(by=Actor(ANALYST))


def purging(doomed: Doomed) -> None:
    with doomed.app.new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.commit()
    doomed.app.clock.move(days=31)
    PurgeExpired(doomed.new_uow, doomed.results, doomed.uploads, doomed.app.clock)()


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
