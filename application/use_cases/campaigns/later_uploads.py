"""Stored uploads that can show who left since a campaign started, although no prediction was made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from application.ports.intake import Uploads
from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import visible_to
from domain.account import Account, Permission
from domain.campaign import Campaign
from domain.campaign_outcomes import is_since_start
from domain.errors import NotFound
from domain.file_format import FormatChoice
from domain.run import JobState

CHOICES = 50
"""Uploads that are offered."""
NOT_SCORED = tuple(state for state in JobState if state is not JobState.DONE)
NO_UPLOAD = "This upload is no longer here, is older than the campaign, or is not yours to see."


@dataclass(frozen=True, slots=True)
class LaterUpload:
    """The original of a prediction without a result, or of a training. `choice`: how its owner said it is read."""

    id: str
    file_name: str
    sha256: str
    created_at: datetime
    choice: FormatChoice
    trained: bool


def later_uploads(uow: UnitOfWork, uploads: Uploads, campaign: Campaign, by: Account) -> tuple[LaterUpload, ...]:
    """Uploads since the start whose originals are kept and that the account may see, newest first."""
    kept = frozenset(uploads.ids())
    found = [
        own
        for own in (*_of_runs(uow, campaign, by), *_of_trainings(uow, by))
        if own.id in kept and is_since_start(campaign, own.created_at) and uploads.path(own.id).is_file()
    ]
    return tuple(sorted(found, key=lambda own: own.created_at, reverse=True)[:CHOICES])


def later_upload(uow: UnitOfWork, uploads: Uploads, campaign: Campaign, upload: str, by: Account) -> LaterUpload:
    """One of them. Raises NotFound."""
    found = next((own for own in later_uploads(uow, uploads, campaign, by) if own.id == upload), None)
    if found is None:
        raise NotFound(NO_UPLOAD)
    return found


def _of_runs(uow: UnitOfWork, campaign: Campaign, by: Account) -> Iterator[LaterUpload]:
    query = RunQuery(visible_to=visible_to(by), states=NOT_SCORED, since=campaign.started_at, limit=None)
    for run in uow.runs.find(query).runs:
        yield LaterUpload(run.id, run.file_name, run.file_sha256, run.created_at, run.format_override, trained=False)


def _of_trainings(uow: UnitOfWork, by: Account) -> Iterator[LaterUpload]:
    owner = None if by.can(Permission.SEE_ALL_RUNS) else str(by.id)
    for own in uow.trainings.latest(owner=owner, limit=None):
        choice = own.request.format_override
        yield LaterUpload(own.id, own.file_name, own.file_sha256, own.created_at, choice, trained=True)
