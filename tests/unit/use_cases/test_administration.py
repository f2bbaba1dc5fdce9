"""Use cases of the administration, on doubles in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from application.ports.runs import RunQuery
from application.use_cases.accounts import delete_account, one_time_links
from application.use_cases.accounts.delete_account import LAST_ADMINISTRATOR
from application.use_cases.administration import manage_accounts
from application.use_cases.administration.manage_predictions import FindRunsInBulk
from application.use_cases.administration.manage_uploads import DeleteUpload
from application.use_cases.maintenance.scheduled_tasks import PurgeExpired
from domain.account import Account, Permission, Role
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.policy import InstallationPolicy
from domain.run import JobState, RunId
from domain.training import TrainingId
from tests.builders import a_finished_run, a_link, a_login_session, a_run, a_training, an_account, an_upload, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import CountedSecrets, FixedClock, SimpleEmailRules
from tests.fakes.system import FakeStorage


@dataclass
class Discarded:
    """Stands for results and uploads alike, and remembers what went."""

    gone: list[str] = field(default_factory=list)

    def discard(self, thing: str) -> None:
        self.gone.append(thing)

    def path(self, upload_id: str) -> Path:
        return Path(upload_id)


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def new_uow(database: FakeDatabase) -> Callable[[], FakeUnitOfWork]:
    return partial(FakeUnitOfWork, database)


@pytest.fixture
def admin(new_uow: Callable[[], FakeUnitOfWork]) -> Account:
    """The only administrator there is."""
    account = an_account(id="admin", role=Role.ADMIN, name="Head office")
    with new_uow() as uow:
        uow.accounts.add(account)
        uow.commit()
    return account


def add(new_uow: Callable[[], FakeUnitOfWork], **given: object) -> Account:
    account = an_account(**given)
    with new_uow() as uow:
        uow.accounts.add(account)
        uow.commit()
    return account


def test_each_use_case_of_people_asks_for_an_administrator(new_uow: Callable[[], FakeUnitOfWork]) -> None:
    for role in (Role.VIEWER, Role.ANALYST, Role.MANAGER):
        by = an_account(role=role)
        for call in (
            lambda by=by: manage_accounts.ListPeople(new_uow, FixedClock())(by=by),
            lambda by=by: manage_accounts.ViewPerson(new_uow)(by.id, by=by),
            lambda by=by: manage_accounts.ChangeRole(new_uow, FixedClock())(by.id, Role.ADMIN, by=Actor(by)),
            lambda by=by: manage_accounts.DisableAccount(new_uow, FixedClock())(by.id, by=Actor(by)),
            lambda by=by: manage_accounts.EnableAccount(new_uow, FixedClock())(by.id, by=Actor(by)),
            lambda by=by: manage_accounts.ApproveAccount(new_uow, FixedClock())(by.id, by=Actor(by)),
            lambda by=by: one_time_links.CreateResetLink(new_uow, CountedSecrets(), FixedClock())(by.id, by=Actor(by)),
            lambda by=by: manage_accounts.EndSessionsOf(new_uow, FixedClock())(by.id, by=Actor(by)),
        ):
            with pytest.raises(NotAllowed):
                call()


@pytest.mark.parametrize("other", [None, "disabled", "not approved", "manager"])
def test_the_last_administrator_who_can_log_in_cannot_be_removed(
    new_uow: Callable[[], FakeUnitOfWork], admin: Account, other: str | None
) -> None:
    if other:
        add(
            new_uow,
            id="other",
            role=Role.MANAGER if other == "manager" else Role.ADMIN,
            disabled=other == "disabled",
            approved=other != "not approved",
        )
    clock, store = FixedClock(), Discarded()

    for call in (
        lambda: manage_accounts.ChangeRole(new_uow, clock)(admin.id, Role.MANAGER, by=Actor(admin)),
        lambda: manage_accounts.DisableAccount(new_uow, clock)(admin.id, by=Actor(admin)),
        lambda: delete_account.RemoveAccount(new_uow, store, store, FakeStorage(), clock)(admin.id, by=Actor(admin)),
    ):
        with pytest.raises(Conflict, match=LAST_ADMINISTRATOR):
            call()
    with new_uow() as uow:
        assert uow.accounts.get(admin.id) == admin


def test_one_of_two_administrators_can_be_demoted_but_not_both(
    new_uow: Callable[[], FakeUnitOfWork], admin: Account
) -> None:
    second = add(new_uow, id="second", role=Role.ADMIN)

    manage_accounts.ChangeRole(new_uow, FixedClock())(second.id, Role.VIEWER, by=Actor(admin))

    with pytest.raises(Conflict):
        manage_accounts.ChangeRole(new_uow, FixedClock())(admin.id, Role.VIEWER, by=Actor(admin))


def test_an_administrator_who_stays_one_is_no_conflict(new_uow: Callable[[], FakeUnitOfWork], admin: Account) -> None:
    assert manage_accounts.ChangeRole(new_uow, FixedClock())(admin.id, Role.ADMIN, by=Actor(admin)).role is Role.ADMIN


def test_deleting_a_person_deletes_private_runs_and_passes_shared_ones_to_the_system(
    new_uow: Callable[[], FakeUnitOfWork], admin: Account
) -> None:
    person = add(new_uow, id="leaving")
    store, files = Discarded(), Discarded()
    with new_uow() as uow:
        for name, shared in (("private", False), ("shared", True)):
            uow.runs.add(a_finished_run(id=RunId(name), owner=person.id, shared=shared))
            uow.uploads.add(an_upload(id=name, owner=person.id))
        uow.runs.add(a_finished_run(id=RunId("somebody's"), owner="other"))
        uow.trainings.add(a_training(id=TrainingId("training"), owner=person.id))
        uow.uploads.add(an_upload(id="training", owner=person.id))
        uow.sessions.add(a_login_session(account_id=person.id))
        uow.links.add(a_link(account_id=person.id))
        uow.commit()

    delete_account.RemoveAccount(new_uow, store, files, FakeStorage(), FixedClock())(person.id, by=Actor(admin))

    assert sorted(files.gone) == ["private", "training"]
    with new_uow() as uow:
        assert uow.runs.get(RunId("shared")).owner == "system"
        assert uow.runs.get(RunId("somebody's")).owner == "other"
        with pytest.raises(NotFound):
            uow.runs.get(RunId("private"))
        assert [(record.id, record.owner) for record in uow.uploads.all()] == [("shared", "system")]
        assert uow.trainings.get(TrainingId("training")).cancel_requested
        assert uow.sessions.get("session-1") is None
        assert uow.links.get("link-1") is None


def test_disabling_ends_sessions_and_links(new_uow: Callable[[], FakeUnitOfWork], admin: Account) -> None:
    person = add(new_uow, id="person")
    with new_uow() as uow:
        uow.sessions.add(a_login_session(account_id=person.id))
        uow.links.add(a_link(account_id=person.id))
        uow.commit()

    manage_accounts.DisableAccount(new_uow, FixedClock())(person.id, by=Actor(admin))

    with new_uow() as uow:
        assert uow.sessions.of(person.id) == []
        assert uow.links.open() == []


def test_a_second_invitation_of_an_email_replaces_the_first(
    new_uow: Callable[[], FakeUnitOfWork], admin: Account
) -> None:
    invite = one_time_links.Invite(new_uow, SimpleEmailRules(), CountedSecrets(), FixedClock())

    first, second = (invite("Branch@telco.example.com", Role.VIEWER, by=Actor(admin)) for _ in range(2))

    with new_uow() as uow:
        usable = [link for link in uow.links.open() if link.usable(at(minutes=1))]
    assert [link.token_hash for link in usable] == [CountedSecrets().digest(second)]
    assert first != second
    assert usable[0].email == "branch@telco.example.com"


def test_every_action_is_in_the_audit_log_with_person_and_address(
    new_uow: Callable[[], FakeUnitOfWork], admin: Account, database: FakeDatabase
) -> None:
    person = add(new_uow, id="person")
    clock = FixedClock()
    manage_accounts.ApproveAccount(new_uow, clock)(person.id, by=Actor(admin, "10.0.0.1"))
    manage_accounts.ChangeRole(new_uow, clock)(person.id, Role.MANAGER, by=Actor(admin, "10.0.0.1"))
    manage_accounts.DisableAccount(new_uow, clock)(person.id, by=Actor(admin, "10.0.0.1"))
    manage_accounts.EnableAccount(new_uow, clock)(person.id, by=Actor(admin, "10.0.0.1"))
    manage_accounts.EndSessionsOf(new_uow, clock)(person.id, by=Actor(admin, "10.0.0.1"))
    one_time_links.CreateResetLink(new_uow, CountedSecrets(), clock)(person.id, by=Actor(admin, "10.0.0.1"))

    assert [entry.action for entry in database.kept.audit] == [
        *("approved an account", "made manager", "disabled an account", "enabled an account"),
        *("ended all sessions", "made a reset link"),
    ]
    assert {(entry.actor, entry.subject, entry.address) for entry in database.kept.audit} == {
        (admin.email, person.email, "10.0.0.1")
    }


def test_a_bulk_deletion_needs_an_owner_or_an_age(new_uow: Callable[[], FakeUnitOfWork], admin: Account) -> None:
    with pytest.raises(InvalidInput):
        FindRunsInBulk(new_uow, FixedClock())(by=admin, owner=None, older_than_days=None)


def test_runs_of_exactly_that_age_are_not_older(new_uow: Callable[[], FakeUnitOfWork], admin: Account) -> None:
    clock = FixedClock()
    with new_uow() as uow:
        for days in (29, 30, 31):
            uow.runs.add(a_finished_run(id=RunId(f"{days}"), created_at=at(minutes=-days * 24 * 60)))
        uow.commit()

    runs = FindRunsInBulk(new_uow, clock)(by=admin, owner=None, older_than_days=30)

    assert [run.id for run in runs] == ["31"]


def test_an_upload_under_way_is_not_deleted(new_uow: Callable[[], FakeUnitOfWork], admin: Account) -> None:
    store = Discarded()
    with new_uow() as uow:
        uow.runs.add(a_run(id=RunId("queued")))
        uow.uploads.add(an_upload(id="queued"))
        uow.commit()

    with pytest.raises(Conflict):
        DeleteUpload(new_uow, store, store, FixedClock())("queued", by=Actor(admin))
    assert store.gone == []


@pytest.mark.parametrize("beaten", [None, at(minutes=-1), at(minutes=60)])
def test_an_ended_job_does_not_protect_its_upload_from_deletion(
    new_uow: Callable[[], FakeUnitOfWork], admin: Account, beaten: datetime | None
) -> None:
    """Its worker is silent, or its heartbeat is from the future, because the clock was set back."""
    store, clock = Discarded(), FixedClock(at())
    running = {"state": JobState.RUNNING, "worker": "gone", "heartbeat_at": beaten}
    with new_uow() as uow:
        uow.runs.add(a_run(id=RunId("dead"), **running))
        uow.runs.add(a_run(id=RunId("other"), **running))
        uow.uploads.add(an_upload(id="dead"))
        uow.commit()

    DeleteUpload(new_uow, store, store, clock)("dead", by=Actor(admin))

    with new_uow() as uow:
        assert uow.runs.get(RunId("dead")).state is JobState.FAILED
        assert uow.runs.get(RunId("other")).state is JobState.RUNNING, "a worker may still take it over"
        assert uow.uploads.get("dead") is None


def test_expired_files_are_deleted_including_those_of_trainings(new_uow: Callable[[], FakeUnitOfWork]) -> None:
    clock, results, files = FixedClock(), Discarded(), Discarded()
    ended = replace(a_training(id=TrainingId("trained"), created_at=at(minutes=-99_999)), state=JobState.DONE)
    with new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.runs.add(a_finished_run(id=RunId("old"), created_at=at(minutes=-99_999)))
        uow.runs.add(a_finished_run(id=RunId("new")))
        uow.trainings.add(ended)
        for name, when in (("old", at(minutes=-99_999)), ("new", at()), ("trained", at(minutes=-99_999))):
            uow.uploads.add(an_upload(id=name, at=when))
        uow.commit()

    PurgeExpired(new_uow, results, files, clock)()

    assert sorted(set(files.gone)) == ["old", "trained"]
    with new_uow() as uow:
        assert [record.id for record in uow.uploads.all()] == ["new"]
        assert {run.id for run in uow.runs.find(RunQuery()).runs} == {"old", "new"}, "sums stay"


def test_results_are_deleted_only_after_the_retention_period_and_never_during_a_job(
    new_uow: Callable[[], FakeUnitOfWork],
) -> None:
    clock, results, files = FixedClock(), Discarded(), Discarded()
    now = clock.now()
    with new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.runs.add(a_finished_run(id=RunId("30 days old"), created_at=now - timedelta(days=30)))
        uow.runs.add(a_finished_run(id=RunId("older"), created_at=now - timedelta(days=30, seconds=1)))
        waiting = a_run(id=RunId("waiting"), created_at=now - timedelta(days=90))
        uow.runs.add(waiting)
        running = a_run(id=RunId("running"), created_at=now - timedelta(days=90))
        uow.runs.add(running.started(worker="worker-1", at=now))
        for name in ("waiting", "running", "older"):
            uow.uploads.add(an_upload(id=name, at=now - timedelta(days=90)))
        uow.commit()

    assert PurgeExpired(new_uow, results, files, clock)() == 1

    assert set(results.gone) == {"older"}
    assert set(files.gone) == {"older"}
    with new_uow() as uow:
        assert sorted(record.id for record in uow.uploads.all()) == ["running", "waiting"]


def test_each_role_has_the_documented_permissions() -> None:
    may = {
        role: {permission.value for permission in Permission if an_account(role=role).can(permission)} for role in Role
    }

    assert may == {
        Role.VIEWER: {"read"},
        Role.ANALYST: {"read", "predict", "train"},
        Role.MANAGER: {
            *("read", "predict", "train", "see_all_runs", "promote", "set_economics", "edit_playbook"),
            "edit_do_not_contact",
        },
        Role.ADMIN: {
            *("read", "predict", "train", "see_all_runs", "promote", "set_economics", "edit_playbook", "administer"),
            "edit_do_not_contact",
        },
    }
