"""A file with outcomes: taken for a list or for all customers, shown first, and stored as it was shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from application.ports.intake import Uploads
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.customer_file import (
    CustomersCheck,
    OutcomeFile,
    OutcomesFromCustomers,
    schema_for,
)
from application.use_cases.campaigns.later_uploads import later_upload
from application.use_cases.campaigns.outcome_list import GONE, ImportOutcomes, ListCheck, draft_of
from application.use_cases.campaigns.store_outcomes import open_campaign
from application.use_cases.files.receive_file import clean_name
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId
from domain.errors import Conflict, FileRefused, Unclear
from domain.outcome_file import FileKind, OutcomeReading, kind_question


@dataclass(frozen=True, slots=True)
class TakeOutcomeFile:
    """Takes files with outcomes. Only for those who direct the campaign; Conflict if it takes no outcomes.

    Raises NotFound, NotAllowed, and FileRefused for a file that cannot be used. A file that was sent is kept for an
    hour, as other temporary uploads; stored uploads are only read.
    """

    new_reading: NewUnitOfWork
    uploads: Uploads
    customers: OutcomesFromCustomers
    lists: ImportOutcomes

    def check(
        self, campaign_id: CampaignId, stream: IO[bytes], file_name: str, *, by: Account
    ) -> ListCheck | CustomersCheck:
        """Nothing is recorded. A file that cannot be used is deleted at once."""
        with self.new_reading() as uow:
            open_campaign(uow, campaign_id, by)
            limit = uow.policies.get().upload_limit
        draft = draft_of(by)
        stored = self.uploads.receive(draft, stream, limit=limit)
        try:
            file = OutcomeFile(self.uploads.path(draft), clean_name(file_name), stored.sha256)
            return self._check(campaign_id, file, OutcomeReading(), by)
        except BaseException:
            self.uploads.discard(draft)
            raise

    def answer(
        self,
        campaign_id: CampaignId,
        sha256: str,
        file_name: str,
        reading: OutcomeReading,
        *,
        upload: str = "",
        by: Account,
    ) -> ListCheck | CustomersCheck:
        """Check the kept file, or a stored upload, as a person says. Raises Conflict if it is no longer there."""
        with self.new_reading() as uow:
            file = self._here(uow, campaign_id, sha256, file_name, upload, by)
        return self._check(campaign_id, file, reading, by)

    def check_upload(self, campaign_id: CampaignId, upload: str, *, by: Account) -> ListCheck | CustomersCheck:
        """Check a stored upload, which is read as its owner chose."""
        with self.new_reading() as uow:
            found = later_upload(uow, self.uploads, open_campaign(uow, campaign_id, by), upload, by)
        file = OutcomeFile(self.uploads.path(upload), found.file_name, found.sha256, upload)
        return self._check(campaign_id, file, OutcomeReading(FileKind.CUSTOMERS, found.choice), by)

    def check_path(
        self, campaign_id: CampaignId, path: Path, reading: OutcomeReading, *, by: Account
    ) -> CustomersCheck | FileKind:
        """What a file on this machine says; LIST for a list, which `lists` reads. Raises Unclear with a question."""
        file = _on_this_machine(path)
        with self.new_reading() as uow:
            schema = schema_for(uow, open_campaign(uow, campaign_id, by))
        kind = self.customers.kind(file, reading, schema)
        if kind is None:
            raise Unclear(kind_question(file.name))
        if kind is FileKind.LIST:
            return kind
        check = self.customers.check(campaign_id, file, reading, by=by)
        if check.question is not None:
            raise Unclear(check.question)
        return check

    def store_path(
        self, campaign_id: CampaignId, path: Path, reading: OutcomeReading, *, seen: str, close: bool, by: Actor
    ) -> Campaign:
        """Record what a file of customers on this machine was shown to say."""
        with self.new_reading() as uow:
            version = open_campaign(uow, campaign_id, by.account).version
        file = _on_this_machine(path)
        return self.customers.store(campaign_id, file, reading, seen=seen, close=close, based_on=version, by=by)

    def store(
        self,
        campaign_id: CampaignId,
        file: OutcomeFile,
        reading: OutcomeReading,
        *,
        seen: str,
        close: bool,
        based_on: int,
        by: Actor,
    ) -> Campaign:
        """Record what a file of customers was shown to say. A file that was sent for it is deleted then."""
        with self.new_reading() as uow:
            here = self._here(uow, campaign_id, file.sha256, file.name, file.upload, by.account)
        saved = self.customers.store(campaign_id, here, reading, seen=seen, close=close, based_on=based_on, by=by)
        if not file.upload:
            self.uploads.discard(draft_of(by.account))
        return saved

    def _check(
        self, campaign_id: CampaignId, file: OutcomeFile, reading: OutcomeReading, by: Account
    ) -> ListCheck | CustomersCheck:
        with self.new_reading() as uow:
            campaign = open_campaign(uow, campaign_id, by)
            schema = schema_for(uow, campaign)
        try:
            kind = self.customers.kind(file, reading, schema)
        except FileRefused as error:
            if error.question is None:
                raise
            return CustomersCheck(campaign, file, reading, question=error.question)
        if kind is None:
            return CustomersCheck(campaign, file, reading, question=kind_question(file.name))
        if kind is FileKind.LIST:
            return self.lists.answer(campaign_id, file.sha256, file.name, reading.choice, by=by)
        return self.customers.check(campaign_id, file, replace(reading, kind=kind), by=by)

    def _here(
        self, uow: UnitOfWork, campaign_id: CampaignId, sha256: str, file_name: str, upload: str, by: Account
    ) -> OutcomeFile:
        """The file that was checked before. Raises Conflict if it is another one, or gone."""
        campaign = open_campaign(uow, campaign_id, by)
        if upload:
            found = later_upload(uow, self.uploads, campaign, upload, by)
            name, stored = found.file_name, upload
        else:
            name, stored = clean_name(file_name), draft_of(by)
        try:
            is_same = self.uploads.sha256(stored) == sha256
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise Conflict(GONE)
        return OutcomeFile(self.uploads.path(stored), name, sha256, upload)


def _on_this_machine(path: Path) -> OutcomeFile:
    with path.open("rb") as file:
        return OutcomeFile(path, path.name, hashlib.file_digest(file, "sha256").hexdigest())
