"""Each change of the playbook is a new version; nothing of an earlier one is lost."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from application.ports.audit import AuditQuery
from application.use_cases.playbook.change_playbook import ChangePlaybook
from application.use_cases.playbook.read_playbook import ReadPlaybook
from domain.account import Role
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.playbook import Playbook
from tests.builders import an_account, an_action, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import FixedClock

MANAGER = Actor(an_account(name="Manager", role=Role.MANAGER), "127.0.0.1")
FIRST = Playbook(1, (an_action(id="call", name="Call", confirmed=False), an_action(id="letter", confirmed=False)))


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase(FIRST)


@pytest.fixture
def change(database: FakeDatabase) -> ChangePlaybook:
    return ChangePlaybook(partial(FakeUnitOfWork, database), FixedClock(at(minutes=5)))


@pytest.fixture
def read(database: FakeDatabase) -> ReadPlaybook:
    return ReadPlaybook(partial(FakeUnitOfWork, database))


def test_saving_an_action_makes_a_version_with_author_time_and_reason(
    change: ChangePlaybook, read: ReadPlaybook, database: FakeDatabase
) -> None:
    saved = change.save(
        an_action(id="call", name="Call", contact_cost=7.0), based_on=1, by=MANAGER, why=" the agents’ hour costs more "
    )

    assert (saved.number, saved.by, saved.at) == (2, "Manager", at(minutes=5))
    assert saved.note == "Changed “Call”: the agents’ hour costs more"
    view = read(by=MANAGER.account)
    assert view.is_latest
    assert view.playbook.actions[0].contact_cost == 7.0
    assert view.playbook.actions[0].confirmed
    assert read(1, by=MANAGER.account).playbook == FIRST
    assert not read(1, by=MANAGER.account).is_latest
    (difference,) = read.compare(1, 2, by=MANAGER.account)
    assert {field.name for field in difference.fields} == {"contact_cost", "confirmed"}
    with FakeUnitOfWork(database) as uow:
        (entry,), _ = uow.audit.find(AuditQuery(action="changed the playbook"))
    assert entry.subject == "version 2: changed “Call”: the agents’ hour costs more"


def test_a_save_rate_that_people_enter_is_assumed_and_one_they_leave_stays_measured(
    change: ChangePlaybook, read: ReadPlaybook
) -> None:
    change.save(an_action(id="call", name="Ring", measured_in=""), based_on=1, by=MANAGER)
    kept = read(by=MANAGER.account).playbook.actions[0]
    assert (kept.save_rate, kept.save_rate_measured, kept.measured_in) == (0.42, True, "Spring offer")
    assert kept.save_rate_weight == 61.5

    change.save(an_action(id="call", name="Ring", save_rate=0.4), based_on=2, by=MANAGER)
    entered = read(by=MANAGER.account).playbook.actions[0]
    assert (entered.save_rate, entered.save_rate_measured, entered.measured_in) == (0.4, False, "")
    assert entered.save_rate_weight == 20.0


def test_saving_what_is_there_already_makes_no_version(change: ChangePlaybook, read: ReadPlaybook) -> None:
    change.save(an_action(id="call"), based_on=1, by=MANAGER)
    with pytest.raises(InvalidInput, match="Nothing of “One-year contract, 10% off” was changed"):
        change.save(an_action(id="call"), based_on=2, by=MANAGER)
    assert read(by=MANAGER.account).latest == 2


def test_a_new_action_is_added_and_one_is_removed(change: ChangePlaybook, read: ReadPlaybook) -> None:
    assert change.save(an_action(id="gift", name="Gift"), based_on=1, by=MANAGER).note == "Added “Gift”"
    assert change.remove("call", based_on=2, by=MANAGER).note == "Removed “Call”"

    assert [action.id for action in read(by=MANAGER.account).playbook.actions] == ["letter", "gift"]
    with pytest.raises(NotFound, match="no such action"):
        change.remove("call", based_on=3, by=MANAGER)


def test_the_seeded_actions_are_confirmed_one_by_one_or_together(change: ChangePlaybook, read: ReadPlaybook) -> None:
    assert change.confirm(["call", "unknown"], based_on=1, by=MANAGER).note == "Confirmed “Call”"
    assert [action.id for action in read(by=MANAGER.account).playbook.unconfirmed] == ["letter"]
    with pytest.raises(InvalidInput, match="at least one action"):
        change.confirm(["call"], based_on=2, by=MANAGER)


def test_an_earlier_version_is_restored_as_the_newest(change: ChangePlaybook, read: ReadPlaybook) -> None:
    change.save(an_action(id="call", valid_until=date(2027, 1, 1)), based_on=1, by=MANAGER)
    with pytest.raises(InvalidInput, match="same actions"):
        change.restore(2, based_on=2, by=MANAGER)

    assert change.restore(1, based_on=2, by=MANAGER).number == 3
    assert read(by=MANAGER.account).playbook == Playbook(3, FIRST.actions)
    assert [version.number for version in read.versions(by=MANAGER.account)] == [3, 2, 1]


def test_two_people_never_overwrite_each_other(change: ChangePlaybook, read: ReadPlaybook) -> None:
    change.save(an_action(id="call"), based_on=1, by=MANAGER)

    for attempt in (
        lambda: change.save(an_action(id="letter"), based_on=1, by=MANAGER),
        lambda: change.remove("letter", based_on=1, by=MANAGER),
        lambda: change.confirm(["letter"], based_on=1, by=MANAGER),
        lambda: change.restore(1, based_on=1, by=MANAGER),
        lambda: change.replace_all(FIRST.actions, based_on=1, by=MANAGER),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert read(by=MANAGER.account).latest == 2


def test_the_last_action_is_not_removed(change: ChangePlaybook) -> None:
    change.remove("call", based_on=1, by=MANAGER)
    with pytest.raises(InvalidInput, match="at least one action"):
        change.remove("letter", based_on=2, by=MANAGER)
    with pytest.raises(InvalidInput, match="at least one action"):
        change.replace_all((), based_on=2, by=MANAGER)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_only_managers_and_administrators_edit_the_playbook(
    change: ChangePlaybook, read: ReadPlaybook, role: Role
) -> None:
    somebody = Actor(an_account(role=role))
    for attempt in (
        lambda: change.save(an_action(), based_on=1, by=somebody),
        lambda: change.remove("call", based_on=1, by=somebody),
        lambda: change.confirm(["call"], based_on=1, by=somebody),
        lambda: change.restore(1, based_on=1, by=somebody),
        lambda: change.replace_all(FIRST.actions, based_on=1, by=somebody),
        lambda: read(by=somebody.account),
        lambda: read.versions(by=somebody.account),
        lambda: read.compare(1, 1, by=somebody.account),
    ):
        with pytest.raises(NotAllowed):
            attempt()
