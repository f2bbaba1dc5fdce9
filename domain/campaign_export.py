"""What a campaign's list is exported with: for a dialler, an SMS gateway or another system of the company."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.campaign_members import Status
from domain.campaign_work import EXPORTABLE, OPEN
from domain.csv_text import Cell
from domain.errors import InvalidInput
from domain.export import PROBABILITY_DECIMALS, rounded
from domain.prediction import Reason
from domain.spoken import said_aloud

MAX_HEADER = 60


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
FIELDS: Mapping[ListColumn, str] = {
    ListColumn.CUSTOMER: "customer_id",
    ListColumn.PLACE: "number",
    ListColumn.CHANNEL: "channel",
    ListColumn.ACTION: "action_name",
    ListColumn.MESSAGE: "message",
    ListColumn.OFFER_COST: "offer_cost",
    ListColumn.RISK: "probability",
    ListColumn.GAIN: "expected_gain",
    ListColumn.STATUS: "status",
    ListColumn.PERSON: "assigned_to",
    ListColumn.DUE: "due",
    ListColumn.NOTE: "note",
}
"""The field of `Member` that each column shows; the others show reasons."""
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
    def fields(self) -> tuple[str, ...]:
        """The fields of `Member` that the columns need, each once."""
        needed = (FIELDS.get(column, "reasons") for column, _ in self.columns)
        return tuple(dict.fromkeys(needed))

    def lines(
        self,
        rows: Iterable[Sequence[Any]],
        say: Callable[[Reason], str],
        names: Mapping[str, str],
        *,
        money_decimals: int,
    ) -> Iterator[list[Cell]]:
        """The cells of each member, whose values of `fields` a row holds. Amounts and risks are rounded.

        `say` gives the words of a reason, "" for what is not said aloud; `names` are of people, by account.
        """
        place = {name: number for number, name in enumerate(self.fields)}
        spoken_of = place.get("reasons")
        cells = [_cell_of(column, place, names, money_decimals) for column, _ in self.columns]
        for row in rows:
            spoken = said_aloud(row[spoken_of], say) if spoken_of is not None else ()
            yield [cell(row, spoken) for cell in cells]


def _cell_of(
    column: ListColumn, place: Mapping[str, int], names: Mapping[str, str], money_decimals: int
) -> Callable[[Sequence[Any], Sequence[str]], Cell]:
    """What gives the column's cell, of a member's values and spoken reasons. Decided once, not for each member."""
    if column in REASONS:
        number = REASONS.index(column)
        return lambda _, spoken: spoken[number] if number < len(spoken) else ""
    own = place[FIELDS[column]]
    if column is ListColumn.RISK:
        return lambda row, _: rounded(row[own], PROBABILITY_DECIMALS)
    if column in (ListColumn.OFFER_COST, ListColumn.GAIN):
        return lambda row, _: rounded(row[own], money_decimals)
    if column is ListColumn.STATUS:
        words = {status: status.words for status in Status}
        return lambda row, _: words[row[own]]
    if column is ListColumn.PERSON:
        return lambda row, _: names[row[own]] if row[own] else ""
    if column is ListColumn.DUE:
        return lambda row, _: row[own].isoformat() if row[own] else ""
    return lambda row, _: row[own]
