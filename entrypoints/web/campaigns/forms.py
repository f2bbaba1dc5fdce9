"""The form of a campaign's request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DecimalField, Field, FieldList, Form, FormField, HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from domain.allocation import Limits
from domain.campaign import (
    CONTROL_SHARE,
    MAX_CAMPAIGN_NAME,
    MAX_CONTROL_SHARE,
    MAX_SECOND_SHARE,
    Campaign,
    CampaignRequest,
)
from domain.campaign_choice import MAX_MEMBERS
from domain.customer_query import CustomerQuery
from domain.playbook import Channel, Playbook

COUNT = "Enter a whole number of 0 or more."
AMOUNT = "Enter an amount of 0 or more."
TOO_MANY = "From 1 to 200,000 customers."


class ChannelForm(Form):
    """The capacity of one channel; empty: no limit."""

    channel = HiddenField()
    most = IntegerField("Contacts", [Optional(), NumberRange(0, 10_000_000, COUNT)])


class CampaignForm(FlaskForm):
    based_on = IntegerField(widget=HiddenInput())
    name = StringField("Name", [InputRequired("Name the campaign."), Length(max=MAX_CAMPAIGN_NAME)])
    customers = IntegerField("Members at most", [Optional(), NumberRange(1, MAX_MEMBERS, TOO_MANY)])
    offers = DecimalField("Budget for offers", [Optional(), NumberRange(0, 1e12, AMOUNT)], places=None)
    min_gain = DecimalField("Least expected gain", [Optional(), NumberRange(0, 1e9, AMOUNT)], places=None)
    control = DecimalField(
        "Left alone to compare, in percent",
        [InputRequired("Enter a percentage."), NumberRange(0, 100 * MAX_CONTROL_SHARE, "From 0 to 50%%.")],
        places=None,
    )
    second = DecimalField(
        "Second-best offer instead, in percent",
        [Optional(), NumberRange(0, 100 * MAX_SECOND_SHARE, "From 0 to 50%%.")],
        places=None,
    )
    channels = FieldList(FormField(ChannelForm), max_entries=len(Channel))

    def request(self, query: CustomerQuery) -> CampaignRequest:
        """The request of a valid form, for the customers of the query."""
        rows = {row.channel.data: row.most.data for row in self.channels if row.channel.data in set(Channel)}
        return CampaignRequest(
            query,
            Limits(
                customers=self.customers.data,
                contacts={channel: most for channel, most in rows.items() if most is not None},
                offers=None if self.offers.data is None else float(self.offers.data),
                min_gain=float(self.min_gain.data or 0),
            ),
            control_share=self.control_share,
            second_share=_share(self.second.data),
        )

    @property
    def has_groups(self) -> bool:
        """Whether the sizes of the groups are known: both fields are numbers within their limits."""
        members, percent = self.customers, self.control.data
        if members.process_errors or percent is None or not 0 <= percent <= 100 * MAX_CONTROL_SHARE:
            return False
        return members.data is None or 1 <= members.data <= MAX_MEMBERS

    @property
    def control_share(self) -> float:
        return _share(self.control.data)

    def is_of(self, campaign: Campaign) -> bool:
        """Whether the form says what the campaign was planned with."""
        if not self.validate():
            return False
        named = " ".join((self.name.data or "").split())
        return (named, self.request(campaign.request.query)) == (campaign.name, campaign.request)

    def label_channels(self) -> None:
        """Name each row after its channel. A row of no known channel is left out by `request`."""
        for row in self.channels:
            if row.channel.data in set(Channel):
                row.most.label.text = Channel(row.channel.data).words

    def fields_with_errors(self) -> list[Field]:
        fields = [self.name, self.customers, self.offers, self.min_gain, self.control, self.second]
        return [field for field in (*fields, *(row.most for row in self.rows())) if field.errors]

    def rows(self) -> Sequence[Any]:
        return [row for row in self.channels if row.channel.data in set(Channel)]


class PredictionForm(FlaskForm):
    """Choosing a later prediction, a plain field: its choices are those of the page."""


class OutcomeListForm(FlaskForm):
    file = FileField("File with outcomes")


def new_form(playbook: Playbook, name: str) -> dict[str, Any]:
    """The fields of a new campaign."""
    return shown(CampaignRequest(CustomerQuery(0.5), control_share=CONTROL_SHARE), playbook, name, 0)


def shown(request: CampaignRequest, playbook: Playbook, name: str, version: int) -> dict[str, Any]:
    """The fields of a stored request. Channels: those of the playbook, and those that have a limit."""
    limits = request.limits
    used = {action.channel.value for action in playbook.actions} | set(limits.contacts)
    return {
        "based_on": version,
        "name": name,
        "customers": limits.customers,
        "offers": _decimal(limits.offers),
        "min_gain": _decimal(limits.min_gain or None),
        "control": _percent(request.control_share),
        "second": _percent(request.second_share) if request.second_share else None,
        "channels": [
            {"channel": channel.value, "most": limits.contacts.get(channel.value)}
            for channel in Channel
            if channel.value in used
        ],
    }


def _share(percent: Decimal | None) -> float:
    return float(percent / 100) if percent is not None else 0.0


def _percent(share: float) -> Decimal:
    return _plain(Decimal(repr(share)) * 100)


def _decimal(amount: float | None) -> Decimal | None:
    return None if amount is None else _plain(Decimal(repr(amount)))


def _plain(number: Decimal) -> Decimal:
    """Without zeros at the end of the fraction: 10, not 10.0."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
