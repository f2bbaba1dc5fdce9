"""Recommendations for one scored customer, with the details that the customer page shows."""

from __future__ import annotations

from application.ports.results import ScoredCustomer
from domain.formats import Formats
from domain.playbook import Playbook
from domain.recommendation import Addressee, Economics, Recommendation, leave_alone, price_action, ranked_actions
from domain.schema import CustomerSchema


def ranked_for(
    scored: ScoredCustomer, playbook: Playbook, schema: CustomerSchema, economics: Economics, formats: Formats
) -> tuple[Recommendation, ...]:
    """Every action that can be offered to this customer, best first."""
    return ranked_actions(
        playbook,
        probability=scored.prediction.probability,
        raising=scored.prediction.raises,
        attributes=scored.customer.attributes,
        schema=schema,
        monthly_revenue=scored.monthly_revenue,
        economics=economics,
        formats=formats,
    )


def recommendation_of(
    scored: ScoredCustomer, playbook: Playbook, schema: CustomerSchema, economics: Economics, formats: Formats
) -> Recommendation:
    """The recommendation that the run stored for this customer, with its costs and message."""
    action = playbook.action(scored.action_id)
    if action is None:
        return leave_alone()
    customer = Addressee(scored.customer.attributes, schema, scored.monthly_revenue)
    return price_action(
        action, customer, probability=scored.prediction.probability, economics=economics, formats=formats
    )
