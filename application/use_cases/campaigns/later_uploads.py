"""Stored uploads that can show who left since a campaign started, although no prediction was made of them."""

from __future__ import annotations

from application.ports.intake import Uploads
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.match_members import base_of
from application.use_cases.files.kept_uploads import KeptUpload, kept_uploads
from domain.account import Account
from domain.campaign import Campaign
from domain.errors import NotFound
from domain.run import JobState

NOT_SCORED = tuple(state for state in JobState if state is not JobState.DONE)
NO_UPLOAD = "This upload is no longer here, is older than the campaign, or is not yours to see."


def later_uploads(uow: UnitOfWork, uploads: Uploads, campaign: Campaign, by: Account) -> tuple[KeptUpload, ...]:
    """Uploads since the start whose originals are kept and that the account may see, newest first.

    The file of the campaign's own prediction is none of them, however often it was uploaded.
    """
    base = base_of(uow, campaign)
    found = kept_uploads(uow, uploads, by, states=NOT_SCORED, since=campaign.started_at)
    return tuple(own for own in found if base is None or own.sha256 != base.file_sha256)


def later_upload(uow: UnitOfWork, uploads: Uploads, campaign: Campaign, upload: str, by: Account) -> KeptUpload:
    """One of them. Raises NotFound."""
    found = next((own for own in later_uploads(uow, uploads, campaign, by) if own.id == upload), None)
    if found is None:
        raise NotFound(NO_UPLOAD)
    return found
