"""The playbook: the retention actions, which reasons each answers, when it may be offered, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from math import inf

from domain.arithmetic import Amount, Answer, Ordered
from domain.customer import Value
from domain.effect import PRIOR_CUSTOMERS
from domain.message import names_in
from domain.prediction import Reason
from domain.schema import CustomerSchema
from domain.vocabulary.spelling import normalise

ANY_ATTRIBUTE = "*"
FIRST_PLAYBOOK = 1
"""The version that an installation begins with; the one of runs that store none."""


PAUSE_DAYS = 90
"""Days between two contacts of a customer, where an action says nothing else."""
MAX_PAUSE_DAYS = 3_650


class Channel(StrEnum):
    """How a customer is contacted. A campaign's capacity is set per channel."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    APP = "app"
    LETTER = "letter"
    SHOP = "shop"

    @property
    def words(self) -> str:
        return {Channel.SMS: "SMS", Channel.EMAIL: "E-mail"}.get(self, self.value.capitalize())


class Comparison(StrEnum):
    """How a condition compares a value."""

    __test__ = False  # pytest must not collect the class as a test case

    ANY = "any"
    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on one attribute. `attributes` are the names under which telecoms keep it, compared normalised.

    `levels` are compared case- and space-insensitively. `limit` is in months where the attribute is a tenure, and in
    the attribute's own unit otherwise.
    A missing value, or an attribute that the file does not have, fulfils no condition.
    """

    attributes: tuple[str, ...]
    test: Comparison = Comparison.ANY
    levels: tuple[str, ...] = ()
    limit: float | None = None

    def names(self, attribute: str) -> bool:
        """Whether the condition has this attribute among its names."""
        return normalise(attribute) in _normalised(self.attributes)

    def speaks_of(self, attribute: str) -> bool:
        """Whether the condition is about this attribute, by its name or because it is about any."""
        return ANY_ATTRIBUTE in self.attributes or self.names(attribute)

    def holds_for_level(self, level: str) -> bool:
        """Whether a text value fulfils it; asked once per distinct level in bulk."""
        if self.test is Comparison.ANY:
            return True
        if self.test is Comparison.IS:
            return normalise(level) in _normalised(self.levels)
        if self.test is Comparison.IS_NOT:
            return normalise(level) not in _normalised(self.levels)
        return False

    def holds_for_number(self, number: Ordered[Answer]) -> Answer:
        """Whether a number fulfils it, or for a column of numbers, which rows do. A missing number (NaN) never does."""
        if self.test is Comparison.ANY:
            return number >= -inf  # every number but NaN
        if self.limit is None:
            return number < -inf  # no number
        if self.test is Comparison.AT_LEAST:
            return number >= self.limit
        if self.test is Comparison.AT_MOST:
            return number <= self.limit
        return number < -inf  # no number

    def comparable(self, number: Amount, months_each: float) -> Amount:
        """The number in the unit of the limit. `months_each` is that of `CustomerSchema.months_each`.

        A tenure without a known unit becomes NaN, so no limit holds for it.
        """
        return number if self.limit is None or months_each == 1.0 else number * months_each

    def holds(self, value: Value, *, months_each: float = 1.0) -> bool:
        """Whether one customer's value fulfils it."""
        if value is None:
            return False
        if isinstance(value, bool):
            return self.holds_for_level("Yes" if value else "No")
        if isinstance(value, str):
            return self.holds_for_level(value)
        return bool(self.holds_for_number(self.comparable(value, months_each)))


@dataclass(frozen=True, slots=True)
class Action:
    """A retention action.

    It answers a reason if one of `answers` is about the reason's attribute and holds for its value. It may be
    offered when all of `requires` hold. Costs in the installation's currency: the offer costs `offer_fixed` plus
    `offer_months` × the customer's monthly revenue × `offer_share`; `contact_cost` is spent on everyone contacted.
    `save_rate` is the share of leavers whom the offer keeps: assumed, or measured in the campaign `measured_in`.
    `save_rate_weight` is how many would-be leavers it rests on; an assumed rate is worth `PRIOR_CUSTOMERS` of them.
    An action is offered from `valid_from` to `valid_until` (both inclusive; None: no limit) while it is `switched_on`.
    A customer who was contacted with it is left in peace for `pause_days`. `confirmed`: people of the company have
    looked at it, rather than taken it over from the seeded playbook.
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
    save_rate_weight: float = PRIOR_CUSTOMERS
    channel: Channel = Channel.PHONE
    measured_in: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    pause_days: int = PAUSE_DAYS
    switched_on: bool = True
    confirmed: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.save_rate <= 1.0:
            raise ValueError(f"a save rate lies in [0, 1], not {self.save_rate}")
        if not self.save_rate_weight > 0.0:
            raise ValueError(f"a save rate rests on more than 0 customers, not {self.save_rate_weight}")
        if min(self.offer_fixed, self.offer_share, self.offer_months, self.contact_cost) < 0.0:
            raise ValueError("costs are not negative")
        if not self.answers:
            raise ValueError("an action answers at least one reason")
        if not 0 <= self.pause_days <= MAX_PAUSE_DAYS:
            raise ValueError(f"a pause lies between 0 and {MAX_PAUSE_DAYS} days, not {self.pause_days}")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("an action's last day is not before its first")

    def in_force(self, today: date) -> bool:
        """Whether it is offered on this day."""
        begun = self.valid_from is None or self.valid_from <= today
        ended = self.valid_until is not None and self.valid_until < today
        return self.switched_on and begun and not ended

    def same_but_confirmed(self, other: Action) -> bool:
        """Whether nothing differs, and the other one confirms nothing new."""
        return self.confirmed and replace(other, confirmed=True).with_rate_of(self) == self

    def with_rate_of(self, earlier: Action | None) -> Action:
        """With where the save rate comes from: where people enter another rate than was measured, it is assumed."""
        if earlier is None or earlier.save_rate != self.save_rate:
            return replace(self, save_rate_measured=False, save_rate_weight=PRIOR_CUSTOMERS, measured_in="")
        return replace(
            self,
            save_rate_measured=earlier.save_rate_measured,
            save_rate_weight=earlier.save_rate_weight,
            measured_in=earlier.measured_in,
        )

    def offer_cost(self, monthly_revenue: Amount) -> Amount:
        """Cost of the offer for a customer with this monthly revenue, or for each of a column of them."""
        return self.offer_fixed + self.offer_share * self.offer_months * monthly_revenue

    def reduced_bill(self, monthly_revenue: Amount) -> Amount:
        """The monthly bill less the offer's share, for one customer or for each of a column of them."""
        return monthly_revenue * (1.0 - self.offer_share)

    @property
    def cost_depends_on_bill(self) -> bool:
        """Whether the cost of its offer differs with a customer's monthly revenue."""
        return self.offer_share * self.offer_months > 0.0

    @property
    def depends_on_customer(self) -> bool:
        """Whether its message or the cost of its offer differs from customer to customer."""
        return bool(names_in(self.message)) or self.cost_depends_on_bill

    def answers_reason(self, reason: Reason, schema: CustomerSchema) -> bool:
        months_each = schema.months_each(reason.attribute)
        return any(
            own.speaks_of(reason.attribute) and own.holds(reason.value, months_each=months_each) for own in self.answers
        )

    def may_be_offered(self, attributes: Mapping[str, Value], schema: CustomerSchema) -> bool:
        return all(_holds_somewhere(condition, attributes, schema) for condition in self.requires)


@dataclass(frozen=True, slots=True)
class Playbook:
    """The retention actions in force from a moment on; a run remembers the version it used."""

    version: int
    actions: tuple[Action, ...]

    def __post_init__(self) -> None:
        if len({action.id for action in self.actions}) != len(self.actions):
            raise ValueError("the ids of a playbook's actions must differ")

    def action(self, action_id: str) -> Action | None:
        return next((action for action in self.actions if action.id == action_id), None)

    def in_force(self, today: date) -> Playbook:
        """The same version with only the actions that are offered on this day."""
        return replace(self, actions=tuple(action for action in self.actions if action.in_force(today)))

    def with_action(self, action: Action) -> Playbook:
        """The next version, with this action in place of the one with its id, or as the last one."""
        if self.action(action.id) is None:
            return Playbook(self.version + 1, (*self.actions, action))
        return Playbook(self.version + 1, tuple(action if own.id == action.id else own for own in self.actions))

    def without_action(self, action_id: str) -> Playbook:
        """The next version, without this action."""
        return Playbook(self.version + 1, tuple(own for own in self.actions if own.id != action_id))

    @property
    def unconfirmed(self) -> tuple[Action, ...]:
        """Actions that nobody of the company has confirmed or replaced."""
        return tuple(action for action in self.actions if not action.confirmed)


@lru_cache(maxsize=1024)
def _normalised(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalise(name) for name in names)


def _holds_somewhere(condition: Condition, attributes: Mapping[str, Value], schema: CustomerSchema) -> bool:
    return any(
        condition.speaks_of(name) and condition.holds(value, months_each=schema.months_each(name))
        for name, value in attributes.items()
    )
