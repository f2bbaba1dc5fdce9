"""A running campaign with members whose ids cannot be mistaken, for tests of its pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from bench.ports import ports_of
from domain.account import Role
from domain.campaign import CampaignId, CampaignState, PlannedAction
from domain.campaign_members import Member, Side
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from tests.builders import a_campaign, a_campaign_plan, a_member, at
from tests.integration.web.conftest import Browser, Office

CONTROL = "LEFT-ALONE"
CONTACTS = 30
ADDRESS = "/campaigns/spring"
ACTIONS = (
    PlannedAction("call", "Call", "phone", 20, 3, 100.0, 20.0, 800.0),
    PlannedAction("text", "Text", "sms", 10, 2, 0.0, 5.0, 200.0),
)


@dataclass
class Campaigning:
    """The analyst's campaign: members 1 to 30 are contacted, every third by SMS; 31 to 35 are controls."""

    office: Office
    role: Role = Role.ANALYST
    state: CampaignState = CampaignState.RUNNING
    shared: bool = False
    browsers: dict[Role, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        members = [a_contact(number) for number in range(1, CONTACTS + 1)]
        controls = [
            a_member(number, customer_id=f"{CONTROL}-{number}", side=Side.CONTROL)
            for number in range(CONTACTS + 1, CONTACTS + 6)
        ]
        with ports_of(self.office.application).new_uow() as uow:
            campaign = a_campaign(
                id=CampaignId("spring"),
                owner=str(self.office.people[Role.ANALYST].id),
                state=self.state,
                shared=self.shared,
                plan=a_campaign_plan(actions=ACTIONS),
            )
            uow.campaigns.add(campaign)
            uow.campaigns.add_members(campaign.id, [*members, *controls])
            uow.campaigns.hold(campaign.id, held=True)
            uow.commit()

    def as_(self, role: Role) -> Browser:
        if role not in self.browsers:
            self.browsers[role] = self.office.browser(role)
        return self.browsers[role]

    @property
    def browser(self) -> Browser:
        return self.as_(self.role)

    def page(self, path: str = "", role: Role | None = None) -> str:
        answer = self.as_(role or self.role).get(f"{ADDRESS}{path}")
        assert answer.status_code == 200, (path, answer.status)
        return answer.get_data(as_text=True)

    def change(self, number: int, what: str, *, htmx: bool = True, query: str = "", **fields: str) -> TestResponse:
        """Send a row's form with the version of the stored entry, unless another is given."""
        given = {"version": str(self.member(number).version), **fields}
        return self.browser.post(f"{ADDRESS}/members/{number}/{what}{query}", given, htmx=htmx)

    def mark(self, number: int, status: str, **fields: str) -> TestResponse:
        return self.change(number, "status", status=status, **fields)

    def member(self, number: int) -> Member:
        with ports_of(self.office.application).new_reading() as uow:
            return uow.campaigns.member(CampaignId("spring"), number)

    def assign(self, numbers: list[int], role: Role) -> None:
        with ports_of(self.office.application).new_uow() as uow:
            uow.campaigns.assign(CampaignId("spring"), numbers, str(self.office.people[role].id))
            uow.commit()

    def block(self, *customers: str) -> None:
        with ports_of(self.office.application).new_uow() as uow:
            uow.do_not_contact.add_many(Entry(CustomerId(one), at(), Source.MARKED, "Somebody") for one in customers)
            uow.commit()


def a_contact(number: int) -> Member:
    by_sms = number % 3 == 0
    action = ACTIONS[by_sms]
    return a_member(
        number,
        customer_id=f"TALK-{number}",
        action_id=action.action_id,
        action_name=action.name,
        channel=action.channel,
        probability=1.0 - number / 100,
    )


def customers_in(html: str) -> list[str]:
    """The customers of the table, in its order."""
    return re.findall(r"data-open>(TALK-\d+)</a>", html)
