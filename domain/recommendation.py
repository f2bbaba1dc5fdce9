"""Recommended action for a customer, and its expected gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from domain.arithmetic import Amount, Answer, Comparable, Other
from domain.customer import Value
from domain.formats import Formats
from domain.message import Bill, bill_named, column_named, fill, names_in
from domain.playbook import Action, Playbook
from domain.prediction import Reason
from domain.schema import CustomerSchema
from domain.wording import known_words, money

LEAVE_ALONE = "leave-alone"
LEAVE_ALONE_GAIN = 0.0
"""Gain of leaving a customer alone. It comes before all actions of a playbook."""


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

    def value_of(self, monthly_revenue: Amount) -> Amount:
        """Value of a customer with this monthly revenue, or of each of a column of them."""
        return monthly_revenue * self.margin * self.value_months


@dataclass(frozen=True, slots=True)
class Addressee:
    """What is known of a customer who gets an offer. `monthly_revenue` is None where it is unknown."""

    attributes: Mapping[str, Value]
    schema: CustomerSchema
    monthly_revenue: float | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What to say to a customer, and what the offer and the contact cost."""

    message: str
    offer_cost: float
    contact_cost: float


NO_OFFER = Offer("", 0.0, 0.0)
"""Of a customer to leave alone: there is nothing to say."""


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

    @property
    def worth_contacting(self) -> bool:
        return is_worth_contacting(self.expected_gain)


def expected_gain(
    probability: Amount, *, value: Amount, save_rate: float, offer_cost: Amount, contact_cost: float
) -> Amount:
    """Expected gain of offering an action: p·[γ(V−d) − f] − (1−p)·(d+f), in the installation's currency.

    A leaver is kept with probability γ and then costs the offer; a stayer takes the offer for nothing; contact is
    paid for both. For columns: the gain of each row.
    Verbeke et al., EJOR 218(1), 2012; Verbraken, Verbeke & Baesens, IEEE TKDE 25(5), 2013.
    """
    kept = save_rate * (value - offer_cost) - contact_cost
    return probability * kept - (1.0 - probability) * (offer_cost + contact_cost)


@dataclass(frozen=True, slots=True)
class GainParts:
    """An expected gain, taken apart. The two parts add up to it.

    `of_leavers` = p·[γ(V−d) − f]: the value of the leavers who are kept, less the costs.
    `of_stayers` = −(1−p)·(d+f): the cost of offer and contact for those who stay anyway, never positive.
    """

    of_leavers: float
    of_stayers: float


def gain_parts(probability: float, recommendation: Recommendation) -> GainParts:
    """The expected gain of a recommendation for a customer with this churn probability, taken apart.

    A gain for certain leavers and for certain stayers, each weighted with its probability.
    """

    def gain_if(churns: float) -> float:
        return expected_gain(
            churns,
            value=recommendation.value,
            save_rate=recommendation.save_rate,
            offer_cost=recommendation.offer_cost,
            contact_cost=recommendation.contact_cost,
        )

    return GainParts(probability * gain_if(1.0), (1.0 - probability) * gain_if(0.0))


def is_preferred(gain: Comparable[Other, Answer], over: Other) -> Answer:
    """Whether an action is taken instead of the best one before it; for columns, in which rows.

    Only a higher expected gain counts: ties go to the action that is listed first, and an action that earns nothing to
    leaving the customer alone (`LEAVE_ALONE_GAIN`).
    """
    return gain > over


def is_worth_contacting(gain: Comparable[float, Answer]) -> Answer:
    """Whether to contact a customer whose best action has this expected gain; for columns, in which rows.

    This is a decision about money. It does not depend on the label "likely to leave".
    """
    return is_preferred(gain, LEAVE_ALONE_GAIN)


def leave_alone(value: float = 0.0) -> Recommendation:
    """No action earns anything."""
    return Recommendation(LEAVE_ALONE, "Leave alone", "No action is expected to earn anything.", value, 0, 0, 0, 0)


def ranked_actions(
    playbook: Playbook,
    *,
    probability: float,
    raising: Sequence[Reason],
    attributes: Mapping[str, Value],
    schema: CustomerSchema,
    monthly_revenue: float | None,
    economics: Economics,
    formats: Formats,
) -> tuple[Recommendation, ...]:
    """Every action that answers a raising reason and may be offered, best expected gain first (ties: as listed)."""
    customer = Addressee(attributes, schema, monthly_revenue)
    ranked = [
        price_action(action, customer, probability=probability, economics=economics, formats=formats)
        for action in playbook.actions
        if any(action.answers_reason(reason, schema) for reason in raising)
        and action.may_be_offered(attributes, schema)
    ]
    return tuple(sorted(ranked, key=lambda recommendation: -recommendation.expected_gain))


def price_action(
    action: Action, customer: Addressee, *, probability: float, economics: Economics, formats: Formats
) -> Recommendation:
    """What offering this action to a customer costs and is expected to earn. `formats` writes the message's values."""
    revenue = customer.monthly_revenue
    value = economics.customer_value if revenue is None else economics.value_of(revenue)
    offer = offer_of(action, customer, formats)
    cost, contact = offer.offer_cost, offer.contact_cost
    gain = expected_gain(probability, value=value, save_rate=action.save_rate, offer_cost=cost, contact_cost=contact)
    return Recommendation(action.id, action.name, offer.message, value, cost, contact, action.save_rate, gain)


def offer_of(action: Action, customer: Addressee, formats: Formats) -> Offer:
    """The action for this customer, with the message filled in."""
    return Offer(
        message_to(action, customer, formats),
        action.offer_cost(customer.monthly_revenue or 0.0),
        action.contact_cost,
    )


def message_to(action: Action, customer: Addressee, formats: Formats) -> str:
    """The action's message with the customer's values: amounts as "$75.00" or "¥7,500", "Yes", "3 months".

    Sentences that name something that is not known of the customer are left out.
    """
    return fill(action.message, words_for(action, customer, formats))


def words_for(action: Action, customer: Addressee, formats: Formats) -> dict[str, str | None]:
    """What to write for each name in the action's message; None where it is not known of the customer."""
    return {name: _words(name, action, customer, formats) for name in names_in(action.message)}


def _words(name: str, action: Action, customer: Addressee, formats: Formats) -> str | None:
    bill, revenue = bill_named(name), customer.monthly_revenue
    if bill is not None:
        reduced = action.reduced_bill(revenue) if revenue is not None and bill is Bill.REDUCED else revenue
        return bill_words(reduced, formats)
    column = column_named(name, customer.schema)
    if column is None:
        return None
    return known_words(column, customer.attributes.get(column), customer.schema, formats)


def bill_words(amount: float | None, formats: Formats) -> str | None:
    """A bill in a message; None if it is unknown."""
    return money(amount, formats) if amount is not None and isfinite(amount) else None
