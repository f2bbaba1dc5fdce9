"""What is done with the files of a folder: the work of each kind of rule begins here, and its end is read here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from application.ports.system import Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.models.submit_training import SubmitTraining
from application.use_cases.permissions import NewUnitOfWork
from application.use_cases.predictions.submit_scoring import SubmitScoring
from application.use_cases.reports.render_export import ExportTable
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.errors import FileGone, NotFound, ResultDamaged, ResultMissing, RunNotFound
from domain.export import ExportKind, ExportOptions
from domain.folders.files import FileState, FolderFile
from domain.folders.rule import FolderRule, Then
from domain.folders.words import AGAIN, CANCELLED, GONE_RUN, GONE_TRAINING, predicted_words, question_words
from domain.formats import NO_CURRENCY, FormatsOf
from domain.run import Job, JobState, RunId
from domain.training import TrainingId, TrainingRequest

SCORED, TRAINED = "scored a file of a folder", "trained on a file of a folder"
WRITTEN = "wrote results into a folder"
CHUNK = 1024**2


@dataclass(frozen=True, slots=True)
class End:
    """How the work on a file ended, in words."""

    state: FileState
    words: str


class FolderWork(Protocol):
    """One kind of work."""

    def begin(self, rule: FolderRule, file: FolderFile, stream: IO[bytes], *, by: Actor) -> End | None:
        """Store the job, and in the same transaction the file as running; or do all of it, and return how it ended.

        Raises FileGone if the content is not the one that was claimed, and domain errors for an unusable file.
        """

    def end(self, rule: FolderRule, file: FolderFile) -> End | None:
        """How the job of a running file ended; None if it has not."""

    def results(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> Iterator[tuple[ExportKind, Iterator[bytes]]]:
        """The content of the result files."""


def mark_running(uow: UnitOfWork, file: FolderFile, job: Job) -> None:
    """Store the file as running this job. Raises FileGone if it changed, or if another process was faster."""
    current = uow.folder_files.get(file.id)
    if current.state is not FileState.CLAIMED or job.file_sha256 != file.sha256:
        raise FileGone("The file changed while it was received.")
    uow.folder_files.save(current.running(job.id))


def end_of(job: Job, then: Then, done: Callable[[], str]) -> End | None:
    if job.state is JobState.DONE:
        return End(FileState.DONE, done())
    if job.state is JobState.CANCELLED:
        return End(FileState.REFUSED, CANCELLED)
    if job.state is not JobState.FAILED:
        return None
    if job.question is not None:
        return End(FileState.REFUSED, question_words(job.question, then))
    return End(FileState.REFUSED, f"{job.error} {AGAIN}")


@dataclass(frozen=True, slots=True)
class PredictFile:
    """Scores a file with the champion, exactly as a file that a person uploads."""

    new_reading: NewUnitOfWork
    submit: SubmitScoring
    export: ExportTable
    formats_of: FormatsOf
    ids: Ids
    scratch: Path

    def begin(self, rule: FolderRule, file: FolderFile, stream: IO[bytes], *, by: Actor) -> End | None:
        self.submit(
            stream,
            file.name,
            by=by,
            action=SCORED,
            folder=rule.folder,
            store=lambda uow, run: mark_running(uow, file, run),
        )
        return None

    def end(self, rule: FolderRule, file: FolderFile) -> End | None:
        with self.new_reading() as uow:
            try:
                run = uow.runs.get(RunId(file.job_id or ""))
            except RunNotFound:
                return End(FileState.DONE, GONE_RUN)
            model = next((own.name for own in uow.models.all() if own.id == run.model_version), run.model_version)
        return end_of(run, rule.then, lambda: predicted_words(run, model, self.formats_of(NO_CURRENCY)))

    def results(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> Iterator[tuple[ExportKind, Iterator[bytes]]]:
        """The same bytes as `netone runs export` writes. Nothing for a prediction that was deleted meanwhile."""
        run_id = RunId(file.job_id or "")
        try:
            with self.new_reading() as uow:
                query = CustomerQuery(threshold=uow.runs.get(run_id).threshold)
            for kind in rule.results:
                yield kind, self._pieces(run_id, kind, query, by)
        except (RunNotFound, ResultMissing, ResultDamaged):
            return

    def _pieces(self, run_id: RunId, kind: ExportKind, query: CustomerQuery, by: Actor) -> Iterator[bytes]:
        if kind.is_streamed:
            return self.export.streamed(run_id, query, ExportOptions(kind), by=by, action=WRITTEN)[1]
        if kind is ExportKind.XLSX:
            return self._through_a_file(lambda path: self.export.xlsx(run_id, query, path, by=by, action=WRITTEN))
        raise ValueError(f"no {kind.noun} is written next to a file")

    def _through_a_file(self, write: Callable[[Path], object]) -> Iterator[bytes]:
        self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.scratch / f"folder-{self.ids.new()}"
        try:
            write(path)
            with path.open("rb") as file:
                while piece := file.read(CHUNK):
                    yield piece
        finally:
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class TrainOnFile:
    """Trains on a labelled file, exactly as on one that a person uploads. The rules of promotion are the same."""

    new_reading: NewUnitOfWork
    submit: SubmitTraining

    def begin(self, rule: FolderRule, file: FolderFile, stream: IO[bytes], *, by: Actor) -> End | None:
        self.submit(
            stream,
            file.name,
            TrainingRequest(),
            by=by,
            action=TRAINED,
            store=lambda uow, training: mark_running(uow, file, training),
        )
        return None

    def end(self, rule: FolderRule, file: FolderFile) -> End | None:
        with self.new_reading() as uow:
            try:
                training = uow.trainings.get(TrainingId(file.job_id or ""))
            except NotFound:
                return End(FileState.DONE, GONE_TRAINING)
            models = {model.id: model for model in uow.models.all()}
        model = models.get(training.version or "")
        stage = f", {model.stage.value}" if model is not None else ""
        return end_of(training, rule.then, lambda: f"Model {training.version}{stage} was trained on it.")

    def results(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> Iterator[tuple[ExportKind, Iterator[bytes]]]:
        return iter(())
