"""Allocation by trying every choice, for a handful of customers."""

from __future__ import annotations

from itertools import product
from math import isfinite

from application.ports.campaigns import Allocated, Allocator, Candidates
from domain.allocation import Chosen, Limits, Worth, is_feasible


class ExhaustiveAllocator:
    """Tries every choice of an action, or none, for each customer."""

    def allocate(self, candidates: Candidates, limits: Limits) -> Allocated:
        best: tuple[float, tuple[int, ...]] = (0.0, (-1,) * candidates.customers)
        for actions in product(range(-1, len(candidates.channels)), repeat=candidates.customers):
            chosen = chosen_of(candidates, actions)
            gain = sum(one.gain for one in chosen)
            if isfinite(gain) and gain > best[0] and is_feasible(chosen, limits):
                best = gain, actions
        return Allocated(best[1], best[0], best[0], Worth())


def chosen_of(candidates: Candidates, actions: tuple[int, ...]) -> list[Chosen]:
    """The customers of a choice, for the domain's rules."""
    return [
        Chosen(
            str(customer),
            candidates.channels[action],
            float(candidates.offer_cost[action][customer]),
            float(candidates.gain[action][customer]),
        )
        for customer, action in enumerate(actions)
        if action >= 0
    ]


_: type[Allocator] = ExhaustiveAllocator
