"""How a campaign's list is worked: who is still to be contacted, how work is shared out, and how far the list is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.campaign_members import ERASED, SETTABLE, CampaignEvent, EventKind, Member, Side, Status, Totals
from domain.errors import Conflict, InvalidInput

OPEN = (Status.TO_CONTACT, Status.NO_ANSWER)
"""Statuses after which somebody still has to contact the customer."""
EXPORTABLE = tuple(status for status in SETTABLE if status is not Status.OPTED_OUT)
"""Statuses whose members can be exported, unless the do-not-contact list names them."""
MAX_CARDS = 100
"""Call cards that are printed together."""
MAX_ASSIGNED_AT_ONCE = 100_000
"""Members that are assigned, or get a due date, in one step."""
ON_THE_LIST = "This customer is on the do-not-contact list and must not be contacted. Only “Opted out” can be set."


@dataclass(frozen=True, slots=True)
class ListProgress:
    """How far the contacted members of a campaign, or of one person's list, are.

    `planned` members are on the list; those who were taken off it are in `left_alone`. Money is in the installation's
    currency. `expected_gain` is that of the planned members.
    """

    planned: int
    open: int
    contacted: int
    accepted: int
    opted_out: int
    left_alone: int
    expected_gain: float
    spent: float


def progress_of(totals: Totals) -> ListProgress:
    """The progress of those who are contacted; controls never count."""
    contact = totals.of(Side.CONTACT)
    listed = contact.with_status(*SETTABLE)
    return ListProgress(
        planned=listed.members,
        open=listed.count(*OPEN),
        contacted=listed.contacted,
        accepted=listed.count(Status.ACCEPTED),
        opted_out=listed.count(Status.OPTED_OUT),
        left_alone=contact.count(Status.LEFT_ALONE),
        expected_gain=listed.expected_gain,
        spent=contact.spent,
    )


def dealt(numbers: Sequence[int], people: Sequence[str]) -> Mapping[str, list[int]]:
    """The numbers shared out evenly, in the order of the list: first to last person, then last to first, and so on.

    The best customers are at the top of the list, so everybody gets as many, give or take one, and of the same risk.
    Raises InvalidInput without people.
    """
    if not people:
        raise InvalidInput("Choose at least one person.", field="person")
    turns = [*people, *reversed(people)]
    shares: dict[str, list[int]] = {person: [] for person in people}
    for place, number in enumerate(numbers):
        shares[turns[place % len(turns)]].append(number)
    return shares


def settable(member: Member, *, blocked: bool) -> tuple[Status, ...]:
    """The statuses that a person can give the member now. `blocked`: the do-not-contact list names the customer."""
    if member.customer_id == ERASED or member.status in (Status.OPTED_OUT, Status.LEFT_ALONE):
        return ()
    return (Status.OPTED_OUT,) if blocked else SETTABLE


def must_be_settable(member: Member, status: Status, *, blocked: bool) -> None:
    """Raises Conflict for a status that the customer cannot get: one who was erased, or must not be contacted."""
    if member.customer_id == ERASED:
        raise Conflict("This customer’s data was erased. Nobody contacts them any more.")
    if blocked and status is not Status.OPTED_OUT:
        raise Conflict(ON_THE_LIST)


def status_before(member: Member, latest: CampaignEvent | None) -> Status | None:
    """The status to which an undo leads back; None if the latest event is no status of today's that can be undone."""
    if latest is None or latest.kind is not EventKind.STATUS or latest.after != member.status.value:
        return None
    return None if member.status is Status.OPTED_OUT else Status(latest.before)


def changed_meanwhile(member: Member, latest: CampaignEvent | None) -> str:
    """What to tell a person whose change came after somebody else's."""
    who = latest.by if latest else "Someone else"
    return f"{who} changed this entry in the meantime: it is “{member.status.words}” now. Your change was not stored."
