"""What to do about one scored customer, taken apart for the customer's page."""

from __future__ import annotations

from application.ports.results import ScoredCustomer
from domain.recommendation import Economics, Playbook, Recommendation, leave_alone, offered, ranked_actions


def ranked_for(scored: ScoredCustomer, playbook: Playbook, economics: Economics) -> tuple[Recommendation, ...]:
    """Every action that may be offered to this customer, best first."""
    return ranked_actions(
        playbook,
        probability=scored.prediction.probability,
        raising=scored.prediction.raises,
        attributes=scored.customer.attributes,
        monthly_revenue=scored.monthly_revenue,
        economics=economics,
    )


def recommendation_of(scored: ScoredCustomer, playbook: Playbook, economics: Economics) -> Recommendation:
    """The recommendation that the run stored for this customer, with its costs and message."""
    action = playbook.action(scored.action_id)
    if action is None:
        return leave_alone()
    return offered(
        action,
        probability=scored.prediction.probability,
        monthly_revenue=scored.monthly_revenue,
        economics=economics,
    )
