"""Exports a campaign's list. This is the only place from which members of a campaign get into a file.

Members come from `Campaigns.values`, which gives no control, for a query that leaves out erased customers and those on
the do-not-contact list. `ListExport` has no status of those who were taken off the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from application.ports.campaign_records import MemberQuery
from application.ports.list_tables import ListTables
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.membership import can_work, list_seen_by, schema_of
from application.use_cases.permissions import NewUnitOfWork, note, owner_names
from domain.account import Account
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId
from domain.campaign_export import ListExport
from domain.csv_style import CsvStyle
from domain.csv_text import Cell, csv_pieces
from domain.customer import Value
from domain.errors import NotAllowed
from domain.export import ExportKind
from domain.formats import Formats, FormatsOf
from domain.prediction import Reason
from domain.schema import CustomerSchema
from domain.spoken import spoken_reason

PHRASES_KEPT = 50_000
ONLY_READS = "You can look at this campaign, but not export its list."


@dataclass(frozen=True, slots=True)
class ExportList:
    """Writes the chosen members to a file of the scratch folder, in constant memory.

    Raises NotFound, and NotAllowed for somebody who only reads.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    tables: ListTables
    clock: Clock
    ids: Ids
    formats_of: FormatsOf
    scratch: Path

    def __call__(
        self,
        campaign_id: CampaignId,
        chosen: ListExport,
        kind: ExportKind,
        *,
        by: Actor,
        style: CsvStyle | None = None,
    ) -> Path:
        """Returns the file, which the caller deletes."""
        path = self.scratch / f"{self.ids.new()}.{kind}"
        written = 0

        def counted(lines: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
            nonlocal written
            for line in lines:
                written += 1
                yield line

        try:
            with self.new_reading() as uow:
                campaign = self._exportable(uow, campaign_id, by.account)
                lines = counted(self._lines(uow, campaign, chosen))
                if kind is ExportKind.CSV:
                    self.tables.csv(chosen.header, lines, path, style)
                else:
                    self.tables.xlsx(chosen.header, lines, path)
            with self.new_uow() as uow:
                note(uow, self.clock, by, f"exported {written} members of a campaign as {kind}", campaign.name)
                uow.commit()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def csv(
        self, campaign_id: CampaignId, chosen: ListExport, *, by: Actor, style: CsvStyle | None = None
    ) -> tuple[str, Iterator[bytes]]:
        """The campaign's name, and the CSV piece by piece as it is read. The export is recorded before."""
        with self.new_reading() as uow:
            campaign = self._exportable(uow, campaign_id, by.account)
            members = uow.campaigns.count(campaign.id, _query(chosen))
        with self.new_uow() as uow:
            note(uow, self.clock, by, f"exported {members} members of a campaign as csv", campaign.name)
            uow.commit()
        return campaign.name, self._pieces(campaign, chosen, style)

    def _pieces(self, campaign: Campaign, chosen: ListExport, style: CsvStyle | None) -> Iterator[bytes]:
        with self.new_reading() as uow:
            yield from csv_pieces(chosen.header, self._lines(uow, campaign, chosen), style)

    def count(self, campaign_id: CampaignId, chosen: ListExport, *, by: Account) -> int:
        """How many members the file would have."""
        with self.new_reading() as uow:
            campaign = self._exportable(uow, campaign_id, by)
            return uow.campaigns.count(campaign.id, _query(chosen))

    def _exportable(self, uow: UnitOfWork, campaign_id: CampaignId, by: Account) -> Campaign:
        campaign = list_seen_by(uow, campaign_id, by)
        if not can_work(campaign, by):
            raise NotAllowed(ONLY_READS)
        return campaign

    def _lines(self, uow: UnitOfWork, campaign: Campaign, chosen: ListExport) -> Iterator[list[Cell]]:
        schema, names = schema_of(uow, campaign), owner_names(uow)
        formats = self.formats_of(uow.policies.get().currency)
        rows = uow.campaigns.values(campaign.id, _query(chosen), chosen.fields)
        yield from chosen.lines(rows, _remembering(schema, formats), names, money_decimals=formats.decimals)


def _remembering(schema: CustomerSchema, formats: Formats) -> Callable[[Reason], str]:
    """Words of a reason. Most customers share theirs with others, so they are kept, up to a bound."""
    known: dict[tuple[str, Value], str] = {}

    def say(reason: Reason) -> str:
        key = (reason.attribute, reason.value)
        if key not in known:
            if len(known) >= PHRASES_KEPT:
                known.clear()
            known[key] = spoken_reason(reason, schema, formats)
        return known[key]

    return say


def _query(chosen: ListExport) -> MemberQuery:
    return MemberQuery(
        statuses=chosen.statuses, channel=chosen.channel, assigned_to=chosen.assigned_to, reachable=True, limit=1
    )
