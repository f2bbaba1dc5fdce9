"""Chooses a campaign's members: prices from the relaxed problem, then a choice that keeps every limit.

1. `prices.lowest_prices` gives a price for each limit, and the bound that no choice can exceed.
2. Every customer takes the best action after prices. Where that uses too much of a limit, those who gain least from it
   are taken out; what is left of the limits goes to the customers who gain most after prices.
3. The customers whose choice is closest (the core) are decided again together, exactly, by HiGHS's branch and bound.
   A small problem is all core (Balas & Zemel, Operations Research 28(5), 1980, for the idea of a core).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from adapters.campaigns.prices import Numbers, Problem, lowest_prices, price
from application.ports.campaigns import Allocated, Candidates
from domain.allocation import Limits, Worth

CORE = 200
"""Customers who are decided exactly."""
CORE_NODES = 2_000
"""Branches after which the exact choice ends with the best one so far: a count, so that the answer is the same on
every machine."""
EXACT_GAP = 1e-6
"""Gap at which the solver ends where the core is the whole problem."""
CORE_GAP = 1e-3
"""Gap at which it ends where the core is a small part of it."""
SMALL = 200_000
"""Gains up to which the plain greedy choice is compared as well."""

Actions = npt.NDArray[np.int16]


class HighsAllocator:
    """Implements `application.ports.campaigns.Allocator` with SciPy's HiGHS."""

    def allocate(self, candidates: Candidates, limits: Limits) -> Allocated:
        problem, names = problem_of(candidates, limits)
        if not candidates.customers or not len(candidates.channels):
            return Allocated(np.full(candidates.customers, -1, dtype=np.int16), 0.0, 0.0, Worth())
        prices, bound = lowest_prices(problem)
        choice = fill(problem, within_limits(problem, price(problem, prices).action, prices), prices)
        choice = solve_core(problem, choice, prices)
        if problem.gain.size <= SMALL:
            choice = max(choice, greedy(problem), key=lambda action: total(problem.gain, action))
        return Allocated(choice, total(problem.gain, choice), bound, _worth(names, prices))


def problem_of(candidates: Candidates, limits: Limits) -> tuple[Problem, list[str | None]]:
    """The problem in arrays, and what each of its limits is: a channel, "" for customers, None for money."""
    names: list[str | None] = []
    rows: list[list[float]] = []
    values: list[float] = []
    if limits.customers is not None:
        names.append("")
        rows.append([1.0] * len(candidates.channels))
        values.append(float(limits.customers))
    for channel, limit in limits.contacts.items():
        names.append(channel)
        rows.append([float(own == channel) for own in candidates.channels])
        values.append(float(limit))
    if limits.offers is not None:
        names.append(None)
        rows.append([0.0] * len(candidates.channels))
        values.append(limits.offers)
    gain = np.where(candidates.gain > limits.min_gain, candidates.gain, -np.inf)
    shared = np.array(rows).reshape(len(rows), len(candidates.channels))
    return Problem(gain, candidates.offer_cost, shared, np.array(values), limits.offers is not None), names


def _worth(names: list[str | None], prices: Numbers) -> Worth:
    found = dict(zip(names, map(float, prices), strict=True))
    return Worth(found.get("", 0.0), {name: value for name, value in found.items() if name}, found.get(None, 0.0))


def total(gain: Numbers, action: Actions) -> float:
    """Gain of a choice."""
    taken = np.flatnonzero(action >= 0)
    return float(gain[action[taken], taken].sum())


def uses(problem: Problem, customers: npt.NDArray[np.intp], action: Actions) -> Numbers:
    """What each of these customers uses of each limit with these actions (limits × customers)."""
    used: Numbers = problem.shared[:, action].copy()
    if problem.offers:
        used[-1] = problem.offer_cost[action, customers]
    return used


def left_over(problem: Problem, action: Actions) -> Numbers:
    """What a choice leaves of each limit."""
    taken = np.flatnonzero(action >= 0)
    left: Numbers = problem.limits - uses(problem, taken, action[taken]).sum(axis=1)
    return left


def within_limits(problem: Problem, action: Actions, prices: Numbers) -> Actions:
    """The choice without the customers who gain least, after prices, from a limit that is exceeded."""
    action = action.copy()
    for limit in range(len(problem.limits)):
        taken = np.flatnonzero(action >= 0)
        used = uses(problem, taken, action[taken])[limit]
        over = used.sum() - problem.limits[limit]
        if over <= 0.0:
            continue
        using = np.flatnonzero(used > 0.0)
        value = _after_prices(problem, prices, taken[using], action[taken[using]])
        order = using[np.argsort(value / used[using], kind="stable")]
        enough = int(np.searchsorted(np.cumsum(used[order]), over)) + 1
        action[taken[order[:enough]]] = -1
    return action


def _after_prices(problem: Problem, prices: Numbers, customers: npt.NDArray[np.intp], action: Actions) -> Numbers:
    value: Numbers = problem.gain[action, customers] - prices @ uses(problem, customers, action)
    return value


def fill(problem: Problem, action: Actions, prices: Numbers) -> Actions:
    """The choice with what is left of the limits given to the customers without an action who gain most.

    In each round everybody takes the best action that still fits, best first, as far as the limits reach. A limit that
    is used up leaves the next round, so that there are few rounds.
    """
    action = action.copy()
    left = left_over(problem, action)
    while True:
        customers = np.flatnonzero(action < 0)
        best, value = _best_fitting(problem, prices, customers, left)
        open_ = np.flatnonzero(np.isfinite(value))
        if not len(open_):
            return action
        order = open_[np.argsort(-value[open_], kind="stable")]
        used = uses(problem, customers[order], best[order])
        fits = (np.cumsum(used, axis=1) <= left[:, None]).all(axis=0)
        reached = int(np.argmin(fits)) if not fits.all() else len(order)
        accepted = order[: max(reached, 1)]
        action[customers[accepted]] = best[accepted]
        left = left - used[:, : len(accepted)].sum(axis=1)


def _best_fitting(
    problem: Problem, prices: Numbers, customers: npt.NDArray[np.intp], left: Numbers
) -> tuple[Actions, Numbers]:
    """The best action after prices whose use fits into what is left, and its value; −inf where none does."""
    best = np.zeros(len(customers), dtype=np.int16)
    value = np.full(len(customers), -np.inf)
    counted = len(left) - problem.offers
    for place in range(len(problem.gain)):
        if (problem.shared[:counted, place] > left[:counted]).any():
            continue
        own = problem.gain[place, customers]
        if problem.offers:
            cost = problem.offer_cost[place, customers]
            own = np.where(cost <= left[-1], own - prices[-1] * cost, -np.inf)
        own = own - float(prices[:counted] @ problem.shared[:counted, place])
        better = own > value
        value[better] = own[better]
        best[better] = place
    return best, value


def solve_core(problem: Problem, action: Actions, prices: Numbers) -> Actions:
    """The choice with its core decided exactly within what the others leave."""
    core = core_of(problem, action, prices)
    rest = action.copy()
    rest[core] = -1
    exact = exact_choice(problem, core, left_over(problem, rest))
    if exact is None:
        return action
    rest[core] = exact
    return rest if total(problem.gain, rest) > total(problem.gain, action) else action


def core_of(problem: Problem, action: Actions, prices: Numbers) -> npt.NDArray[np.intp]:
    """Customers whose best and second-best choice after prices are closest ("none" is a choice of 0)."""
    if problem.size <= CORE:
        return np.arange(problem.size)
    distance = np.empty(problem.size)
    for customers in problem.chunks():
        reduced = np.vstack([problem.reduced(prices, customers), np.zeros(customers.stop - customers.start)])
        two = np.partition(reduced, -2, axis=0)[-2:]
        distance[customers] = two[1] - two[0]
    distance[~np.isfinite(problem.gain).any(axis=0)] = np.inf
    return np.sort(np.argpartition(distance, CORE)[:CORE])


def exact_choice(problem: Problem, customers: npt.NDArray[np.intp], left: Numbers) -> Actions | None:
    """The best choice for these customers within what is left; None where the solver finds none in time."""
    action, place = np.nonzero(np.isfinite(problem.gain[:, customers]))
    if not len(action):
        return np.full(len(customers), -1, dtype=np.int16)
    each = np.ones(len(action))
    columns = np.arange(len(action))
    one_each = sparse.csr_matrix((each, (place, columns)), shape=(len(customers), len(action)))
    shared = sparse.csr_matrix(uses(problem, customers[place], action.astype(np.int16)))
    limited = [LinearConstraint(shared, ub=left)] if len(left) else []
    answer = milp(
        -problem.gain[action, customers[place]],
        constraints=[LinearConstraint(one_each, ub=1.0), *limited],
        integrality=np.ones(len(action), dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        options={
            "node_limit": CORE_NODES,
            "mip_rel_gap": EXACT_GAP if len(customers) == problem.size else CORE_GAP,
        },
    )
    if answer.x is None:
        return None
    chosen = np.full(len(customers), -1, dtype=np.int16)
    taken = np.flatnonzero(answer.x > 0.5)
    chosen[place[taken]] = action[taken]
    used = uses(problem, customers[chosen >= 0], chosen[chosen >= 0]).sum(axis=1)
    return chosen if (used <= left * (1.0 + 1e-9) + 1e-9).all() else None


def greedy(problem: Problem) -> Actions:
    """The plain choice: the highest gains first, as long as they fit."""
    action = np.full(problem.size, -1, dtype=np.int16)
    places, customers = np.nonzero(np.isfinite(problem.gain))
    order = np.argsort(-problem.gain[places, customers], kind="stable")
    left = problem.limits.copy()
    for place, customer in zip(places[order], customers[order], strict=True):
        if action[customer] < 0:
            used = uses(problem, np.array([customer]), np.array([place], dtype=np.int16))[:, 0]
            if (used <= left).all():
                action[customer] = place
                left = left - used
    return action
