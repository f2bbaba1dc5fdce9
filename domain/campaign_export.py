"""What a campaign's list is exported with: for a dialler, an SMS gateway or another system of the company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.campaign_members import Member, Status
from domain.campaign_work import EXPORTABLE, OPEN
from domain.errors import InvalidInput

MAX_HEADER = 60
Cell = str | float | int | None


class ListColumn(StrEnum):
    """The columns in the order of the table. The value is the name of the column, unless a person chooses another."""

    CUSTOMER = "customer_id"
    PLACE = "place"
    CHANNEL = "channel"
    ACTION = "action"
    MESSAGE = "message"
    OFFER_COST = "offer_cost"
    REASON_1 = "reason_1"
    REASON_2 = "reason_2"
    REASON_3 = "reason_3"
    RISK = "churn_probability"
    GAIN = "expected_gain"
    STATUS = "status"
    PERSON = "person"
    DUE = "due"
    NOTE = "note"

    @property
    def words(self) -> str:
        return {
            ListColumn.CUSTOMER: "Customer id",
            ListColumn.PLACE: "Place in the list",
            ListColumn.REASON_1: "Reason 1, to say aloud",
            ListColumn.REASON_2: "Reason 2, to say aloud",
            ListColumn.REASON_3: "Reason 3, to say aloud",
            ListColumn.OFFER_COST: "Offer, at most",
            ListColumn.RISK: "Risk",
            ListColumn.PERSON: "In charge",
        }.get(self, self.value.replace("_", " ").capitalize())


DEFAULT_COLUMNS = (
    ListColumn.CUSTOMER,
    ListColumn.ACTION,
    ListColumn.MESSAGE,
    ListColumn.OFFER_COST,
    ListColumn.REASON_1,
    ListColumn.REASON_2,
    ListColumn.REASON_3,
)
REASONS = (ListColumn.REASON_1, ListColumn.REASON_2, ListColumn.REASON_3)


@dataclass(frozen=True, slots=True)
class ListExport:
    """Which members, and which columns under which names.

    `channel` None means every channel, `assigned_to` None everybody's. Without statuses, those still to be contacted.
    Raises InvalidInput for no column, a name that is too long, and one that two columns have.
    """

    columns: tuple[tuple[ListColumn, str], ...] = tuple((column, column.value) for column in DEFAULT_COLUMNS)
    channel: str | None = None
    statuses: tuple[Status, ...] = OPEN
    assigned_to: str | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            raise InvalidInput("Choose at least one column.", field="column")
        names = [name.strip() for _, name in self.columns]
        if any(not 1 <= len(name) <= MAX_HEADER for name in names):
            raise InvalidInput(f"A column’s name has between 1 and {MAX_HEADER} characters.", field="column")
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InvalidInput(f"Two columns are called “{twice}”. Give each its own name.", field="column")
        if not self.statuses or any(status not in EXPORTABLE for status in self.statuses):
            raise InvalidInput("Choose statuses of customers who can be contacted.", field="status")

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(name.strip() for _, name in self.columns)

    @property
    def has_reasons(self) -> bool:
        return any(column in REASONS for column, _ in self.columns)

    def line(self, member: Member, spoken: Sequence[str], names: Mapping[str, str]) -> list[Cell]:
        """The member's cells. `spoken`: the reasons that may be said aloud; `names`: of people, by account."""
        return [_cell(column, member, spoken, names) for column, _ in self.columns]


def _cell(column: ListColumn, member: Member, spoken: Sequence[str], names: Mapping[str, str]) -> Cell:
    if column in REASONS:
        place = REASONS.index(column)
        return spoken[place] if place < len(spoken) else ""
    cells: dict[ListColumn, Cell] = {
        ListColumn.CUSTOMER: member.customer_id,
        ListColumn.PLACE: member.number,
        ListColumn.CHANNEL: member.channel,
        ListColumn.ACTION: member.action_name,
        ListColumn.MESSAGE: member.message,
        ListColumn.OFFER_COST: member.offer_cost,
        ListColumn.RISK: member.probability,
        ListColumn.GAIN: member.expected_gain,
        ListColumn.STATUS: member.status.words,
        ListColumn.PERSON: names[member.assigned_to] if member.assigned_to else "",
        ListColumn.DUE: member.due.isoformat() if member.due else "",
        ListColumn.NOTE: member.note,
    }
    return cells[column]
