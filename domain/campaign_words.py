"""What a campaign's plan means, in sentences."""

from __future__ import annotations

import math

from domain.allocation import GAP_IN_WORDS
from domain.campaign import CampaignPlan, CampaignRequest
from domain.effect import MIN_GROUP, members_needed
from domain.formats import Formats
from domain.playbook import Channel
from domain.wording import whole_money

SMALL_EFFECT = 0.05
"""Effect for which a plan names the size of groups that would notice it."""
MORE_MONEY = 100.0
WORTH_SAYING = 0.01
"""Worth of one more unit from which a limit is said to hold the campaign back, in the installation's currency."""


def power_sentence(plan: CampaignPlan, formats: Formats) -> str:
    """What the groups can show, and what a smaller effect would need."""
    if not plan.control:
        return "Without a control group nobody can tell whether the campaign kept anybody."
    if not plan.contacted or not 0.0 < plan.churn < 1.0:
        return "Nobody would be contacted, so there is nothing to measure."
    contacted, control = formats.number(plan.contacted), formats.number(plan.control)
    groups = f"With {contacted} contacted and {control} left alone"
    if min(plan.contacted, plan.control) < MIN_GROUP:
        return f"{groups} nobody will be able to say whether it worked: it takes {MIN_GROUP} of each. {_advice(plan)}"
    begin = f"{groups} you will notice "
    each = members_needed(SMALL_EFFECT, plan.churn)
    text = begin + f"an effect of {_points(plan.noticeable, formats)} or more, 8 times in 10"
    if plan.noticeable <= SMALL_EFFECT:
        return text + "."
    return text + f"; for {_points(SMALL_EFFECT, formats)} it takes {formats.number(each)} of each."


def _advice(plan: CampaignPlan) -> str:
    """How the groups get large enough to be compared."""
    if plan.members < 2 * MIN_GROUP:
        return f"Choose at least {2 * MIN_GROUP} members, and leave half of them alone."
    if plan.contacted < MIN_GROUP:
        return "Leave fewer alone."
    return f"Leave {math.ceil(100 * MIN_GROUP / plan.members)}% of the members alone."


def worth_sentences(plan: CampaignPlan, request: CampaignRequest, formats: Formats) -> tuple[str, ...]:
    """What a little more of each limit that holds the campaign back would earn at most.

    A limit's price is what its next unit earns at most, and every further unit earns no more than the one before, so
    that no larger number may be multiplied by it. A further member earns only if it is contacted.
    """
    sentences = []
    for channel in Channel:
        each = plan.worth.contact.get(channel.value, 0.0)
        if channel.value in request.limits.contacts and each >= WORTH_SAYING:
            sentences.append(_next(f"contact by {_by(channel)}", each, formats))
    if request.limits.offers is not None and plan.worth.offer >= WORTH_SAYING / MORE_MONEY:
        earns = whole_money(plan.worth.offer * MORE_MONEY, formats)
        sentences.append(
            f"The next {whole_money(MORE_MONEY, formats)} of the budget for offers would earn at most about {earns}."
        )
    each = plan.worth.customer * (1.0 - request.control_share)
    if request.limits.customers is not None and each >= WORTH_SAYING:
        sentences.append(_next("member", each, formats))
    return tuple(sentences)


def _next(unit: str, each: float, formats: Formats) -> str:
    return f"The next {unit} would earn at most about {formats.money(each)}, and each further one no more than that."


def groups_sentence(members: int | None, control_share: float, formats: Formats) -> str:
    """How many of so many members are contacted and left alone. The draw rounds the share up or down."""
    if members is None:
        return "Without a number, everybody who is expected to earn enough becomes a member."
    exact = members * control_share
    fewest, most = math.floor(exact + 1e-9), math.ceil(exact - 1e-9)
    alone = formats.number(fewest) if fewest == most else f"{formats.number(fewest)} or {formats.number(most)}"
    contacted = (
        formats.number(members - fewest)
        if fewest == most
        else f"{formats.number(members - most)} or {formats.number(members - fewest)}"
    )
    return f"Of {formats.number(members)}, {contacted} contacted and {alone} left alone to compare."


def gap_sentence(plan: CampaignPlan, formats: Formats) -> str:
    """How close the choice comes to the best one."""
    if plan.gap < GAP_IN_WORDS:
        return "No other choice within these limits can be expected to earn noticeably more."
    return f"The best choice within these limits could earn at most {formats.percent(plan.gap)} more."


def _by(channel: Channel) -> str:
    return channel.words if channel is Channel.SMS else channel.words.lower()


def _points(share: float, formats: Formats) -> str:
    points = formats.number(share * 100, decimals=1, min_decimals=0)
    return f"{points} point" if points == "1" else f"{points} points"
