"""Profit of a retention campaign by threshold, and the threshold with the highest profit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.recommendation import Economics


class ThresholdStrategy(StrEnum):
    """How a threshold is chosen. BALANCED labels as many customers as left, so that precision equals recall."""

    BALANCED = "balanced"
    PROFIT = "profit"
    F1 = "f1"
    SHARE = "share"
    FIXED = "fixed"

    @property
    def words(self) -> str:
        return {
            ThresholdStrategy.BALANCED: "As many customers as leave",
            ThresholdStrategy.PROFIT: "Highest expected profit",
            ThresholdStrategy.F1: "Highest F1 of precision and recall",
            ThresholdStrategy.SHARE: "Fixed share of customers",
            ThresholdStrategy.FIXED: "Fixed value",
        }[self]

    @property
    def needs_target(self) -> bool:
        """Whether a person has to enter the share or the value."""
        return self in (ThresholdStrategy.SHARE, ThresholdStrategy.FIXED)


DEFAULT_STRATEGY = ThresholdStrategy.BALANCED


def strategy_words(strategy: str) -> str:
    """The description of a stored strategy; an unknown strategy of a later release keeps its own name."""
    try:
        return ThresholdStrategy(strategy).words
    except ValueError:
        return strategy.capitalize()


def profit_of_contacting(churned: int, stayed: int, economics: Economics) -> float:
    """Profit of contacting this many future leavers and stayers: churned·[γ(V−d) − f] − stayed·(d+f)."""
    offer, contact = economics.offer_cost, economics.contact_cost
    per_leaver = economics.save_rate * (economics.customer_value - offer) - contact
    return churned * per_leaver - stayed * (offer + contact)


@dataclass(frozen=True, slots=True)
class ThresholdCounts:
    """One possible threshold: those at or above it, split by what they did."""

    threshold: float
    churned: int
    stayed: int

    @property
    def labelled(self) -> int:
        """Customers at or above the threshold."""
        return self.churned + self.stayed


def best_threshold(
    strategy: ThresholdStrategy,
    candidates: Sequence[ThresholdCounts],
    economics: Economics,
    *,
    target: float | None = None,
) -> float:
    """The threshold a strategy chooses among cuts (highest first). `target` is the share or the fixed value.

    Customers with equal scores get the same label, so a count may not be met exactly: BALANCED and SHARE take the
    nearest count, and of two equally near counts the smaller. BALANCED labels at least one customer.
    Raises ValueError without cuts, or where SHARE or FIXED lacks its target in [0, 1].
    """
    if not candidates:
        raise ValueError("there is nothing to choose a threshold from")
    if strategy.needs_target:
        if target is None or not 0.0 <= target <= 1.0:
            raise ValueError(f"the strategy {strategy.value!r} needs a target between 0 and 1")
        if strategy is ThresholdStrategy.FIXED:
            return target
        return _nearest(candidates, target * candidates[-1].labelled).threshold
    positives = candidates[-1].churned
    if strategy is ThresholdStrategy.BALANCED:
        return _nearest([cut for cut in candidates if cut.labelled] or candidates, positives).threshold
    if strategy is ThresholdStrategy.F1:
        return max(candidates, key=lambda cut: 2 * cut.churned / (cut.labelled + positives)).threshold
    return max(candidates, key=lambda cut: profit_of_contacting(cut.churned, cut.stayed, economics)).threshold


def _nearest(candidates: Sequence[ThresholdCounts], wanted: float) -> ThresholdCounts:
    """The cut that labels nearest to the wanted count; the first of equals, which has the higher threshold."""
    return min(candidates, key=lambda cut: abs(cut.labelled - wanted))


@dataclass(frozen=True, slots=True)
class EmpcResult:
    """Expected maximum profit per customer in the base, and the share of the base that it contacts."""

    value: float
    share: float
