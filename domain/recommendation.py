"""What to do about a customer, and what it is expected to earn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain.customer import Value
from domain.likeness import normalise
from domain.prediction import Reason

ANY_ATTRIBUTE = "*"
LEAVE_ALONE = "leave-alone"


class Test(StrEnum):
    """How a condition looks at a value."""

    __test__ = False  # a pytest run must not take the name for a test case

    ANY = "any"
    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on one attribute. `attributes` are the names under which telecoms keep it, compared normalised.

    `levels` are compared case- and space-insensitively; `limit` is in the attribute's own unit.
    A missing value, or an attribute that the file does not have, fulfils no condition.
    """

    attributes: tuple[str, ...]
    test: Test = Test.ANY
    levels: tuple[str, ...] = ()
    limit: float | None = None

    def speaks_of(self, attribute: str) -> bool:
        """Whether the condition is about this attribute."""
        names = _normalised(self.attributes)
        return ANY_ATTRIBUTE in self.attributes or normalise(attribute) in names

    def holds_for_level(self, level: str) -> bool:
        """Whether a text value fulfils it; asked once per distinct level in bulk."""
        if self.test is Test.ANY:
            return True
        if self.test is Test.IS:
            return normalise(level) in _normalised(self.levels)
        if self.test is Test.IS_NOT:
            return normalise(level) not in _normalised(self.levels)
        return False

    def holds_for_number(self, number: float) -> bool:
        """Whether a number fulfils it. Plain comparisons: works on a float and on an array alike."""
        if self.test is Test.ANY:
            return number == number  # a missing number (NaN) is the only one unlike itself
        if self.limit is None:
            return number != number
        if self.test is Test.AT_LEAST:
            return number >= self.limit
        if self.test is Test.AT_MOST:
            return number <= self.limit
        return number != number

    def holds(self, value: Value) -> bool:
        """Whether one customer's value fulfils it."""
        if value is None:
            return False
        if isinstance(value, bool):
            return self.holds_for_level("Yes" if value else "No")
        if isinstance(value, str):
            return self.holds_for_level(value)
        return bool(self.holds_for_number(value))


@dataclass(frozen=True, slots=True)
class Action:
    """A retention action.

    It answers a reason when one of `answers` speaks of the reason's attribute and holds for its value; it may be
    offered when all of `requires` hold. Costs in the installation's currency: the offer costs `offer_fixed` plus
    `offer_months` × the customer's monthly revenue × `offer_share`; `contact_cost` is spent on everyone contacted.
    `save_rate` is the share of leavers whom the offer keeps, assumed until measured.
    """

    id: str
    name: str
    message: str
    answers: tuple[Condition, ...]
    requires: tuple[Condition, ...] = ()
    offer_fixed: float = 0.0
    offer_share: float = 0.0
    offer_months: float = 0.0
    contact_cost: float = 1.0
    save_rate: float = 0.30
    save_rate_measured: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.save_rate <= 1.0:
            raise ValueError(f"a save rate lies in [0, 1], not {self.save_rate}")
        if min(self.offer_fixed, self.offer_share, self.offer_months, self.contact_cost) < 0.0:
            raise ValueError("costs are not negative")
        if not self.answers:
            raise ValueError("an action answers at least one reason")

    def offer_cost(self, monthly_revenue: float) -> float:
        """Cost of the offer for one customer. Works on a float and on an array alike."""
        return self.offer_fixed + self.offer_share * self.offer_months * monthly_revenue

    def answers_reason(self, reason: Reason) -> bool:
        return any(c.speaks_of(reason.attribute) and c.holds(reason.value) for c in self.answers)

    def may_be_offered(self, attributes: Mapping[str, Value]) -> bool:
        return all(_holds_somewhere(condition, attributes) for condition in self.requires)


@dataclass(frozen=True, slots=True)
class Playbook:
    """The retention actions in force from a moment on; a run remembers the version it used."""

    version: int
    actions: tuple[Action, ...]

    def __post_init__(self) -> None:
        if len({action.id for action in self.actions}) != len(self.actions):
            raise ValueError("each action of a playbook has an id of its own")

    def action(self, action_id: str) -> Action | None:
        return next((action for action in self.actions if action.id == action_id), None)


@dataclass(frozen=True, slots=True)
class Economics:
    """What a customer is worth and what retention costs, where neither file nor action says otherwise.

    With a monthly revenue R, a customer's value is R × `margin` × `value_months`; else `customer_value`.
    """

    customer_value: float = 200.0
    margin: float = 0.5
    value_months: float = 12.0
    offer_cost: float = 10.0
    contact_cost: float = 1.0
    save_rate: float = 0.30

    def __post_init__(self) -> None:
        if self.customer_value <= 0 or self.value_months <= 0 or not 0 < self.margin <= 1:
            raise ValueError("a customer's value, its months and its margin are positive (margin at most 1)")
        if self.offer_cost < 0 or self.contact_cost < 0 or not 0 <= self.save_rate <= 1:
            raise ValueError("costs are not negative and a save rate lies in [0, 1]")

    def value_of(self, monthly_revenue: float) -> float:
        """Value of a customer with this monthly revenue. Works on a float and on an array alike."""
        return monthly_revenue * self.margin * self.value_months


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The action for one customer, what the offer and the contact cost, and what it is expected to earn."""

    action_id: str
    name: str
    message: str
    value: float
    offer_cost: float
    contact_cost: float
    save_rate: float
    expected_gain: float

    @property
    def leave_alone(self) -> bool:
        return self.action_id == LEAVE_ALONE


def expected_gain(
    probability: float, *, value: float, save_rate: float, offer_cost: float, contact_cost: float
) -> float:
    """Expected gain of offering an action: p·[γ(V−d) − f] − (1−p)·(d+f), in the installation's currency.

    A leaver is kept with probability γ and then costs the offer; a stayer takes the offer for nothing; contact is
    paid for both. Works on floats and on arrays alike.
    Verbeke et al., EJOR 218(1), 2012; Verbraken, Verbeke & Baesens, IEEE TKDE 25(5), 2013.
    """
    kept = save_rate * (value - offer_cost) - contact_cost
    return probability * kept - (1.0 - probability) * (offer_cost + contact_cost)


def leave_alone(value: float = 0.0) -> Recommendation:
    """No action earns anything."""
    return Recommendation(LEAVE_ALONE, "Leave alone", "No action is expected to earn anything.", value, 0, 0, 0, 0)


def ranked_actions(
    playbook: Playbook,
    *,
    probability: float,
    raising: Sequence[Reason],
    attributes: Mapping[str, Value],
    monthly_revenue: float | None,
    economics: Economics,
) -> tuple[Recommendation, ...]:
    """Every action that answers a raising reason and may be offered, best expected gain first (ties: as listed)."""
    ranked = [
        offered(action, probability=probability, monthly_revenue=monthly_revenue, economics=economics)
        for action in playbook.actions
        if any(action.answers_reason(reason) for reason in raising) and action.may_be_offered(attributes)
    ]
    return tuple(sorted(ranked, key=lambda recommendation: -recommendation.expected_gain))


def offered(
    action: Action, *, probability: float, monthly_revenue: float | None, economics: Economics
) -> Recommendation:
    """What offering this action to a customer costs and is expected to earn."""
    value = economics.customer_value if monthly_revenue is None else economics.value_of(monthly_revenue)
    offer = action.offer_cost(monthly_revenue or 0.0)
    gain = expected_gain(
        probability, value=value, save_rate=action.save_rate, offer_cost=offer, contact_cost=action.contact_cost
    )
    message = worded(action.message, monthly_revenue=monthly_revenue, offer_share=action.offer_share)
    return Recommendation(action.id, action.name, message, value, offer, action.contact_cost, action.save_rate, gain)


def recommend(
    playbook: Playbook,
    *,
    probability: float,
    raising: Sequence[Reason],
    attributes: Mapping[str, Value],
    monthly_revenue: float | None,
    economics: Economics,
) -> Recommendation:
    """The action with the highest expected gain, or "leave alone" when none earns anything."""
    ranked = ranked_actions(
        playbook,
        probability=probability,
        raising=raising,
        attributes=attributes,
        monthly_revenue=monthly_revenue,
        economics=economics,
    )
    return ranked[0] if ranked and ranked[0].expected_gain > 0.0 else leave_alone()


def worded(message: str, *, monthly_revenue: float | None, offer_share: float) -> str:
    """The message with {bill} and {reduced_bill} filled in; the sentence that needs an unknown bill is left out."""
    if "{" not in message:
        return message
    if monthly_revenue is None:
        return " ".join(part for part in message.split("|") if "{" not in part).strip()
    reduced = monthly_revenue * (1.0 - offer_share)
    filled = message.replace("{bill}", f"{monthly_revenue:,.2f}").replace("{reduced_bill}", f"{reduced:,.2f}")
    return filled.replace("|", " ").strip()


@lru_cache(maxsize=1024)
def _normalised(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalise(name) for name in names)


def _holds_somewhere(condition: Condition, attributes: Mapping[str, Value]) -> bool:
    return any(condition.speaks_of(name) and condition.holds(value) for name, value in attributes.items())
