"""After how many days without activity a customer counts as having left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MAX_RETURNING = 0.05
"""Share of the customers with a gap of so many days or more who return, below which the gap counts as leaving."""
MIN_FOLLOWED = 50
"""Customers with such a gap from which the share says something."""
MIN_PROPOSED = 7
"""A shorter gap is not proposed: customers call and pay by the week."""
CHARTED_TO = 180
"""Days up to which the chart shows the number of leavers."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Customers without activity for exactly so many days, of whom `followed` have later files, in which `returned`
    are active again."""

    days: int
    customers: int
    followed: int = 0
    returned: int = 0


def summed(idle: Iterable[Idle]) -> tuple[Idle, ...]:
    """One entry per number of days, ascending."""
    totals: dict[int, Counter[str]] = {}
    for own in idle:
        total = totals.setdefault(own.days, Counter())
        total.update(customers=own.customers, followed=own.followed, returned=own.returned)
    return tuple(
        Idle(days, total["customers"], total["followed"], total["returned"]) for days, total in sorted(totals.items())
    )


def proposed_days(idle: Sequence[Idle]) -> int | None:
    """The shortest gap after which fewer than 5% return; None if the files do not show it.

    Fewer than 5% must return after every longer gap too, as far as enough customers have it.
    """
    followed = returned = 0
    proposal: int | None = None
    for days, own in sorted(((own.days, own) for own in idle), reverse=True):
        followed, returned = followed + own.followed, returned + own.returned
        if followed < MIN_FOLLOWED:
            continue
        if returned >= MAX_RETURNING * followed:
            break
        if days >= MIN_PROPOSED:
            proposal = days
    return proposal


def leavers_after(idle: Sequence[Idle], days: int) -> int:
    """Customers who are inactive for at least so many days."""
    return sum(own.customers for own in idle if own.days >= days)


def leavers_by_days(idle: Sequence[Idle], *, up_to: int = CHARTED_TO) -> Mapping[int, int]:
    """The number of leavers that each number of days gives, from 1 on."""
    beyond = leavers_after(idle, up_to + 1)
    counts = Counter({own.days: own.customers for own in idle})
    leavers = {}
    for days in range(up_to, 0, -1):
        beyond += counts[days]
        leavers[days] = beyond
    return dict(sorted(leavers.items()))
