"""One search over predictions, customers, models, campaigns and help; each part shows what the person may see.

Its cost is bounded: runs are matched by name in one query with a limit, customers by at most `MAX_IDS_TRIED` entries of
an index per spelling, models and campaigns by their names alone, and the help in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.help import HelpPages
from application.ports.predictions import FoundCustomer
from application.ports.runs import RunQuery
from application.ports.trained_models import ModelTitle
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, visible_to
from domain.account import Account
from domain.campaign import Campaign, may_see
from domain.help_pages import Hit, find
from domain.run import Run

EACH = 5
"""How many of a kind are shown."""
MIN_LENGTH = 2
MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first."""

    text: str = ""
    runs: tuple[Run, ...] = ()
    customers: tuple[FoundCustomer, ...] = ()
    models: tuple[ModelTitle, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    help: tuple[Hit, ...] = ()

    @property
    def count(self) -> int:
        return sum(map(len, (self.runs, self.customers, self.models, self.campaigns, self.help)))


@dataclass(frozen=True, slots=True)
class FindEverything:
    new_uow: NewUnitOfWork
    pages: HelpPages

    def __call__(self, text: str, *, by: Account) -> Found:
        text = " ".join(text.split())[:MAX_LENGTH]
        if len(text) < MIN_LENGTH:
            return Found(text)
        with self.new_uow() as uow:
            runs = uow.runs.find(RunQuery(search=text, visible_to=visible_to(by), limit=EACH))
            customers = _customers(uow, text, by)
            models = [title for title in uow.models.titles() if _names(text, title.name, title.file_name)]
            campaigns = _campaigns(uow, text, by)
        return Found(
            text=text,
            runs=runs.runs,
            customers=customers,
            models=tuple(models[:EACH]),
            campaigns=campaigns,
            help=find(self.pages.groups(), text, limit=EACH),
        )


def _names(text: str, *names: str) -> bool:
    return any(text.casefold() in name.casefold() for name in names)


def _customers(uow: UnitOfWork, text: str, by: Account) -> tuple[FoundCustomer, ...]:
    """By the beginning of the id as it is typed, in capitals, and in small letters."""
    found: dict[str, FoundCustomer] = {}
    for beginning in dict.fromkeys((text, text.upper(), text.lower())):
        for customer in uow.predictions.find(beginning, visible_to=visible_to(by), limit=EACH):
            found.setdefault(customer.customer_id, customer)
    return tuple(found.values())[:EACH]


def _campaigns(uow: UnitOfWork, text: str, by: Account) -> tuple[Campaign, ...]:
    named = [campaign for campaign in uow.campaigns.all() if _names(text, campaign.name)]
    mine = uow.campaigns.lists_of(str(by.id)) if named else {}
    return tuple(campaign for campaign in named if may_see(by, campaign, assigned=campaign.id in mine))[:EACH]
