"""Members of a campaign: frozen figures, the state of the contact, the outcome, and totals of many members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain import redaction
from domain.effect import Group
from domain.errors import Conflict, InvalidInput
from domain.prediction import Reason

ERASED = ""
"""The customer id of an erased member, of whom only figures remain."""
MAX_NOTE = 1_000


class Side(StrEnum):
    """The group to which the draw assigned a member."""

    CONTACT = "contact"
    CONTROL = "control"


class Arm(StrEnum):
    """Which of the customer's actions is offered.

    ONLY: the best one, to a customer without a second one, who was not part of the draw between two offers.
    """

    BEST = "best"
    SECOND = "second"
    ONLY = "only"


class Status(StrEnum):
    """How far the contact is. People set those of `SETTABLE`, with the keys 1 to 6 in this order.

    LEFT_ALONE: taken off the list before anybody tried to contact the customer, because contact harms such customers.
    """

    TO_CONTACT = "to_contact"
    NO_ANSWER = "no_answer"
    REACHED = "reached"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OPTED_OUT = "opted_out"
    LEFT_ALONE = "left_alone"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def contacted(self) -> bool:
        """Whether somebody tried to contact the customer, so that the contact has cost something."""
        return self not in (Status.TO_CONTACT, Status.LEFT_ALONE)

    @property
    def talked(self) -> bool:
        """Whether the customer was reached."""
        return self.contacted and self is not Status.NO_ANSWER


SETTABLE = (
    Status.TO_CONTACT,
    Status.NO_ANSWER,
    Status.REACHED,
    Status.ACCEPTED,
    Status.DECLINED,
    Status.OPTED_OUT,
)
"""The statuses that people set, in the order of the keys 1 to 6."""


class Outcome(StrEnum):
    UNKNOWN = "unknown"
    STAYED = "stayed"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One customer of one campaign. Everything down to `stratum` is frozen when the campaign starts.

    `number` is the place in the list, the highest expected gain first; controls have the numbers after the contacted.
    `row` is the customer's row in the run. `value` is what a kept customer is worth, `expected_gain` that of contacting
    this one. `fifth` is the risk fifth among the members (5: highest), `stratum` the fifth and best action within which
    the draw took place. `paused_until` is the last day on which no other campaign contacts the customer. `version`
    grows with each change.
    """

    number: int
    customer_id: str
    row: int | None
    side: Side
    arm: Arm
    action_id: str
    action_name: str
    channel: str
    message: str
    probability: float
    monthly_revenue: float | None
    value: float
    offer_cost: float
    contact_cost: float
    save_rate: float
    expected_gain: float
    pause_days: int
    reasons: tuple[Reason, ...]
    fifth: int
    stratum: int
    status: Status = Status.TO_CONTACT
    outcome: Outcome = Outcome.UNKNOWN
    outcome_on: date | None = None
    assigned_to: str | None = None
    due: date | None = None
    note: str = ""
    contacted_at: datetime | None = None
    paused_until: date | None = None
    version: int = 1

    def marked(self, status: Status, *, at: datetime, today: date) -> Member:
        """With another status. The first contact begins the pause. Raises Conflict for one that cannot follow."""
        if self.status is Status.OPTED_OUT:
            raise Conflict("This customer opted out and is not contacted again.")
        if self.status is Status.LEFT_ALONE:
            raise Conflict("This customer was taken off the list.")
        if status not in SETTABLE:
            raise Conflict("This status is not set by hand.")
        if status is Status.TO_CONTACT:
            return self.undone(status)
        began = self.contacted_at or at
        pause = self.paused_until or today + timedelta(days=self.pause_days)
        return self._changed(status=status, contacted_at=began, paused_until=pause)

    def taken_off(self) -> Member:
        """Off the list. Raises Conflict if somebody tried to contact the customer."""
        if self.status is not Status.TO_CONTACT:
            raise Conflict("This customer was contacted already.")
        return self._changed(status=Status.LEFT_ALONE)

    def undone(self, earlier: Status) -> Member:
        """Back to an earlier status; to the beginning, as if nobody had tried to contact the customer."""
        if earlier is Status.TO_CONTACT:
            return self._changed(status=earlier, contacted_at=None, paused_until=None)
        return self._changed(status=earlier)

    def with_outcome(self, outcome: Outcome, on: date | None = None) -> Member:
        return self._changed(outcome=outcome, outcome_on=on if outcome is Outcome.LEFT else None)

    def given_to(self, account_id: str | None) -> Member:
        return self._changed(assigned_to=account_id)

    def due_on(self, day: date | None) -> Member:
        return self._changed(due=day)

    def noted(self, text: str) -> Member:
        """Raises InvalidInput for a note that is too long."""
        if len(text) > MAX_NOTE:
            raise InvalidInput(f"A note has at most {MAX_NOTE} characters; this one has {len(text)}.", field="note")
        return self._changed(note=text.strip())

    def erased(self) -> Member:
        """Without anything that tells who it is. The figures stay, so that sums and effects do."""
        return self._changed(customer_id=ERASED, row=None, reasons=(), message="", note="", monthly_revenue=None)

    def without(self, customer_id: str) -> Member:
        """With another customer's id redacted in note, message and reasons."""
        reasons = tuple(
            replace(own, value=redaction.without(own.value, customer_id)) if isinstance(own.value, str) else own
            for own in self.reasons
        )
        note, message = (redaction.without(text, customer_id) for text in (self.note, self.message))
        if (reasons, note, message) == (self.reasons, self.note, self.message):
            return self
        return self._changed(reasons=reasons, note=note, message=message)

    def _changed(self, **changes: Any) -> Member:
        return replace(self, **changes, version=self.version + 1)

    @property
    def spent(self) -> float:
        return spent(self.status, self.contact_cost, self.offer_cost)


def spent(status: Status, contact_cost: float, offer_cost: float) -> float:
    """What a member has cost: the contact once it was tried, and the offer once it was accepted."""
    if not status.contacted:
        return 0.0
    return contact_cost + (offer_cost if status is Status.ACCEPTED else 0.0)


class EventKind(StrEnum):
    STATUS = "status"
    UNDONE = "undone"
    OUTCOME = "outcome"
    ASSIGNED = "assigned"
    DUE = "due"
    NOTE = "note"
    STAGE = "stage"
    OUTCOMES = "outcomes"
    LEFT_ALONE = "left_alone"


@dataclass(frozen=True, slots=True)
class CampaignEvent:
    """Something that happened, to one member or (`number` None) to the campaign. Events are never changed."""

    at: datetime
    by: str
    kind: EventKind
    number: int | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """Members with the same group, arm, action, status and outcome. Sums are in the installation's currency."""

    side: Side
    arm: Arm
    action_id: str
    status: Status
    outcome: Outcome
    members: int
    contact_cost: float
    offer_cost: float
    expected_gain: float
    value: float


@dataclass(frozen=True, slots=True)
class Totals:
    """All totals of a campaign. Its figures are sums over them."""

    parts: tuple[Total, ...]

    def of(self, side: Side) -> Totals:
        return Totals(tuple(part for part in self.parts if part.side is side))

    def with_status(self, *statuses: Status) -> Totals:
        return Totals(tuple(part for part in self.parts if part.status in statuses))

    def of_action(self, action_id: str, arm: Arm | None = None) -> Totals:
        chosen = (part for part in self.parts if part.action_id == action_id)
        return Totals(tuple(part for part in chosen if arm is None or part.arm is arm))

    @property
    def members(self) -> int:
        return sum(part.members for part in self.parts)

    @property
    def expected_gain(self) -> float:
        return sum(part.expected_gain for part in self.parts)

    @property
    def value(self) -> float:
        return sum(part.value for part in self.parts)

    @property
    def spent(self) -> float:
        """Cost of the contacts that were tried, and of the offers that were accepted."""
        return sum(spent(part.status, part.contact_cost, part.offer_cost) for part in self.parts)

    def count(self, *statuses: Status) -> int:
        return self.with_status(*statuses).members

    @property
    def contacted(self) -> int:
        """Members whom somebody tried to contact."""
        return sum(part.members for part in self.parts if part.status.contacted)

    def with_outcome(self, outcome: Outcome) -> int:
        return sum(part.members for part in self.parts if part.outcome is outcome)

    @property
    def known(self) -> Group:
        """Members with an outcome, and how many of them stayed."""
        stayed = self.with_outcome(Outcome.STAYED)
        return Group(stayed + self.with_outcome(Outcome.LEFT), stayed)

    @property
    def unknown(self) -> int:
        """Members without an outcome."""
        return self.members - self.known.members

    @property
    def so_far(self) -> Group:
        """All members; those without an outcome have not left so far."""
        return Group(self.members, self.members - self.with_outcome(Outcome.LEFT))


def total_of(members: Iterable[Member]) -> Totals:
    """The totals of these members."""
    sums: dict[tuple[Side, Arm, str, Status, Outcome], list[float]] = {}
    for one in members:
        own = sums.setdefault((one.side, one.arm, one.action_id, one.status, one.outcome), [0, 0.0, 0.0, 0.0, 0.0])
        for place, more in enumerate((1, one.contact_cost, one.offer_cost, one.expected_gain, one.value)):
            own[place] += more
    return Totals(tuple(Total(*key, int(own[0]), *own[1:]) for key, own in sorted(sums.items())))
