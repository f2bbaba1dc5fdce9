"""Prices of a campaign's limits: the multipliers at which the relaxed problem's bound is lowest.

With a price λ for each limit, every customer takes the action with the highest gain after prices, or none. The sum of
these, plus the value of the limits at their prices, is at least what any choice within the limits can earn, for any
prices (Lagrangian relaxation; Fisher, Management Science 27(1), 1981). The bound is convex and piecewise linear in the
prices, so a cutting-plane method finds its minimum (Kelley, SIAM Journal 8(4), 1960), here within a box around the best
prices so far, which is widened where the minimum lies on its side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Numbers = npt.NDArray[np.float64]

CHUNK = 16_384
"""Customers that are priced at once, so that the arrays of all actions fit into a core's cache."""
SAMPLE = 4_000
"""Customers on whom the prices are found first; a larger problem then starts close to its minimum."""
TOLERANCE = 1e-4
"""The search ends when the bound exceeds its possible minimum by less than this share."""
MAX_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Gains and uses of actions × customers, and the limits.

    `shared` (limits × actions) is what an action uses of the limits that count contacts. The last limit, if `offers`,
    is money: there an action uses its customer's offer cost. `limits` float64 (limits).
    """

    gain: Numbers
    offer_cost: Numbers
    shared: Numbers
    limits: Numbers
    offers: bool

    @property
    def size(self) -> int:
        return int(self.gain.shape[1])

    def of(self, places: npt.NDArray[np.intp], share: float) -> Problem:
        """The problem of some customers with the same share of each limit."""
        return Problem(self.gain[:, places], self.offer_cost[:, places], self.shared, self.limits * share, self.offers)

    def reduced(self, prices: Numbers, customers: slice) -> Numbers:
        """Gains after prices (actions × customers)."""
        counted = len(self.limits) - self.offers
        reduced = self.gain[:, customers] - (prices[:counted] @ self.shared[:counted])[:, None]
        if self.offers and prices[-1] > 0.0:
            reduced -= prices[-1] * self.offer_cost[:, customers]
        return reduced

    def chunks(self) -> list[slice]:
        return [slice(start, min(start + CHUNK, self.size)) for start in range(0, self.size, CHUNK)]


@dataclass(frozen=True, slots=True)
class Priced:
    """The best action per customer at some prices (−1 for none), the bound, and what the actions use of each limit."""

    action: npt.NDArray[np.int16]
    bound: float
    use: Numbers


def price(problem: Problem, prices: Numbers) -> Priced:
    """Every customer's best action at these prices; ties go to the action listed first, and to none."""
    action = np.full(problem.size, -1, dtype=np.int16)
    bound, use = float(prices @ problem.limits), np.zeros(len(problem.limits))
    counted = len(problem.limits) - problem.offers
    for customers in problem.chunks():
        reduced = problem.reduced(prices, customers)
        best = reduced.argmax(axis=0)
        each = np.arange(reduced.shape[1])
        value = reduced[best, each]
        taken = value > 0.0
        action[customers] = np.where(taken, best, -1)
        bound += float(value[taken].sum())
        by_action = np.bincount(best[taken], minlength=len(problem.gain))
        use[:counted] += problem.shared[:counted] @ by_action
        if problem.offers:
            use[-1] += float(problem.offer_cost[:, customers][best, each][taken].sum())
    return Priced(action, bound, use)


def lowest_prices(problem: Problem) -> tuple[Numbers, float]:
    """The prices with the lowest bound, and that bound. Without limits, prices of 0."""
    start, width = np.zeros(len(problem.limits)), np.inf
    if problem.size > 4 * SAMPLE:
        places = np.linspace(0, problem.size - 1, SAMPLE).astype(np.intp)
        start = lowest_prices(problem.of(places, SAMPLE / problem.size))[0]
        width = 0.05
    return _cutting_planes(problem, start, width)


def _cutting_planes(problem: Problem, start: Numbers, width: float) -> tuple[Numbers, float]:
    """Kelley's method from `start`; `width` is the box's half width as a share of the largest price."""
    highest = _highest_prices(problem)
    best, best_bound = start, np.inf
    slopes: list[Numbers] = []
    heights: list[float] = []
    prices = start
    for _ in range(MAX_ROUNDS):
        priced = price(problem, prices)
        slope = problem.limits - priced.use  # a subgradient of the bound
        slopes.append(slope)
        heights.append(priced.bound - float(slope @ prices))
        if priced.bound < best_bound:
            best, best_bound = prices, priced.bound
        reach = np.minimum(highest, width * np.maximum(best, 0.02 * highest))
        low, high = np.maximum(0.0, best - reach), np.minimum(highest, best + reach)
        prices, lowest = _minimum_of(slopes, heights, low, high)
        if best_bound - lowest <= TOLERANCE * best_bound:
            inside = (prices < high - 1e-9) | (high >= highest)
            inside &= (prices > low + 1e-9) | (low <= 0.0)
            if inside.all():
                break
            width *= 4.0
    return best, best_bound


def _minimum_of(slopes: list[Numbers], heights: list[float], low: Numbers, high: Numbers) -> tuple[Numbers, float]:
    """Lowest point of the cutting planes within the box: min v with v ≥ height + slope·prices for each plane."""
    count = len(low)
    scale = max(1.0, max(abs(height) for height in heights))
    answer = linprog(
        np.append(np.zeros(count), 1.0),
        A_ub=np.column_stack([np.array(slopes) / scale, -np.ones(len(slopes))]),
        b_ub=-np.array(heights) / scale,
        bounds=[*zip(low, high, strict=True), (None, None)],
        method="highs-ds",
    )
    if answer.x is None:  # the planes of a numerically hard case: stay at the middle of the box
        return (low + high) / 2.0, -np.inf
    return answer.x[:count], float(answer.x[-1]) * scale


def _highest_prices(problem: Problem) -> Numbers:
    """For each limit a price at which no customer uses it."""
    gain = ratio = 1e-9
    for customers in problem.chunks():
        own = problem.gain[:, customers]
        gain = max(gain, float(own.max(initial=0.0)))
        if problem.offers:
            cost = problem.offer_cost[:, customers]
            per_unit = np.divide(own, cost, out=np.zeros_like(own), where=(cost > 0.0) & (own > 0.0))
            ratio = max(ratio, float(per_unit.max(initial=0.0)))
    highest = np.full(len(problem.limits), gain)
    if problem.offers:
        highest[-1] = ratio
    return highest
