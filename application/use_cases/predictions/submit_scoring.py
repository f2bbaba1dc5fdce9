"""Scoring runs: upload a customer file and queue its scoring, and cancel a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.stored_files import UploadRecord
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.receive_file import claim, clean_name, stored_upload
from application.use_cases.files.recognition import recognise_to_score
from application.use_cases.files.remembered import RememberMatches
from application.use_cases.jobs.job_queue import MAX_WAITING, must_have_room
from application.use_cases.models.first_model import Pause, awaited_model
from application.use_cases.permissions import NewUnitOfWork, note, run_changed_by
from domain.account import Account, Permission
from domain.actor import Actor
from domain.file_format import FormatChoice
from domain.formats import NO_CURRENCY, FormatsOf
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.model import ModelVersion
from domain.progress import JobStage, Progress
from domain.recognition import FileRecognition
from domain.remembered_matches import Confirmed, RememberedMatch
from domain.run import Run, RunId

SCORED = "uploaded and scored a file"


@dataclass(frozen=True, slots=True)
class SubmitScoring:
    """Receives a customer file and queues its scoring.

    Raises FileRefused, ColumnsUnknown or TooManyWaiting, and with `ask_matches` MatchesUnclear for similar columns that
    nobody has used or left out; then nothing is stored.
    """

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    jobs: JobQueue
    clock: Clock
    ids: Ids
    formats_of: FormatsOf
    max_waiting: int = MAX_WAITING
    kept: bool = False
    """Whether the submitting process does the job itself. Workers then ignore it while its first heartbeat is fresh."""
    liveness: Liveness = DEFAULT_LIVENESS
    pause: Pause | None = None
    """Waits between looks for the starter model, where it is still being made."""

    def __call__(
        self,
        stream: IO[bytes],
        file_name: str,
        *,
        by: Actor,
        model_id: str | None = None,
        column_positions: dict[str, int] | None = None,
        format_override: FormatChoice | None = None,
        delete_previous: bool = False,
        sample: bool = False,
        action: str = SCORED,
        folder: str = "",
        ask_matches: bool = False,
        confirmed: Confirmed | None = None,
        store: Callable[[UnitOfWork, Run], object] = lambda _, __: None,
    ) -> Run:
        """`confirmed` is what a person has just said about this file (None: all of the choices).

        `action` is what the audit log says. `store` adds to the transaction that stores the run; what it raises
        leaves nothing behind."""
        by.account.must_be_able_to(Permission.PREDICT)
        run_id = RunId(self.ids.new())
        remembered = self._remembered(by.account, sample=sample)
        model = awaited_model(self.new_uow, model_id, pause=self.pause)
        with stored_upload(self.new_uow, self.uploads, run_id, stream, now=self.clock.now()) as stored:
            recognition = self._recognised(
                run_id, model, stored.sha256, column_positions, format_override, remembered, ask_matches=ask_matches
            )
            run = Run(
                id=run_id,
                owner=str(by.account.id),
                file_name=clean_name(file_name),
                file_sha256=stored.sha256,
                file_bytes=stored.size,
                model_version=model.id,
                threshold=model.threshold,
                created_at=self.clock.now(),
                sample=sample,
                heartbeat_at=self.clock.now() if self.kept else None,
                delete_previous=delete_previous,
                progress=Progress(JobStage.WAITING, of=recognition.rows),
                matches=tuple(sorted(((column_positions or {}) | recognition.remembered).items())),
                format_override=(format_override or FormatChoice()).with_units(recognition.units),
                recognition=recognition,
                folder=folder,
            )
            self._store(run, by, action, store, confirmed or _all_of(column_positions, format_override))
        self.jobs.score(run_id)
        return run

    def _remembered(self, by: Account, *, sample: bool) -> Sequence[RememberedMatch]:
        with self.new_uow() as uow:
            self._must_have_room(uow, by, sample=sample)
            return uow.remembered_matches.all()

    def _recognised(
        self,
        run_id: RunId,
        model: ModelVersion,
        sha256: str,
        column_positions: dict[str, int] | None,
        format_override: FormatChoice | None,
        remembered: Sequence[RememberedMatch],
        *,
        ask_matches: bool,
    ) -> FileRecognition:
        recognition, _ = recognise_to_score(
            self.files,
            self.uploads.path(run_id),
            model,
            sha256=sha256,
            formats=self.formats_of(NO_CURRENCY),
            column_positions=column_positions,
            format_override=format_override,
            remembered=remembered,
            ask_matches=ask_matches,
        )
        return recognition

    def _store(
        self,
        run: Run,
        by: Actor,
        action: str,
        store: Callable[[UnitOfWork, Run], object],
        confirmed: Confirmed,
    ) -> None:
        with self.new_uow() as uow:
            self._must_have_room(uow, by.account, sample=run.sample)
            uow.runs.add(run)
            uow.uploads.add(UploadRecord.of(run))
            claim(uow, run.id)
            store(uow, run)
            RememberMatches(self.clock, self.ids).within(uow, run, confirmed, by=by)
            note(uow, self.clock, by, action, run.file_name)
            uow.commit()

    def _must_have_room(self, uow: UnitOfWork, by: Account, *, sample: bool) -> None:
        """Check the limit of waiting files. The twelve sample months are exempt: one click queues all of them."""
        if not sample:
            must_have_room(uow, by, now=self.clock.now(), liveness=self.liveness, most=self.max_waiting)


def _all_of(column_positions: dict[str, int] | None, choice: FormatChoice | None) -> Confirmed:
    return Confirmed(frozenset(column_positions or {}), dict(choice.units) if choice else {})


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Cancels a run: at once if it is queued or its worker is silent, else its worker stops at its next heartbeat."""

    new_uow: NewUnitOfWork
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, run_id: RunId, *, by: Actor) -> Run:
        with self.new_uow() as uow:
            run = run_changed_by(uow, run_id, by.account).asked_to_stop(at=self.clock.now(), liveness=self.liveness)
            uow.runs.save(run)
            note(uow, self.clock, by, "cancelled a prediction", run.file_name)
            uow.commit()
        return run
