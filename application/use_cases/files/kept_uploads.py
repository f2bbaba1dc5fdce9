"""Originals of earlier predictions and trainings that are still stored and that a person may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from application.ports.intake import Uploads
from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import visible_to
from domain.account import Account, Permission
from domain.file_format import FormatChoice
from domain.run import JobState

CHOICES = 50
"""Uploads that are offered."""


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """The original of a prediction or of a training. `choice`: how its owner said it is read. Size in bytes."""

    id: str
    file_name: str
    sha256: str
    size: int
    created_at: datetime
    choice: FormatChoice
    trained: bool


def kept_uploads(
    uow: UnitOfWork,
    uploads: Uploads,
    by: Account,
    *,
    states: Collection[JobState] = tuple(JobState),
    since: datetime | None = None,
) -> tuple[KeptUpload, ...]:
    """Newest first: of predictions in these states, and of all trainings; at most CHOICES."""
    kept = frozenset(uploads.ids())
    found = [
        own
        for own in (*_of_runs(uow, by, tuple(states), since), *_of_trainings(uow, by))
        if own.id in kept and (since is None or own.created_at >= since) and uploads.path(own.id).is_file()
    ]
    return tuple(sorted(found, key=lambda own: own.created_at, reverse=True)[:CHOICES])


def _of_runs(
    uow: UnitOfWork, by: Account, states: tuple[JobState, ...], since: datetime | None
) -> Iterator[KeptUpload]:
    query = RunQuery(visible_to=visible_to(by), states=states, since=since, limit=None)
    for run in uow.runs.find(query).runs:
        choice = run.format_override
        yield KeptUpload(run.id, run.file_name, run.file_sha256, run.file_bytes, run.created_at, choice, trained=False)


def _of_trainings(uow: UnitOfWork, by: Account) -> Iterator[KeptUpload]:
    owner = None if by.can(Permission.SEE_ALL_RUNS) else str(by.id)
    for own in uow.trainings.latest(owner=owner, limit=None):
        choice = own.request.format_override
        yield KeptUpload(own.id, own.file_name, own.file_sha256, own.file_bytes, own.created_at, choice, trained=True)
