"""Outcomes from a list that somebody uploads: first what it says, then all of it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from application.ports.intake import Uploads
from application.ports.outcome_lists import OutcomeList, OutcomeLists
from application.ports.system import Clock
from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.direct_campaign import directed
from application.use_cases.campaigns.store_outcomes import Membership, membership_of, open_campaign, store_outcomes
from application.use_cases.files.receive_file import clean_name
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId, must_direct
from domain.campaign_outcomes import Changes, changes_of, must_take_outcomes
from domain.errors import Conflict, FileRefused, Unclear
from domain.file_format import FormatChoice
from domain.outcome_list import ListedRow, OutcomeColumns, SortedRows, problems
from domain.question import Question

GONE = "The file that was checked is no longer here. Nothing was stored; upload it again."
NOT_CLEAN = (
    "Some rows contradict each other or cannot be read. Nothing was stored: correct the file, or leave these rows out."
)
NOBODY = "The file names no member of this campaign."


@dataclass(frozen=True, slots=True)
class ListCheck:
    """What a list says about a campaign. `sha256` names the checked file; `version` is the campaign's.

    A `question` has to be answered before the list can be read; then `columns` and `sorted` are None.
    """

    campaign: Campaign
    file_name: str
    sha256: str
    choice: FormatChoice
    columns: OutcomeColumns | None = None
    rows: SortedRows | None = None
    changes: Changes | None = None
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class ListRead:
    """What the rows of a list say, and what storing it changes, or has changed if it is `stored`."""

    campaign: Campaign
    rows: SortedRows
    changes: Changes
    stored: bool


@dataclass(frozen=True, slots=True)
class ImportOutcomes:
    """Stores lists of outcomes. Only for those who direct the campaign; Conflict if it takes no outcomes.

    Raises NotFound, NotAllowed, and FileRefused for a file that is no such list. `check` keeps the file for an hour, as
    other temporary uploads, and `store` reads it again, so that exactly the file that was shown is stored.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    uploads: Uploads
    lists: OutcomeLists
    close: CloseCampaign
    clock: Clock

    def check(self, campaign_id: CampaignId, stream: IO[bytes], file_name: str, *, by: Account) -> ListCheck:
        """Nothing is stored. A file that cannot be used is deleted at once."""
        with self.new_reading() as uow:
            open_campaign(uow, campaign_id, by)
            limit = uow.policies.get().upload_limit
        draft = draft_of(by)
        stored = self.uploads.receive(draft, stream, limit=limit)
        try:
            return self._check(campaign_id, clean_name(file_name), stored.sha256, FormatChoice(), by)
        except BaseException:
            self.uploads.discard(draft)
            raise

    def answer(
        self, campaign_id: CampaignId, sha256: str, file_name: str, choice: FormatChoice, *, by: Account
    ) -> ListCheck:
        """Check the kept file with a person's choices. Raises Conflict if it is no longer there."""
        with self.new_reading() as uow:
            open_campaign(uow, campaign_id, by)
        self._must_be_here(sha256, by)
        return self._check(campaign_id, clean_name(file_name), sha256, choice, by)

    def _check(
        self, campaign_id: CampaignId, file_name: str, sha256: str, choice: FormatChoice, by: Account
    ) -> ListCheck:
        with self.new_reading() as uow:
            campaign = open_campaign(uow, campaign_id, by)
            members = membership_of(uow, campaign)
        try:
            found = self.lists.open(self.uploads.path(draft_of(by)), choice)
        except Unclear as error:
            return ListCheck(campaign, file_name, sha256, choice, question=error.question)
        except FileRefused as error:
            if error.question is None:
                raise
            return ListCheck(campaign, file_name, sha256, choice, question=error.question)
        rows = sorted_rows(found, members)
        changes = changes_of(members.recorded, rows.outcomes)
        return ListCheck(campaign, file_name, sha256, choice, found.columns, rows, changes)

    def store(
        self,
        campaign_id: CampaignId,
        sha256: str,
        file_name: str,
        choice: FormatChoice,
        *,
        leave_out: bool,
        close: bool,
        based_on: int,
        by: Actor,
    ) -> ListRead:
        """Store the file that was checked. Raises Conflict if it is another one, or somebody changed the campaign.

        With `leave_out`, rows that contradict each other or cannot be read are left out; without, they stop it.
        """
        with self.new_reading() as uow:
            open_campaign(uow, campaign_id, by.account)
        self._must_be_here(sha256, by.account)
        path, name = self.uploads.path(draft_of(by.account)), clean_name(file_name)
        stored = self._store(
            campaign_id, path, name, choice, leave_out=leave_out, close=close, based_on=based_on, by=by
        )
        self.uploads.discard(draft_of(by.account))
        return stored

    def read_path(self, campaign_id: CampaignId, path: Path, choice: FormatChoice, *, by: Account) -> ListRead:
        """What a file on this machine says. Raises Unclear where a person has to choose how to read it."""
        with self.new_reading() as uow:
            campaign = open_campaign(uow, campaign_id, by)
            members = membership_of(uow, campaign)
        rows = sorted_rows(self.lists.open(path, choice), members)
        return ListRead(campaign, rows, changes_of(members.recorded, rows.outcomes), stored=False)

    def store_path(
        self,
        campaign_id: CampaignId,
        path: Path,
        choice: FormatChoice,
        *,
        leave_out: bool,
        close: bool,
        by: Actor,
        name: str | None = None,
    ) -> ListRead:
        """Store a file on this machine, as `name`. Raises Unclear where a person has to choose how to read it."""
        with self.new_reading() as uow:
            version = uow.campaigns.get(campaign_id).version
        return self._store(
            campaign_id, path, name or path.name, choice, leave_out=leave_out, close=close, based_on=version, by=by
        )

    def _store(
        self,
        campaign_id: CampaignId,
        path: Path,
        file_name: str,
        choice: FormatChoice,
        *,
        leave_out: bool,
        close: bool,
        based_on: int,
        by: Actor,
    ) -> ListRead:
        with self.new_reading() as uow:
            members = membership_of(uow, open_campaign(uow, campaign_id, by.account))
        rows = sorted_rows(self.lists.open(path, choice), members)
        if not rows.clean and not leave_out:
            raise Conflict(NOT_CLEAN)
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            must_take_outcomes(campaign)
            saved, changes = store_outcomes(uow, campaign, rows.outcomes, source=file_name, by=by, clock=self.clock)
            if close:
                saved = self.close.within(uow, saved, by=by)
            uow.commit()
        return ListRead(saved, rows, changes, stored=True)

    def problems(
        self, campaign_id: CampaignId, sha256: str, choice: FormatChoice, *, by: Account
    ) -> Iterator[ListedRow]:
        """Every row of the kept file that is not simply used. Raises Conflict if the file is no longer there."""
        with self.new_reading() as uow:
            members = membership_of(uow, open_campaign(uow, campaign_id, by))
        self._must_be_here(sha256, by)
        found = self.lists.open(self.uploads.path(draft_of(by)), choice)
        contradicted = sorted_rows(found, members).contradicted
        return problems(found.rows(), members.numbers, contradicted)

    def forget(self, campaign_id: CampaignId, *, by: Account) -> None:
        """Delete the file that was checked, if the person does not want to store it."""
        with self.new_reading() as uow:
            must_direct(by, uow.campaigns.get(campaign_id))
        self.uploads.discard(draft_of(by))

    def _must_be_here(self, sha256: str, by: Account) -> None:
        try:
            is_same = self.uploads.sha256(draft_of(by)) == sha256
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise Conflict(GONE)


def sorted_rows(found: OutcomeList, members: Membership) -> SortedRows:
    """Raises FileRefused if no row is about a member."""
    rows = SortedRows(members.numbers)
    for row in found.rows():
        rows.add(row)
    if not rows.matched:
        raise FileRefused(NOBODY, advice="Check that its ids are those of the prediction.")
    return rows


def draft_of(by: Account) -> str:
    return f"check-outcomes-{by.id}"
