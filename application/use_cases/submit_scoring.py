"""A customer file taken in and queued, and a run taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.persistence import UnitOfWork, UploadRecord
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, note, run_changed_by
from application.use_cases.check_file import match_preview, problem_with
from application.use_cases.models import champion_for
from application.use_cases.queueing import MAX_WAITING, must_have_room
from application.use_cases.received import claim, clean_name, taken_in
from domain.account import Account, Permission
from domain.errors import ColumnsUnknown
from domain.file_format import FormatChoice
from domain.liveness import Liveness
from domain.run import DEFAULT_LIVENESS, Progress, Run, RunId


@dataclass(frozen=True, slots=True)
class SubmitScoring:
    """Take a customer file in and queue its scoring. Raises FileRefused, ColumnsUnknown or TooManyWaiting; then nothing
    is stored."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    jobs: JobQueue
    clock: Clock
    ids: Ids
    max_waiting: int = MAX_WAITING
    kept: bool = False
    """The submitting process does the job itself, so workers leave it alone while its first heartbeat is fresh."""

    def __call__(
        self,
        stream: IO[bytes],
        file_name: str,
        *,
        by: Account,
        model_id: str | None = None,
        chosen: dict[str, int] | None = None,
        written: FormatChoice | None = None,
        delete_previous: bool = False,
        sample: bool = False,
        address: str = "",
    ) -> Run:
        by.must_be_able_to(Permission.PREDICT)
        run_id = RunId(self.ids.new())
        with self.new_uow() as uow:
            model = champion_for(uow, model_id)
            self._must_have_room(uow, by, sample=sample)
        with taken_in(self.new_uow, self.uploads, run_id, stream, now=self.clock.now()) as stored:
            preview = self.files.preview(self.uploads.path(run_id), written)
            match = match_preview(model.schema, preview, chosen)
            problem = problem_with(match, model, preview.header)
            if problem:
                raise ColumnsUnknown(problem)
            run = Run(
                id=run_id,
                owner=str(by.id),
                file_name=clean_name(file_name),
                file_sha256=stored.sha256,
                file_bytes=stored.size,
                model_version=model.id,
                threshold=model.threshold,
                created_at=self.clock.now(),
                sample=sample,
                heartbeat_at=self.clock.now() if self.kept else None,
                delete_previous=delete_previous,
                progress=Progress(stage="Waiting for its turn", of=preview.rows),
                matches=tuple(sorted((chosen or {}).items())),
                written=written or FormatChoice(),
            )
            with self.new_uow() as uow:
                self._must_have_room(uow, by, sample=sample)
                uow.runs.add(run)
                uow.uploads.add(UploadRecord.of(run))
                claim(uow, run_id)
                note(uow, self.clock, by, "uploaded and scored a file", run.file_name, address=address)
                uow.commit()
        self.jobs.score(run_id)
        return run

    def _must_have_room(self, uow: UnitOfWork, by: Account, *, sample: bool) -> None:
        """The twelve months of the sample are one click: they are let in together."""
        if not sample:
            must_have_room(uow, by, now=self.clock.now(), most=self.max_waiting)


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Cancel a run: at once where it is queued or its worker is silent, else its worker stops within two seconds."""

    new_uow: NewUnitOfWork
    uploads: Uploads
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, run_id: RunId, *, by: Account, address: str = "") -> Run:
        with self.new_uow() as uow:
            run = run_changed_by(uow, run_id, by).asked_to_stop(at=self.clock.now(), liveness=self.liveness)
            uow.runs.save(run)
            note(uow, self.clock, by, "cancelled a prediction", run.file_name, address=address)
            uow.commit()
        return run
