"""Profit of a retention campaign by whom it contacts; the threshold that earns most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import comb

from domain.recommendation import Economics


class ThresholdStrategy(StrEnum):
    PROFIT = "profit"
    F1 = "f1"
    SHARE = "share"
    FIXED = "fixed"

    @property
    def words(self) -> str:
        return {
            ThresholdStrategy.PROFIT: "Highest expected profit",
            ThresholdStrategy.F1: "Best balance of precision and recall (F1)",
            ThresholdStrategy.SHARE: "Fixed share of customers",
            ThresholdStrategy.FIXED: "Fixed value",
        }[self]


def profit_of_contacting(churned: int, stayed: int, economics: Economics) -> float:
    """Profit of contacting so many future leavers and stayers: churned·[γ(V−d) − f] − stayed·(d+f)."""
    offer, contact = economics.offer_cost, economics.contact_cost
    per_leaver = economics.save_rate * (economics.customer_value - offer) - contact
    return churned * per_leaver - stayed * (offer + contact)


def break_even_probability(economics: Economics) -> float:
    """The churn probability from which contacting a customer is expected to earn something (1.0 if never)."""
    gain = economics.save_rate * (economics.customer_value - economics.offer_cost)
    cost = economics.offer_cost + economics.contact_cost
    weight = gain + economics.offer_cost
    return min(1.0, cost / weight) if weight > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """One possible threshold: those at or above it, split by what they did."""

    threshold: float
    churned: int
    stayed: int


def cuts(probabilities: Sequence[float], churned: Sequence[bool]) -> list[Cut]:
    """Every distinct probability as a threshold, highest first, with the counts at or above it."""
    order = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])
    found: list[Cut] = []
    leavers = stayers = 0
    for place, i in enumerate(order):
        leavers += bool(churned[i])
        stayers += not churned[i]
        last = place + 1 == len(order)
        if last or probabilities[order[place + 1]] != probabilities[i]:
            found.append(Cut(float(probabilities[i]), leavers, stayers))
    return found


def best_threshold(
    strategy: ThresholdStrategy,
    candidates: Sequence[Cut],
    economics: Economics,
    *,
    target: float | None = None,
) -> float:
    """The threshold a strategy chooses among cuts (highest first). `target` is the share or the fixed value.

    Raises ValueError without cuts, or where SHARE or FIXED lacks its target in [0, 1].
    """
    if not candidates:
        raise ValueError("there is nothing to choose a threshold from")
    if strategy in (ThresholdStrategy.SHARE, ThresholdStrategy.FIXED):
        if target is None or not 0.0 <= target <= 1.0:
            raise ValueError(f"the strategy {strategy.value!r} needs a target between 0 and 1")
        if strategy is ThresholdStrategy.FIXED:
            return target
        wanted = target * (candidates[-1].churned + candidates[-1].stayed)
        return min(candidates, key=lambda cut: abs(cut.churned + cut.stayed - wanted)).threshold
    positives = candidates[-1].churned
    if strategy is ThresholdStrategy.F1:
        return max(candidates, key=lambda cut: 2 * cut.churned / (cut.churned + cut.stayed + positives)).threshold
    return max(candidates, key=lambda cut: profit_of_contacting(cut.churned, cut.stayed, economics)).threshold


@dataclass(frozen=True, slots=True)
class EmpcResult:
    """Expected maximum profit per customer in the base, and the share of the base that it contacts."""

    value: float
    share: float


def empc(
    probabilities: Sequence[float],
    churned: Sequence[bool],
    *,
    alpha: int = 6,
    beta: int = 14,
    clv: float = 200.0,
    offer_cost: float = 10.0,
    contact_cost: float = 1.0,
) -> EmpcResult:
    """Expected maximum profit of a retention campaign, per customer in the base, in CLV's currency.

    Save rate γ ~ Beta(alpha, beta), integers. The optimal cut for each γ is a vertex of the ROC curve's convex hull;
    between two values of γ where the optimum changes, profit is linear in γ, so its expectation is a sum of
    incomplete beta moments, in closed form for integer parameters.
    Raises ValueError unless both classes occur. Verbraken, Verbeke & Baesens, IEEE TKDE 25(5), 2013.
    """
    positives = sum(bool(c) for c in churned)
    negatives = len(churned) - positives
    if not positives or not negatives:
        raise ValueError("EMPC needs customers who left and customers who stayed")
    delta, phi = offer_cost / clv, contact_cost / clv
    prior_1, prior_0 = positives / len(churned), negatives / len(churned)
    hull = _roc_hull(cuts(probabilities, churned), positives, negatives)
    gammas = [0.0]
    for (f0_a, f1_a), (f0_b, f1_b) in pairwise(hull):
        rise, run = prior_1 * (f1_b - f1_a), prior_0 * (f0_b - f0_a)
        change = ((run * (delta + phi) + rise * phi) / rise / (1 - delta)) if rise > 0 else 1.0
        gammas.append(min(1.0, max(gammas[-1], change)))
    gammas.append(1.0)
    value = share = 0.0
    for (f0, f1), low, high in zip(hull, gammas, gammas[1:], strict=False):
        if high <= low:
            continue
        mass = _beta_cdf(alpha, beta, high) - _beta_cdf(alpha, beta, low)
        moment = (_beta_cdf(alpha + 1, beta, high) - _beta_cdf(alpha + 1, beta, low)) * alpha / (alpha + beta)
        gain = clv * (1 - delta) * prior_1 * f1
        cost = clv * (phi * prior_1 * f1 + (delta + phi) * prior_0 * f0)
        value += gain * moment - cost * mass
        share += (prior_1 * f1 + prior_0 * f0) * mass
    return EmpcResult(value, share)


def _roc_hull(candidates: Sequence[Cut], positives: int, negatives: int) -> list[tuple[float, float]]:
    """Vertices (false positive rate, true positive rate) of the ROC curve's upper convex hull, from (0, 0)."""
    hull: list[tuple[float, float]] = []
    for cut in [Cut(1.0, 0, 0), *candidates]:
        point = (cut.stayed / negatives, cut.churned / positives)
        while len(hull) > 1 and _turns_left(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _turns_left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) >= 0.0


def _beta_cdf(alpha: int, beta: int, x: float) -> float:
    """Regularised incomplete beta function for integer parameters, as a binomial tail."""
    n = alpha + beta - 1
    return sum(comb(n, j) * x**j * (1.0 - x) ** (n - j) for j in range(alpha, n + 1))
