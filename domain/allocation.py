"""Which choice of customers and actions a campaign may make, and how close it comes to the best one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

GAP_IN_WORDS = 0.001
"""Gap to the bound from which a campaign's page mentions it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a campaign may use. None is no limit.

    `customers`: members in total. `contacts`: contacts per channel; a channel that is not listed has no limit.
    `offers`: cost of all offers together, if all were accepted, in the installation's currency. `min_gain`: a customer
    is only contacted if the action is expected to earn more than this.
    """

    customers: int | None = None
    contacts: Mapping[str, int] = field(default_factory=dict)
    offers: float | None = None
    min_gain: float = 0.0

    def __post_init__(self) -> None:
        counts = [self.customers, self.offers, *self.contacts.values()]
        if any(count is not None and count < 0 for count in counts) or self.min_gain < 0:
            raise ValueError("a campaign's limits are not negative")

    def widened(self, control_share: float) -> Limits:
        """The limits of the whole campaign, of which the control group uses nothing: each divided by 1 − share."""
        factor = 1.0 / (1.0 - control_share)
        return Limits(
            None if self.customers is None else self.customers,
            {channel: int(limit * factor) for channel, limit in self.contacts.items()},
            None if self.offers is None else self.offers * factor,
            self.min_gain,
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """One customer who is contacted: the channel, what the offer costs, and the expected gain."""

    customer: str
    channel: str
    offer_cost: float
    gain: float


@dataclass(frozen=True, slots=True)
class Use:
    """What a choice uses of each limit."""

    customers: int
    contacts: Mapping[str, int]
    offers: float


def use_of(chosen: Sequence[Chosen]) -> Use:
    contacts: dict[str, int] = {}
    for one in chosen:
        contacts[one.channel] = contacts.get(one.channel, 0) + 1
    return Use(len(chosen), contacts, sum(one.offer_cost for one in chosen))


def is_feasible(chosen: Sequence[Chosen], limits: Limits) -> bool:
    """Whether a choice keeps every limit and takes nobody twice."""
    if len({one.customer for one in chosen}) != len(chosen):
        return False
    return all(one.gain > limits.min_gain for one in chosen) and fits(use_of(chosen), limits)


def fits(use: Use, limits: Limits) -> bool:
    """Whether a use keeps every limit. Money may exceed its limit by a rounding error of a millionth."""
    if limits.customers is not None and use.customers > limits.customers:
        return False
    if any(use.contacts.get(channel, 0) > limit for channel, limit in limits.contacts.items()):
        return False
    return limits.offers is None or use.offers <= limits.offers * (1.0 + 1e-6)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a little more of each limit would earn: the multipliers of the relaxed problem, never negative.

    `customer`: one more member. `contact`: one more contact, per channel. `offer`: one more unit of currency for
    offers. 0 where a limit does not bind.
    """

    customer: float = 0.0
    contact: Mapping[str, float] = field(default_factory=dict)
    offer: float = 0.0


def gap(gain: float, bound: float) -> float:
    """Share of the upper bound that a choice may miss: 0 where it is the best."""
    return max(0.0, (bound - gain) / bound) if bound > 0.0 else 0.0
