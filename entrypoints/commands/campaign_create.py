"""`netone campaign create`: choose whom to contact within limits, and start the campaign if asked to."""

from __future__ import annotations

import click

from application.queries import CustomerQuery
from domain.allocation import Limits
from domain.campaign import CONTROL_SHARE, Campaign, CampaignPlan, CampaignRequest
from domain.campaign_choice import MAX_MEMBERS
from domain.campaign_words import gap_sentence, power_sentence
from domain.playbook import Channel
from domain.run import RunId
from entrypoints.commands.campaign_tasks import do_latest_task
from entrypoints.commands.console import JSON, Context, fail, say, show_json


class Percentage(click.ParamType[float]):
    """A percentage such as 10% or 12.5, as a share from 0 to 1."""

    name = "percent"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            percent = float(value.strip().removesuffix("%"))
        except ValueError:
            percent = -1.0
        if not 0.0 <= percent <= 100.0:
            self.fail(f"{value!r} is not a percentage such as 10%.", param, ctx)
        return percent / 100.0


def _capacities(_context: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    capacities = {}
    for text in values:
        channel, _, most = text.partition("=")
        if channel.strip() not in set(Channel) or not most.strip().isdecimal():
            known = ", ".join(Channel)
            raise click.BadParameter(f"{text!r} is not CHANNEL=NUMBER, such as phone=100. Channels are {known}.")
        capacities[channel.strip()] = int(most)
    return capacities


@click.command("create")
@click.argument("run_id", metavar="RUN")
@click.option("--name", required=True, help="The campaign's name.")
@click.option("--members", type=click.IntRange(1, MAX_MEMBERS), help="Members at most, contacted and left alone.")
@click.option("--budget", type=click.FloatRange(min=0.0), help="What the offers may cost, if all are accepted.")
@click.option("--min-gain", type=click.FloatRange(min=0.0), default=0.0, help="Least expected gain of each customer.")
@click.option(
    "--capacity",
    "capacities",
    multiple=True,
    metavar="CHANNEL=NUMBER",
    callback=_capacities,
    help="Contacts that a channel can make, such as phone=100. May be repeated.",
)
@click.option(
    "--control",
    type=Percentage(),
    default=CONTROL_SHARE,
    metavar="PERCENT",
    help="Members who are left alone at random; 10% if left out.",
)
@click.option(
    "--second",
    type=Percentage(),
    default=0.0,
    metavar="PERCENT",
    help="Contacted who get the second-best offer, to compare two offers.",
)
@click.option("--start", is_flag=True, help="Start the campaign at once.")
@JSON
@click.pass_obj
def create_campaign(
    obj: Context,
    run_id: str,
    name: str,
    members: int | None,
    budget: float | None,
    min_gain: float,
    capacities: dict[str, int],
    control: float,
    second: float,
    start: bool,
    as_json: bool,
) -> None:
    """Make a campaign from a prediction: the customers who are expected to earn most within the limits."""
    campaigns, by = obj.application.campaigns, obj.operator
    run = obj.application.predictions.view_run(RunId(run_id), by=by.account).run
    request = CampaignRequest(
        CustomerQuery(run.threshold),
        Limits(customers=members, contacts=capacities, offers=budget, min_gain=min_gain),
        control_share=control,
        second_share=second,
    )
    draft = campaigns.draft_campaign(run.id, request, name=name, by=by)
    do_latest_task(obj, draft.id, "Choosing the customers")
    planned = campaigns.open_campaign(draft.id, by=by.account).campaign
    if start:
        campaigns.draft_campaign.start(draft.id, based_on=planned.version, by=by)
        do_latest_task(obj, draft.id, "Starting the campaign")
        planned = campaigns.open_campaign(draft.id, by=by.account).campaign
    _report(obj, planned, as_json=as_json)


def _report(obj: Context, campaign: Campaign, *, as_json: bool) -> None:
    plan = campaign.plan
    if plan is None:
        fail("The campaign could not be planned.")
    if as_json:
        show_json(_document(campaign, plan))
        return
    formats = obj.application.formats_of(
        obj.application.campaigns.open_campaign(campaign.id, by=obj.operator.account).policy.currency
    )
    contacted, control = formats.number(plan.contacted), formats.number(plan.control)
    state = "was started" if campaign.started_at else "is planned"
    click.echo(campaign.id)
    say(
        f"“{campaign.name}” {state}: {contacted} customers to contact, {control} left alone at random. "
        f"Expected gain: {formats.whole_money(plan.expected_gain)}."
    )
    for action in plan.actions:
        say(f"  {formats.number(action.contacted):>9}  {action.channel:<6} {action.name}")
    for reason, count in plan.excluded:
        say(f"  {formats.number(count):>9}  left out: {reason.words}")
    for sentence in (power_sentence(plan, formats), gap_sentence(plan, formats)):
        if sentence:
            say(sentence)


def _document(campaign: Campaign, plan: CampaignPlan) -> dict[str, object]:
    return {
        "campaign": campaign.id,
        "name": campaign.name,
        "state": campaign.state.value,
        "run": campaign.run_id,
        "matching": plan.matching,
        "contacted": plan.contacted,
        "control": plan.control,
        "second": plan.second,
        "expected_gain": plan.expected_gain,
        "offer_cost": plan.offer_cost,
        "contact_cost": plan.contact_cost,
        "gap": plan.gap,
        "noticeable_effect": plan.noticeable if plan.contacted and plan.control else None,
        "left_out": {reason.value: count for reason, count in plan.excluded},
        "actions": [
            {
                "id": action.action_id,
                "name": action.name,
                "channel": action.channel,
                "contacted": action.contacted,
                "control": action.control,
                "expected_gain": action.gain,
            }
            for action in plan.actions
        ],
    }
