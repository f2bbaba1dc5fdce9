"""Trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from adapters.persistence import claims
from adapters.persistence.json_documents import from_json, progress_from_json, to_json
from adapters.persistence.statements import add_rows, change_row, select_for_update
from adapters.persistence.tables.job_tables import trainings
from domain.errors import NotFound
from domain.progress import Progress
from domain.question import Question
from domain.recognition import FileRecognition
from domain.run import JobState
from domain.training import Training, TrainingId, TrainingRequest

_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)
MISSING = "There is no such training."


@dataclass(frozen=True, slots=True)
class SqlTrainings:
    """Trainings in the table `trainings`."""

    connection: Connection

    def add(self, training: Training) -> None:
        add_rows(self.connection, trainings, [_to_row(training)], clash="There is already a training with this id.")

    def get(self, training_id: TrainingId) -> Training:
        row = self.connection.execute(
            select_for_update(self.connection, select(trainings).where(trainings.c.id == training_id))
        ).first()
        if row is None:
            raise NotFound(MISSING)
        return _to_training(row)

    def save(self, training: Training) -> None:
        """Write the whole training. As with runs, a cancellation request is never reset. Raises NotFound."""
        row = _to_row(training)
        if not training.cancel_requested:
            del row["cancel_requested"]
        if not change_row(self.connection, trainings, row, trainings.c.id == training.id):
            raise NotFound(MISSING)

    def claim(self, training_id: TrainingId, *, worker: str, now: datetime, stale_before: datetime) -> Training | None:
        claimed = claims.claim(
            self.connection, trainings, training_id, worker=worker, now=now, stale_before=stale_before
        )
        return self.get(training_id) if claimed else None

    def heartbeat(self, training_id: TrainingId, *, worker: str, at: datetime, progress: Progress) -> bool:
        return claims.heartbeat(self.connection, trainings, training_id, worker=worker, at=at, progress=progress)

    def unfinished(self) -> Sequence[Training]:
        rows = self.connection.execute(
            select(trainings).where(trainings.c.state.in_(_UNFINISHED)).order_by(trainings.c.created_at, trainings.c.id)
        )
        return [_to_training(row) for row in rows]

    def latest(self, *, owner: str | None = None, limit: int | None = 20) -> Sequence[Training]:
        newest = select(trainings).order_by(trainings.c.created_at.desc(), trainings.c.id.desc()).limit(limit)
        if owner is not None:
            newest = newest.where(trainings.c.owner == owner)
        return [_to_training(row) for row in self.connection.execute(newest)]


def _to_row(training: Training) -> dict[str, Any]:
    return {
        "id": training.id,
        "owner": training.owner,
        "file_name": training.file_name,
        "file_sha256": training.file_sha256,
        "file_bytes": training.file_bytes,
        "request": to_json(training.request),
        "created_at": training.created_at,
        "state": training.state.value,
        "sample": training.sample,
        "starter": training.starter,
        "promote": training.promote,
        "started_at": training.started_at,
        "finished_at": training.finished_at,
        "heartbeat_at": training.heartbeat_at,
        "worker": training.worker,
        "progress": to_json(training.progress),
        "version": training.version,
        "error": training.error,
        "cancel_requested": training.cancel_requested,
        "recognition": to_json(training.recognition) if training.recognition else None,
        "question": to_json(training.question) if training.question else None,
    }


def _to_training(row: Any) -> Training:
    return Training(
        id=TrainingId(row.id),
        owner=row.owner,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        file_bytes=row.file_bytes,
        request=from_json(TrainingRequest, row.request),
        created_at=row.created_at,
        state=JobState(row.state),
        sample=row.sample,
        starter=row.starter,
        promote=row.promote,
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
        worker=row.worker,
        progress=progress_from_json(row.progress),
        version=row.version,
        error=row.error,
        cancel_requested=row.cancel_requested,
        recognition=from_json(FileRecognition, row.recognition) if row.recognition is not None else None,
        question=from_json(Question, row.question) if row.question is not None else None,
    )
