"""A running campaign with outcomes on a database in memory, for tests of its effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from adapters.campaigns.adjusted import LeastSquaresEffect
from application.ports.audit import AuditQuery
from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.measure_campaign import MeasureCampaign
from application.use_cases.campaigns.use_effect import AdoptSaveRate, LeaveAlone
from application.use_cases.playbook.change_playbook import ChangePlaybook
from domain.account import Account, Role
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId, CampaignState, PlannedAction
from domain.campaign_members import Member, Outcome, Side
from domain.playbook import Playbook
from tests.builders import a_campaign, a_campaign_plan, a_member, an_account, an_action, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import FixedClock

ONE = CampaignId("campaign-1")
OWNER = an_account(id="person-1", name="Owner")
STRANGER = an_account(id="person-3", name="Stranger")
VIEWER = an_account(id="person-4", name="Viewer", role=Role.VIEWER)
MANAGER = an_account(id="person-5", name="Manager", role=Role.MANAGER)
ACTIONS = (
    PlannedAction("call", "Call", "phone", 90, 10, 450.0, 90.0, 1_800.0),
    PlannedAction("bonus", "Bonus", "sms", 90, 10, 450.0, 90.0, 1_800.0),
)
PLAYBOOK = Playbook(
    4,
    (
        an_action(
            id="call",
            name="Call",
            save_rate=0.30,
            save_rate_measured=False,
            save_rate_weight=20.0,
            measured_in="",
            confirmed=False,
        ),
        an_action(id="bonus", name="Bonus", save_rate=0.20),
    ),
)


def by(account: Account) -> Actor:
    return Actor(account, "192.0.2.1")


def some(
    side: Side, stayed: int, left: int, unknown: int = 0, *, numbers: Iterator[int], **given: object
) -> list[tuple[Member, Outcome]]:
    """So many members of a group with each outcome."""
    outcomes = [Outcome.STAYED] * stayed + [Outcome.LEFT] * left + [Outcome.UNKNOWN] * unknown
    return [(a_member(next(numbers), side=side, **given), outcome) for outcome in outcomes]


@dataclass
class Measured:
    """The use cases on one database with a running campaign."""

    database: FakeDatabase = field(default_factory=lambda: FakeDatabase(PLAYBOOK))
    clock: FixedClock = field(default_factory=lambda: FixedClock(at(minutes=30)))

    def __post_init__(self) -> None:
        self.new_uow = partial(FakeUnitOfWork, self.database)
        self.reading = partial(FakeUnitOfWork, self.database, reading=True)
        self.measure = MeasureCampaign(self.reading, self.clock)
        self.leave_alone = LeaveAlone(self.new_uow, self.clock)
        self.adopt = AdoptSaveRate(self.measure, ChangePlaybook(self.new_uow, self.clock))
        self.close = CloseCampaign(self.new_uow, LeastSquaresEffect(), self.clock)
        with self.new_uow() as uow:
            for account in (OWNER, STRANGER, VIEWER, MANAGER):
                uow.accounts.add(account)
            plan = a_campaign_plan(actions=ACTIONS)
            uow.campaigns.add(a_campaign(state=CampaignState.RUNNING, plan=plan, started_at=at(minutes=2)))
            uow.commit()

    def fill(self, *groups: Iterable[tuple[Member, Outcome]]) -> None:
        members = [pair for group in groups for pair in group]
        with self.new_uow() as uow:
            uow.campaigns.add_members(ONE, [member for member, _ in members])
            uow.campaigns.hold(ONE, held=True)
            known = {one.number: (outcome, None) for one, outcome in members if outcome is not Outcome.UNKNOWN}
            uow.campaigns.set_outcomes(ONE, known)
            uow.commit()

    def usual(self, contacted: tuple[int, int, int], control: tuple[int, int, int], **given: object) -> None:
        """Fill with one action: stayed, left, unknown of each group."""
        numbers = count(1)
        self.fill(
            some(Side.CONTACT, *contacted, numbers=numbers, **given),
            some(Side.CONTROL, *control, numbers=numbers, **given),
        )

    def campaign(self) -> Campaign:
        with self.reading() as uow:
            return uow.campaigns.get(ONE)

    def audit(self) -> list[tuple[str, str]]:
        with self.reading() as uow:
            entries, _ = uow.audit.find(AuditQuery())
        return [(entry.action, entry.subject) for entry in entries]
