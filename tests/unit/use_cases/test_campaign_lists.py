"""A campaign's list is worked by several people, who never overwrite each other; nobody who opted out is contacted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from application.ports.audit import AuditQuery
from application.ports.campaign_records import MemberQuery
from application.use_cases.campaigns.assign_members import AssignMembers, Chosen
from application.use_cases.campaigns.call_card import OpenCard
from application.use_cases.campaigns.customer_campaigns import ListCustomerCampaigns
from application.use_cases.campaigns.export_list import ExportList
from application.use_cases.campaigns.open_list import OpenList, OpenMyLists, OwnList
from application.use_cases.campaigns.work_member import MarkMember, NoteMember, UndoStatus
from domain.account import Account, Role
from domain.actor import Actor
from domain.campaign import CampaignId, CampaignState
from domain.campaign_export import Cell, ListColumn, ListExport
from domain.campaign_members import EventKind, Member, Side, Status
from domain.csv_style import CsvStyle
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.export import ExportKind
from tests.builders import a_campaign, a_campaign_plan, a_member, a_model_version, an_account, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import CountedIds, FixedClock

ONE = CampaignId("campaign-1")
OWNER = an_account(id="person-1", name="Owner")
WORKER = an_account(id="person-2", name="Worker")
STRANGER = an_account(id="person-3", name="Stranger")
VIEWER = an_account(id="person-4", name="Viewer", role=Role.VIEWER)
MANAGER = an_account(id="person-5", name="Manager", role=Role.MANAGER)
TODAY = date(2026, 11, 2)


@dataclass
class ListTablesInMemory:
    """Remembers the lines of each file."""

    lines: list[list[Cell]] = field(default_factory=list)

    def csv(
        self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path, style: CsvStyle | None = None
    ) -> None:
        self.lines = [list(header), *map(list, lines)]

    xlsx = csv


@dataclass
class Work:
    """The use cases on one database with a running campaign of four contacted members and a control."""

    folder: Path
    database: FakeDatabase = field(default_factory=FakeDatabase)
    clock: FixedClock = field(default_factory=lambda: FixedClock(at()))
    tables: ListTablesInMemory = field(default_factory=ListTablesInMemory)

    def __post_init__(self) -> None:
        self.new_uow = partial(FakeUnitOfWork, self.database)
        self.reading = partial(FakeUnitOfWork, self.database, reading=True)
        self.mark = MarkMember(self.new_uow, self.clock)
        self.undo = UndoStatus(self.new_uow, self.clock)
        self.note = NoteMember(self.new_uow, self.clock)
        self.assign = AssignMembers(self.new_uow, self.clock)
        self.open = OpenList(self.reading, self.clock)
        self.card = OpenCard(self.reading, formats_of)
        self.export = ExportList(
            self.new_uow, self.reading, self.tables, self.clock, CountedIds(), formats_of, self.folder
        )
        with self.new_uow() as uow:
            for account in (OWNER, WORKER, STRANGER, VIEWER, MANAGER):
                uow.accounts.add(account)
            uow.models.add(a_model_version(id="v3"))
            uow.campaigns.add(a_campaign(state=CampaignState.RUNNING, plan=a_campaign_plan()))
            members = [*map(a_member, range(1, 5)), a_member(5, customer_id="CONTROL", side=Side.CONTROL)]
            uow.campaigns.add_members(ONE, members)
            uow.campaigns.assign(ONE, [1, 2], WORKER.id)
            uow.commit()

    def change(self, **changed: object) -> None:
        with self.new_uow() as uow:
            campaign = uow.campaigns.get(ONE)
            self.database.kept.campaigns[ONE] = a_campaign(plan=campaign.plan, **{"state": campaign.state} | changed)

    def block(self, *customers: str) -> None:
        with self.new_uow() as uow:
            uow.do_not_contact.add_many(Entry(CustomerId(one), at(), Source.MARKED, "Manager") for one in customers)
            uow.commit()

    def member(self, number: int) -> Member:
        with self.reading() as uow:
            return uow.campaigns.member(ONE, number)

    def events(self, number: int) -> list[tuple[str, EventKind, str, str]]:
        with self.reading() as uow:
            found = uow.campaigns.events(ONE, number)
        return [(event.by, event.kind, event.before, event.after) for event in reversed(found)]

    def audit(self) -> list[tuple[str, str]]:
        with self.reading() as uow:
            entries, _ = uow.audit.find(AuditQuery())
        return [(entry.action, entry.subject) for entry in entries]

    def exported(self, chosen: ListExport | None = None, by: Account = OWNER) -> list[Cell]:
        """The first column of the file."""
        self.export(ONE, chosen or ListExport(), ExportKind.CSV, by=Actor(by))
        return [line[0] for line in self.tables.lines[1:]]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def by(account: Account) -> Actor:
    return Actor(account, "127.0.0.1")


def test_a_status_is_an_event_and_undoing_it_another(work: Work) -> None:
    marked = work.mark(ONE, 1, Status.REACHED, version=2, by=by(WORKER))
    assert (marked.row.member.status, marked.row.member.version, marked.undoable) == (Status.REACHED, 3, True)

    undone = work.undo(ONE, 1, version=3, by=by(WORKER))

    assert (undone.row.member.status, undone.row.member.contacted_at, undone.undoable) == (
        Status.TO_CONTACT,
        None,
        False,
    )
    assert work.events(1) == [
        ("Worker", EventKind.STATUS, "to_contact", "reached"),
        ("Worker", EventKind.UNDONE, "reached", "to_contact"),
    ]
    with pytest.raises(Conflict, match="no status to undo"):
        work.undo(ONE, 1, version=4, by=by(WORKER))


def test_setting_the_same_status_again_changes_nothing(work: Work) -> None:
    same = work.mark(ONE, 1, Status.TO_CONTACT, version=2, by=by(WORKER))
    assert (same.row.member.version, same.undoable, work.events(1)) == (2, False, [])


def test_an_outdated_entry_is_not_overwritten_and_the_message_says_what_it_is_now(work: Work) -> None:
    work.mark(ONE, 1, Status.ACCEPTED, version=2, by=by(WORKER))
    message = "Worker changed this entry in the meantime: it is “Accepted” now. Your change was not stored."
    with pytest.raises(Conflict, match=message):
        work.mark(ONE, 1, Status.DECLINED, version=2, by=by(OWNER))
    with pytest.raises(Conflict, match=message):
        work.note(ONE, 1, "mine", version=2, by=by(OWNER))
    assert (work.member(1).status, work.member(1).note) == (Status.ACCEPTED, "")


def test_opting_out_puts_the_customer_on_the_do_not_contact_list_for_good(work: Work) -> None:
    marked = work.mark(ONE, 1, Status.OPTED_OUT, version=2, by=by(WORKER))

    assert (marked.undoable, marked.row.blocked, marked.row.choices) == (False, True, ())
    with work.reading() as uow:
        entry = uow.do_not_contact.get("C-1")
    assert entry == Entry(CustomerId("C-1"), at(), Source.OPTED_OUT, "Worker")
    assert work.audit() == [("recorded that a customer opted out", "Spring calls")]
    with pytest.raises(Conflict):
        work.undo(ONE, 1, version=3, by=by(WORKER))
    with pytest.raises(Conflict):
        work.mark(ONE, 1, Status.TO_CONTACT, version=3, by=by(WORKER))


def test_a_customer_who_was_put_on_the_list_later_can_only_opt_out(work: Work) -> None:
    work.mark(ONE, 1, Status.NO_ANSWER, version=2, by=by(WORKER))
    work.block("C-1")
    with pytest.raises(Conflict, match="do-not-contact"):
        work.mark(ONE, 1, Status.REACHED, version=3, by=by(WORKER))
    with pytest.raises(Conflict, match="do-not-contact"):
        work.undo(ONE, 1, version=3, by=by(WORKER))
    assert work.open(ONE, MemberQuery(), by=WORKER).rows[0].choices == (Status.OPTED_OUT,)
    assert work.mark(ONE, 1, Status.OPTED_OUT, version=3, by=by(WORKER)).row.member.status is Status.OPTED_OUT


def test_strangers_find_nothing_and_viewers_change_nothing(work: Work) -> None:
    for account in (STRANGER, VIEWER):
        with pytest.raises(NotFound):
            work.open(ONE, MemberQuery(), by=account)
        with pytest.raises(NotFound):
            work.mark(ONE, 1, Status.REACHED, version=2, by=by(account))
        with pytest.raises(NotFound):
            work.export(ONE, ListExport(), ExportKind.CSV, by=by(account))
    work.change(shared=True)
    assert work.open(ONE, MemberQuery(), by=VIEWER).rows[0].choices == ()
    for change in (
        partial(work.mark, ONE, 1, Status.REACHED, version=2),
        partial(work.undo, ONE, 1, version=2),
        partial(work.note, ONE, 1, "x", version=2),
        partial(work.note.due, ONE, 1, TODAY, version=2),
        partial(work.assign, ONE, Chosen(MemberQuery()), [WORKER.id]),
        partial(work.export, ONE, ListExport(), ExportKind.CSV),
    ):
        with pytest.raises(NotAllowed):
            change(by=by(VIEWER))
    assert work.mark(ONE, 1, Status.REACHED, version=2, by=by(STRANGER)).row.member.status is Status.REACHED


def test_assigned_people_work_but_do_not_direct(work: Work) -> None:
    listed = work.open(ONE, MemberQuery(), by=WORKER)
    assert (listed.head.context.may_work, listed.head.context.may_direct) == (True, False)
    with pytest.raises(NotFound):
        work.assign(ONE, Chosen(MemberQuery()), [WORKER.id], by=by(WORKER))
    assert work.open(ONE, MemberQuery(), by=MANAGER).head.context.may_direct


@pytest.mark.parametrize("state", [CampaignState.MEASURING, CampaignState.CLOSED])
def test_the_list_of_a_campaign_that_is_not_running_stays(work: Work, state: CampaignState) -> None:
    work.change(state=state)
    assert work.open(ONE, MemberQuery(), by=OWNER).rows[0].choices == ()
    with pytest.raises(Conflict, match="not running"):
        work.mark(ONE, 1, Status.REACHED, version=2, by=by(OWNER))
    with pytest.raises(Conflict, match="not running"):
        work.assign(ONE, Chosen(MemberQuery()), [WORKER.id], by=by(OWNER))


def test_a_draft_has_no_list(work: Work) -> None:
    work.change(state=CampaignState.DRAFT)
    with pytest.raises(NotFound, match="planned"):
        work.open(ONE, MemberQuery(), by=OWNER)


def test_members_are_shared_out_evenly_and_their_histories_say_so(work: Work) -> None:
    changed = work.assign(ONE, Chosen(MemberQuery()), [WORKER.id, STRANGER.id], by=by(OWNER))

    assert changed == 3, "member 1 was the worker's before"
    people = [work.member(number).assigned_to for number in range(1, 5)]
    assert people == ["person-2", "person-3", "person-3", "person-2"]
    assert work.events(2) == [("Owner", EventKind.ASSIGNED, "", "Stranger")]
    assert work.audit() == [("assigned 3 members of a campaign", "Spring calls")]
    assert work.assign(ONE, Chosen(MemberQuery(), (2, 3)), [], by=by(OWNER)) == 2
    assert work.member(3).assigned_to is None


def test_only_members_who_had_another_person_or_date_get_an_event(work: Work) -> None:
    first = Chosen(MemberQuery(), (1, 3))
    assert work.assign(ONE, first, [WORKER.id], by=by(OWNER)) == 1
    assert work.events(1) == []
    assert work.events(3) == [("Owner", EventKind.ASSIGNED, "", WORKER.name)]
    assert work.assign.due(ONE, first, TODAY, by=by(OWNER)) == 2
    assert work.assign.due(ONE, Chosen(MemberQuery()), TODAY, by=by(OWNER)) == 2
    assert [kind for _, kind, _, _ in work.events(3)] == [EventKind.ASSIGNED, EventKind.DUE]


def test_nobody_gets_members_who_cannot_work_and_no_control_is_assigned(work: Work) -> None:
    with pytest.raises(InvalidInput, match="people who can work"):
        work.assign(ONE, Chosen(MemberQuery()), [VIEWER.id], by=by(OWNER))
    with pytest.raises(NotFound):
        work.assign(ONE, Chosen(MemberQuery(), (1, 5)), [WORKER.id], by=by(OWNER))
    with pytest.raises(InvalidInput, match="at least one customer"):
        work.assign(ONE, Chosen(MemberQuery(), ()), [WORKER.id], by=by(OWNER))
    with work.reading() as uow:
        assert uow.campaigns.events(ONE, 5) == []


def test_due_dates_are_set_for_many_and_counted_in_my_lists(work: Work) -> None:
    assert work.assign.due(ONE, Chosen(MemberQuery(assigned_to=WORKER.id)), TODAY, by=by(OWNER)) == 2
    assert work.note.due(ONE, 2, date(2026, 11, 3), version=3, by=by(WORKER)).row.member.due == date(2026, 11, 3)

    mine = OpenMyLists(work.reading, work.clock)(by=WORKER)

    assert [campaign.name for campaign in mine.campaigns] == ["Spring calls"]
    assert (mine.all_open, mine.all_due) == (2, 1)
    assert work.open.head(ONE, by=WORKER, own=True).own == OwnList(planned=2, open=2, due=1, accepted=0)
    assert work.open.head(ONE, by=OWNER).own is None
    assert OpenMyLists(work.reading, work.clock)(by=OWNER).campaigns == ()
    assert work.events(2)[-1] == ("Worker", EventKind.DUE, "2026-11-02", "2026-11-03")


def test_a_note_is_kept_with_its_history(work: Work) -> None:
    work.note(ONE, 1, " Call after six. ", version=2, by=by(WORKER))
    assert work.member(1).note == "Call after six."
    assert work.events(1) == [("Worker", EventKind.NOTE, "", "Call after six.")]
    with pytest.raises(InvalidInput):
        work.note(ONE, 1, "x" * 1001, version=3, by=by(WORKER))


def test_a_card_says_why_in_words_for_the_customer_and_knows_its_neighbours(work: Work) -> None:
    work.mark(ONE, 2, Status.NO_ANSWER, version=2, by=by(WORKER))
    card = work.card(ONE, 2, MemberQuery(), by=WORKER)
    assert (card.why, card.before, card.after, card.undoable) == (("has a month-to-month contract",), 1, 3, True)
    assert card.times_tried == 1
    with pytest.raises(NotFound):
        work.card(ONE, 5, MemberQuery(), by=WORKER)


def test_cards_are_printed_for_those_still_to_be_contacted(work: Work) -> None:
    work.mark(ONE, 1, Status.ACCEPTED, version=2, by=by(WORKER))
    work.block("C-3")
    assert [card.member.number for card in work.card.printed(ONE, MemberQuery(), by=OWNER)] == [2, 4]
    assert [card.member.number for card in work.card.printed(ONE, MemberQuery(assigned_to=WORKER.id), by=WORKER)] == [2]


def test_an_export_has_those_still_to_be_contacted_and_nobody_who_must_not_be(work: Work) -> None:
    work.block("C-3")
    work.mark(ONE, 2, Status.ACCEPTED, version=2, by=by(WORKER))
    assert work.exported() == ["C-1", "C-4"]
    assert work.exported(ListExport(statuses=(Status.ACCEPTED,))) == ["C-2"]
    assert work.exported(ListExport(channel="sms")) == []
    assert work.exported(ListExport(assigned_to=WORKER.id)) == ["C-1"]
    assert work.export.count(ONE, ListExport(), by=OWNER) == 2
    with work.new_uow() as uow:
        uow.campaigns.erase_customer("C-1")
        uow.campaigns.leave_alone(ONE, action_id="call", fifth=None)
        uow.commit()
    assert work.exported() == []
    assert work.audit()[0] == ("exported 0 members of a campaign as csv", "Spring calls")


def test_an_export_has_the_chosen_columns_under_the_chosen_names(work: Work) -> None:
    columns = ((ListColumn.CUSTOMER, "Kunde"), (ListColumn.REASON_1, "Grund"), (ListColumn.PERSON, "person"))
    work.exported(ListExport(columns, assigned_to=WORKER.id))
    assert work.tables.lines == [
        ["Kunde", "Grund", "person"],
        ["C-1", "has a month-to-month contract", "Worker"],
        ["C-2", "has a month-to-month contract", "Worker"],
    ]
    for wrong in ((), ((ListColumn.CUSTOMER, " "),), ((ListColumn.CUSTOMER, "a"), (ListColumn.NOTE, "a "))):
        with pytest.raises(InvalidInput):
            ListExport(wrong)
    with pytest.raises(InvalidInput):
        ListExport(statuses=(Status.OPTED_OUT,))


def test_a_customers_campaigns_are_those_that_contact_the_customer_and_may_be_seen(work: Work) -> None:
    of_customer = ListCustomerCampaigns(work.reading)
    assert [member.number for _, member in of_customer("C-1", by=OWNER)] == [1]
    assert of_customer("CONTROL", by=OWNER) == of_customer("C-1", by=STRANGER) == of_customer("", by=OWNER) == ()
    work.change(state=CampaignState.DRAFT)
    assert of_customer("C-1", by=OWNER) == ()
