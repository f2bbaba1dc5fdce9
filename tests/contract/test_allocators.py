"""What every allocator does: the highest expected gain within all limits at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from adapters.campaigns.allocator import HighsAllocator
from application.ports.campaigns import Allocator, Candidates
from domain.allocation import Limits, gap, is_feasible
from tests.fakes.campaigns import ExhaustiveAllocator, chosen_of

NEVER = -np.inf


def candidates(
    gain: Sequence[Sequence[float]], cost: Sequence[Sequence[float]] | float = 1.0, channels: tuple[str, ...] = ()
) -> Candidates:
    gains = np.array(gain, dtype=np.float64)
    costs = np.broadcast_to(np.array(cost, dtype=np.float64), gains.shape).copy()
    return Candidates(gains.shape[1], gains, costs, channels or ("phone",) * len(gains))


@pytest.fixture(params=[ExhaustiveAllocator, HighsAllocator], ids=["fake", "highs"])
def allocator(request: pytest.FixtureRequest) -> Allocator:
    made: Allocator = request.param()
    return made


def chosen(allocator: Allocator, of: Candidates, limits: Limits) -> tuple[list[int], float]:
    allocated = allocator.allocate(of, limits)
    assert allocated.bound >= allocated.gain - 1e-9
    return [int(action) for action in allocated.action], allocated.gain


def test_without_limits_everybody_gets_the_best_action_that_earns_something(allocator: Allocator) -> None:
    of = candidates([[5.0, 2.0, NEVER, -1.0], [4.0, 3.0, NEVER, NEVER]])

    assert chosen(allocator, of, Limits()) == ([0, 1, -1, -1], 8.0)


def test_the_customers_who_gain_most_fill_the_places(allocator: Allocator) -> None:
    of = candidates([[5.0, 9.0, 7.0, 1.0]])

    assert chosen(allocator, of, Limits(customers=2)) == ([-1, 0, 0, -1], 16.0)
    assert chosen(allocator, of, Limits(customers=0)) == ([-1, -1, -1, -1], 0.0)


def test_a_customer_takes_the_second_best_action_when_a_channel_is_full(allocator: Allocator) -> None:
    of = candidates([[10.0, 9.0], [8.0, 2.0]], channels=("phone", "sms"))

    assert chosen(allocator, of, Limits(contacts={"phone": 1})) == ([1, 0], 17.0)


def test_two_actions_share_the_capacity_of_their_channel(allocator: Allocator) -> None:
    of = candidates([[10.0, 1.0, 6.0], [1.0, 8.0, 5.0]], channels=("phone", "phone"))

    assert chosen(allocator, of, Limits(contacts={"phone": 2})) == ([0, 1, -1], 18.0)


def test_the_budget_goes_to_the_offers_that_earn_most_together(allocator: Allocator) -> None:
    of = candidates([[10.0, 7.0, 6.0]], cost=[[10.0, 5.0, 5.0]])

    assert chosen(allocator, of, Limits(offers=10.0)) == ([-1, 0, 0], 13.0)


def test_an_action_at_or_below_the_least_gain_is_not_taken(allocator: Allocator) -> None:
    of = candidates([[5.0, 5.01, 4.0]])

    assert chosen(allocator, of, Limits(min_gain=5.0)) == ([-1, 0, -1], 5.01)


def test_nobody_is_chosen_from_nobody(allocator: Allocator) -> None:
    assert chosen(allocator, candidates([[], []]), Limits(customers=5, offers=3.0)) == ([], 0.0)


def a_random_case(seed: int, *, customers: int | None = None) -> tuple[Candidates, Limits]:
    """Values, costs and limits of very different sizes, many of them equal."""
    chance = np.random.default_rng(seed)
    count, actions = customers or int(chance.integers(2, 60)), int(chance.integers(1, 8))
    value = chance.lognormal(4.0, 1.0, count)
    cost = chance.uniform(0.0, 25.0, (actions, 1)) + chance.uniform(0.0, 0.2, (actions, 1)) * value
    if seed % 3 == 0:
        cost = np.round(cost, -1)
    gain = chance.beta(1.0, 3.0, count) * chance.uniform(0.1, 0.5, (actions, 1)) * value - chance.uniform(
        0.0, 4.0, (actions, 1)
    )
    if seed % 5 == 0:
        gain = np.round(gain)
    gain[chance.random(gain.shape) < 0.4] = NEVER
    channels = tuple(("phone", "sms", "letter")[int(one)] for one in chance.integers(0, 3, actions))
    limits = Limits(
        int(chance.integers(0, count + 1)) if chance.random() < 0.7 else None,
        {name: int(chance.integers(0, count // 2 + 1)) for name in ("phone", "sms") if chance.random() < 0.8},
        float(chance.uniform(0.0, 4.0 * count)) if chance.random() < 0.8 else None,
        float(chance.choice([0.0, 2.0])),
    )
    return Candidates(count, gain, cost, channels), limits


def best_possible(of: Candidates, limits: Limits) -> float:
    """The highest gain by SciPy's integer program over all choices."""
    action, customer = np.nonzero(np.isfinite(of.gain) & (of.gain > limits.min_gain))
    if not len(action):
        return 0.0
    rows = [(customer == one).astype(float) for one in range(of.customers)]
    most: list[float] = [1.0] * of.customers
    if limits.customers is not None:
        rows, most = [*rows, np.ones(len(action))], [*most, float(limits.customers)]
    for channel, limit in limits.contacts.items():
        rows, most = [*rows, np.array([of.channels[one] == channel for one in action], float)], [*most, float(limit)]
    if limits.offers is not None:
        rows, most = [*rows, of.offer_cost[action, customer]], [*most, limits.offers]
    answer = milp(
        -of.gain[action, customer],
        constraints=LinearConstraint(np.array(rows), ub=most),
        integrality=np.ones(len(action), dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
    )
    return -float(answer.fun)


def greedy_gain(of: Candidates, limits: Limits) -> float:
    """The gain of taking the highest gains first, as long as they fit."""
    taken: dict[int, int] = {}
    action, customer = np.nonzero(np.isfinite(of.gain))
    for place in np.argsort(-of.gain[action, customer], kind="stable"):
        trial = {int(customer[place]): int(action[place]), **taken}
        if len(trial) > len(taken) and is_feasible(chosen_of(of, as_tuple(trial, of)), limits):
            taken = trial
    return sum(float(of.gain[action][customer]) for customer, action in taken.items())


def as_tuple(taken: dict[int, int], of: Candidates) -> tuple[int, ...]:
    return tuple(taken.get(customer, -1) for customer in range(of.customers))


@pytest.mark.parametrize("block", range(8))
def test_small_campaigns_earn_what_an_integer_program_finds_and_never_less_than_greedy(block: int) -> None:
    for seed in range(25 * block, 25 * (block + 1)):
        of, limits = a_random_case(seed)

        allocated = HighsAllocator().allocate(of, limits)

        assert is_feasible(chosen_of(of, tuple(allocated.action)), limits), seed
        best = best_possible(of, limits)
        assert best * 0.995 <= allocated.gain <= best + 1e-6, seed
        assert allocated.gain >= greedy_gain(of, limits) - 1e-9, seed
        assert allocated.bound >= best - 1e-6, seed


@pytest.mark.parametrize("seed", range(6))
def test_large_campaigns_come_within_a_thousandth_of_the_bound(seed: int) -> None:
    of, limits = a_random_case(seed, customers=20_000)

    allocated = HighsAllocator().allocate(of, limits)

    assert is_feasible(chosen_of(of, tuple(allocated.action)), limits)
    assert gap(allocated.gain, allocated.bound) <= 0.001


def test_the_worth_of_one_more_contact_is_what_the_next_customer_would_earn() -> None:
    gain = np.linspace(1.0, 10.0, 19)[None, :]  # 1.0, 1.5, … 10.0
    of = Candidates(19, gain, np.ones_like(gain), ("phone",))

    allocated = HighsAllocator().allocate(of, Limits(contacts={"phone": 4}))

    assert allocated.gain == pytest.approx(10.0 + 9.5 + 9.0 + 8.5)
    assert 8.0 <= allocated.worth.contact["phone"] <= 8.5
    assert allocated.worth.offer == allocated.worth.customer == 0.0


def test_many_equal_customers_fill_the_places_to_the_last() -> None:
    gain = np.full((2, 5_000), 7.0)
    of = Candidates(5_000, gain, np.full_like(gain, 3.0), ("phone", "sms"))

    allocated = HighsAllocator().allocate(
        of, Limits(customers=900, contacts={"phone": 400, "sms": 450}, offers=2_400.0)
    )

    assert allocated.gain == pytest.approx(800 * 7.0)
    assert allocated.bound == pytest.approx(800 * 7.0, rel=1e-3)
