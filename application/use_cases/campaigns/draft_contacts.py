"""The first customers whom a draft would contact, with what the prediction knows of them."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.results import ResultStore, ScoredCustomer
from application.use_cases.campaigns.read_campaigns import CampaignView
from domain.campaign import PlannedContact


@dataclass(frozen=True, slots=True)
class DraftContact:
    customer: ScoredCustomer
    planned: PlannedContact


@dataclass(frozen=True, slots=True)
class ReadDraftContacts:
    results: ResultStore

    def __call__(self, view: CampaignView) -> tuple[DraftContact, ...]:
        """By falling gain. Empty without a plan, or where the account does not see the prediction."""
        plan, run = view.campaign.plan, view.run
        if plan is None or run is None or not plan.first:
            return ()
        rows = [one.row for one in plan.first]
        found = self.results.chosen(run.id, rows, threshold=run.threshold, bands=view.policy.bands)
        by_row = {one.customer.row: one for one in found}
        return tuple(DraftContact(by_row[one.row], one) for one in plan.first if one.row in by_row)
