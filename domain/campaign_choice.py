"""From customers who were chosen to the members of a campaign: control group, second offers, numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.allocation import Chosen, Limits, Use, fits, use_of
from domain.campaign_members import Arm, Side
from domain.draw import PURPOSE_CONTROL, PURPOSE_SECOND, drawn, lot, risk_fifths

MAX_MEMBERS = 200_000
"""Members of one campaign at most."""
ACTIONS_A_FIFTH = 1_000
"""A stratum's number is the fifth times this, plus the place of the best action in the playbook."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action for one customer: its place in the playbook, expected gain and cost of the offer."""

    action: int
    gain: float
    offer_cost: float


@dataclass(frozen=True, slots=True)
class Selected:
    """A customer who was chosen, with the best action under the limits, and the next best one if there is one."""

    row: int
    customer_id: str
    probability: float
    best: Proposal
    second: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A member of the campaign: number, group, and the action that it is offered, or for a control would be."""

    number: int
    selected: Selected
    side: Side
    arm: Arm
    fifth: int
    stratum: int

    @property
    def proposal(self) -> Proposal:
        if self.arm is Arm.SECOND and self.selected.second is not None:
            return self.selected.second
        return self.selected.best


def placed(
    selected: Sequence[Selected],
    channels: Sequence[str],
    *,
    limits: Limits,
    control_share: float,
    second_share: float,
    key: str,
) -> tuple[Placed, ...]:
    """The members, the contacted first, each group in the order of its numbers.

    `channels`: the channel of each action of the playbook. The contacted keep every limit: where the draw leaves too
    many of them for one, the members who gain least from it are left out, whatever group they are in, so that the
    groups stay comparable.
    """
    fifths = risk_fifths([one.probability for one in selected])
    strata = [fifth * ACTIONS_A_FIFTH + one.best.action for fifth, one in zip(fifths, selected, strict=True)]
    customers = [one.customer_id for one in selected]
    controls = drawn(key, PURPOSE_CONTROL, customers, strata, control_share)
    able = [place for place, one in enumerate(selected) if place not in controls and one.second is not None]
    outside = set(range(len(selected))) - controls - set(able) if second_share else set()
    second = drawn(
        key, PURPOSE_SECOND, [customers[place] for place in able], [strata[place] for place in able], second_share
    )
    seconds = {able[place] for place in second}
    members = [
        Placed(
            0,
            one,
            Side.CONTROL if place in controls else Side.CONTACT,
            Arm.SECOND if place in seconds else Arm.ONLY if place in outside else Arm.BEST,
            fifths[place],
            strata[place],
        )
        for place, one in enumerate(selected)
    ]
    return _numbered(_within(members, channels, limits), key)


def contacted_of(members: Sequence[Placed], channels: Sequence[str]) -> list[Chosen]:
    """The contacted, for the rules of an allocation."""
    return [_chosen(member, channels) for member in members if member.side is Side.CONTACT]


def _chosen(member: Placed, channels: Sequence[str]) -> Chosen:
    own = member.proposal
    return Chosen(member.selected.customer_id, channels[own.action], own.offer_cost, own.gain)


def _within(members: list[Placed], channels: Sequence[str], limits: Limits) -> list[Placed]:
    """Without those who gain least, until the contacted keep every limit and all members the campaign's size."""
    while not _is_within(members, channels, limits):  # a second round where a sum was rounded
        members = _without_least(members, channels, limits)
    return members


def _is_within(members: Sequence[Placed], channels: Sequence[str], limits: Limits) -> bool:
    size = limits.customers is None or len(members) <= limits.customers
    return size and fits(use_of(contacted_of(members, channels)), replace(limits, customers=None))


def _without_least(members: Sequence[Placed], channels: Sequence[str], limits: Limits) -> list[Placed]:
    """Leave out members by rising gain while a limit that they use is exceeded; at least one of them."""
    use = use_of(contacted_of(members, channels))
    contacts, offers, total = dict(use.contacts), use.offers, len(members)
    money = Limits(offers=limits.offers)
    dropped: set[int] = set()
    for place in sorted(range(len(members)), key=lambda place: members[place].proposal.gain):
        own = _chosen(members[place], channels)
        too_large = limits.customers is not None and total > limits.customers
        busy = own.channel in limits.contacts and contacts.get(own.channel, 0) > limits.contacts[own.channel]
        dear = own.offer_cost > 0.0 and not fits(Use(0, {}, offers), money)
        if not (too_large or busy or dear):
            continue
        dropped.add(place)
        total -= 1
        if members[place].side is Side.CONTACT:
            contacts[own.channel] -= 1
            offers -= own.offer_cost
    return [member for place, member in enumerate(members) if place not in dropped]


def _numbered(members: Sequence[Placed], key: str) -> tuple[Placed, ...]:
    """The contacted by falling gain, then the controls in an order that tells nothing."""
    contacted = sorted(
        (one for one in members if one.side is Side.CONTACT), key=lambda one: (-one.proposal.gain, one.selected.row)
    )
    controls = sorted(
        (one for one in members if one.side is Side.CONTROL),
        key=lambda one: (lot(key, PURPOSE_CONTROL, one.selected.customer_id), one.selected.customer_id),
    )
    return tuple(replace(one, number=number) for number, one in enumerate([*contacted, *controls], start=1))


def fingerprint(members: Sequence[Placed], action_ids: Sequence[str], basis: str) -> str:
    """SHA-256 of who is in which group with which action. `basis` names what the choice was made from."""
    digest = hashlib.sha256(basis.encode())
    for one in members:
        line = "\x00".join((one.selected.customer_id, action_ids[one.proposal.action], one.side, one.arm))
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
