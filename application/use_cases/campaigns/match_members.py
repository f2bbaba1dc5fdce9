"""What a later state of the customers says about a campaign's members. Contacted and controls are treated alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.follow_up import FollowUp
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.store_outcomes import Membership
from domain.campaign import Campaign
from domain.campaign_members import Outcome
from domain.campaign_outcomes import EMPTY, OutcomeCheck, Recorded, changes_of, outcome_in_later_file
from domain.errors import InvalidInput, ResultMissing, RunNotFound
from domain.run import Run, RunId


@dataclass(frozen=True, slots=True)
class MemberMatch:
    """The figures that are shown, and the outcomes by member number."""

    check: OutcomeCheck
    outcomes: dict[int, Recorded]


def base_of(uow: UnitOfWork, campaign: Campaign) -> Run | None:
    """The prediction of the campaign; None if it was deleted."""
    try:
        return uow.runs.get(RunId(campaign.run_id))
    except RunNotFound:
        return None


def matched_members(
    members: Membership, before: RunId | None, follow: Callable[[RunId | None], FollowUp], *, truth_column: str = ""
) -> MemberMatch:
    """`follow` looks for the members, with the customers of the prediction `before` as the base.

    Without that prediction, or without its files, the members are the base. Raises InvalidInput without members.
    """
    if not members.numbers:
        raise InvalidInput(EMPTY)
    try:
        found = follow(before)
    except ResultMissing as error:
        if before is None or error.run_id != before:
            raise
        before, found = None, follow(None)
    outcomes = _outcomes(members, found)
    check = _check(members, found, outcomes, of_members=before is None, truth_column=truth_column)
    return MemberMatch(check, outcomes)


def _outcomes(members: Membership, found: FollowUp) -> dict[int, Recorded]:
    return {
        number: (outcome_in_later_file(present=customer in found.present, marked=customer in found.marked), None)
        for customer, number in members.numbers.items()
    }


def _check(
    members: Membership, found: FollowUp, outcomes: dict[int, Recorded], *, of_members: bool, truth_column: str
) -> OutcomeCheck:
    changes = changes_of(members.recorded, outcomes)
    return OutcomeCheck(
        customers=found.customers,
        found=found.found,
        of_members=of_members,
        members=len(members.numbers),
        present=len(found.present),
        marked=len(found.marked),
        missing=len(members.numbers) - len(found.present | found.marked),
        left=sum(outcome is Outcome.LEFT for outcome, _ in outcomes.values()),
        unsaid=len(found.unsaid),
        has_truth=found.has_truth,
        new=changes.first,
        changed=changes.corrected,
        truth_column=truth_column,
    )
