"""A simulated year: twelve files, and a campaign on each that is closed from the next. What happened is measured."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from application.ports.campaign_records import MemberQuery
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.allocation import Limits
from domain.campaign import Campaign, CampaignId, CampaignRequest, CampaignState
from domain.campaign_members import Outcome, Side, Status
from domain.customer_query import CustomerQuery
from domain.effect import Group, measured_save_rate
from domain.run import JobState, Run
from domain.task import TaskId
from tests.fakes.security import CountedSecrets
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.scored_file import the_file, train_and_score

MONTHS, CUSTOMERS, MEMBERS, CONTROL = 12, 1_000, 60, 0.4
TRUE_RATE = 0.45
"""Share of the would-be leavers whom contact keeps, in the simulation."""
ASSUMED = 0.15


@dataclass
class Books:
    """What the simulation knows of one campaign, without asking the product."""

    spent: float = 0.0
    worth: float = 0.0
    left: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    members: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    fates: dict[str, Outcome] = field(default_factory=dict)

    def retained(self, side: Side) -> float:
        return 1.0 - self.left[side] / self.members[side]

    @property
    def kept(self) -> float:
        """Contacted customers who stayed beyond the share of those left alone."""
        return self.members[Side.CONTACT] * (self.retained(Side.CONTACT) - self.retained(Side.CONTROL))

    @property
    def gain(self) -> float:
        return self.kept * self.worth / self.members[Side.CONTACT] - self.spent

    def group(self, side: Side) -> Group:
        return Group(self.members[side], self.members[side] - self.left[side])


@dataclass
class Year:
    """A company with one file a month. Customers leave as the generator says, unless contact keeps them."""

    office: Office
    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(20261130))
    present: list[str] = field(default_factory=list)
    would_leave: set[str] = field(default_factory=set)
    joined: int = 0

    def __post_init__(self) -> None:
        self.by = Actor(self.office.people[Role.ANALYST])

    def next_file(self, month: int) -> Run:
        """Score the file of a month: everybody who has not left, and new customers in place of the others."""
        path = self.folder / "generated.csv"
        self.office.application.predictions.write_sample(path, rows=CUSTOMERS, seed=500 + month)
        while len(self.present) < CUSTOMERS:
            self.joined += 1
            self.present.append(f"N-{self.joined:05d}")
        text = io.StringIO()
        with path.open() as file:
            rows = csv.DictReader(file)
            names = [name for name in rows.fieldnames or () if name != "Churn"]
            writer = csv.DictWriter(text, names, extrasaction="ignore")
            writer.writeheader()
            self.would_leave = set()
            for customer, row in zip(self.present, rows, strict=True):
                writer.writerow(row | {"customerID": customer})
                self.would_leave |= {customer} if row["Churn"] == "Yes" else set()
        content = io.BytesIO(text.getvalue().encode())
        predictions = self.office.application.predictions
        run = predictions.score_run(predictions.submit_scoring(content, f"month-{month:02d}.csv", by=self.by).id)
        assert run is not None
        assert run.error is None
        return run

    def start(self, run: Run) -> CampaignId:
        drafts = self.office.application.campaigns.draft_campaign
        request = CampaignRequest(CustomerQuery(run.threshold), Limits(customers=MEMBERS), control_share=CONTROL)
        campaign = drafts(run.id, request, name=f"Calls after {run.file_name}", by=self.by)
        self.work()
        drafts.start(campaign.id, based_on=self.campaign(campaign.id).version, by=self.by)
        self.work()
        return campaign.id

    def contact(self, campaign_id: CampaignId) -> Books:
        """Contact everybody on the list; then those leave who leave. Returns the books of the campaign."""
        books, mark = Books(), self.office.application.campaign_lists.mark_member
        with ports_of(self.office.application).new_reading() as uow:
            contacted = list(uow.campaigns.page(campaign_id, MemberQuery(limit=0)).members)
            controls = [key.customer_id for key in uow.campaigns.keys(campaign_id) if key.side is Side.CONTROL]
        kept = set()
        for member in contacted:
            saved = member.customer_id in self.would_leave and self.chance.random() < TRUE_RATE
            accepts = saved or self.chance.random() < 0.3
            status = Status.ACCEPTED if accepts else self.chance.choice((Status.DECLINED, Status.NO_ANSWER))
            mark(campaign_id, member.number, status, version=member.version, by=self.by)
            books.spent += member.contact_cost + (member.offer_cost if accepts else 0.0)
            books.worth += member.value
            kept |= {member.customer_id} if saved else set()
        gone = self.would_leave - kept
        self.present = [customer for customer in self.present if customer not in gone]
        self._enter(books, Side.CONTACT, (member.customer_id for member in contacted), gone)
        self._enter(books, Side.CONTROL, controls, gone)
        return books

    def _enter(self, books: Books, side: Side, customers: Iterable[str], gone: set[str]) -> None:
        for customer in customers:
            books.members[side] += 1
            books.left[side] += customer in gone
            books.fates[customer] = Outcome.LEFT if customer in gone else Outcome.STAYED

    def close(self, campaign_id: CampaignId, run: Run) -> Campaign:
        use = self.office.application.campaign_outcomes.later_prediction
        checked = use.check(campaign_id, run.id, based_on=self.campaign(campaign_id).version, by=self.by)
        self.work()
        use.store(campaign_id, checked.id, close=True, based_on=self.campaign(campaign_id).version, by=self.by)
        self.work()
        return self.campaign(campaign_id)

    def campaign(self, campaign_id: CampaignId) -> Campaign:
        with ports_of(self.office.application).new_reading() as uow:
            return uow.campaigns.get(campaign_id)

    def work(self) -> None:
        with ports_of(self.office.application).new_reading() as uow:
            waiting = [task.id for task in uow.tasks.unfinished()]
        for task in waiting:
            done = self.office.application.campaigns.run_task(TaskId(task))
            assert done is not None
            assert done.state is JobState.DONE, done.error


@pytest.fixture(scope="module")
def scored_installation(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year") / "data"
    return furnished(installed, folder, lambda office: train_and_score(office, file=the_file("generated")))


@pytest.mark.slow
def test_a_year_of_campaigns_measures_what_was_simulated(
    new_office: Callable[..., Office], scored_installation: Path, tmp_path: Path
) -> None:
    office = new_office(copy_of=scored_installation)
    office.replace_everywhere("secrets", CountedSecrets())  # so that the same controls are drawn in each test
    year = Year(office, tmp_path)
    closed: list[tuple[Campaign, Books]] = []
    campaign_id, books = year.start(year.next_file(0)), Books()
    for month in range(1, MONTHS + 1):
        books = year.contact(campaign_id)
        run = year.next_file(month)
        closed.append((year.close(campaign_id, run), books))
        if month < MONTHS:
            campaign_id = year.start(run)

    assert len(closed) == MONTHS
    for campaign, own in closed:
        check_against_books(office, campaign, own)
    check_measured_rate([own for _, own in closed])


def check_against_books(office: Office, campaign: Campaign, books: Books) -> None:
    """Every fate, count and cent."""
    effect = campaign.effect
    assert campaign.state is CampaignState.CLOSED
    assert effect is not None
    assert books.members[Side.CONTROL] == MEMBERS * CONTROL
    with ports_of(office.application).new_reading() as uow:
        assert {key.customer_id: key.outcome for key in uow.campaigns.keys(campaign.id)} == books.fates
    assert effect.unknown == 0
    assert effect.contacted == books.group(Side.CONTACT)
    assert effect.control == books.group(Side.CONTROL)
    assert effect.spent == pytest.approx(books.spent, abs=0.005)
    assert effect.money.kept == pytest.approx(books.kept)
    assert effect.money.gain == pytest.approx(books.gain, abs=0.005)


def check_measured_rate(years_books: Sequence[Books]) -> None:
    """With every campaign the measured save rate comes nearer to the simulated one, from an assumption far off."""
    rates = []
    for months in (1, MONTHS):
        pooled = {
            side: Group(
                sum(own.members[side] for own in years_books[:months]),
                sum(own.group(side).stayed for own in years_books[:months]),
            )
            for side in Side
        }
        rates.append(measured_save_rate(ASSUMED, pooled[Side.CONTACT], pooled[Side.CONTROL]))
    first, whole = rates
    assert whole.customers > 5 * first.customers
    assert abs(whole.rate - TRUE_RATE) < 0.08 < abs(ASSUMED - TRUE_RATE)
    assert abs(whole.rate - TRUE_RATE) < abs(first.rate - TRUE_RATE)
