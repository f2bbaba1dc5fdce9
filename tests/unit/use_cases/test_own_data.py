"""Downloading one's data; deleting one's account."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace

import pytest

from application.use_cases.accounts.delete_account import DeleteAccount, PlanAccountDeletion
from application.use_cases.accounts.own_data import DownloadMyData
from application.use_cases.accounts.passwords import CurrentPassword
from domain.account import Account, Role
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput
from domain.remembered_matches import MatchId, RememberedMatch
from domain.run import SYSTEM_OWNER, JobState
from tests.builders import (
    a_finished_run,
    a_login_session,
    a_model_version,
    a_training,
    an_account,
    an_audit_entry,
    an_upload,
    at,
)
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.system import FakeStorage

CLOCK = SimpleNamespace(now=lambda: at(minutes=90))
HASHER = SimpleNamespace(verify=lambda password, hashed: hashed == f"plain:{password}")
PASSWORD = "a long enough password"


@dataclass
class Discarded:
    """A store of files that remembers whose were thrown away."""

    ids: list[str] = field(default_factory=list)

    def discard(self, run_id: str) -> None:
        self.ids.append(run_id)


def office(me: Account, *others: Account) -> FakeDatabase:
    """A person with a private and a shared run, a session, a training and a model, and a colleague's run."""
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        for account in (me, *others):
            uow.accounts.add(account)
        for run_id, owner, shared in (("private", me.id, False), ("shared", me.id, True), ("theirs", "else", False)):
            uow.runs.add(a_finished_run(id=run_id, owner=owner, shared=shared))
            uow.uploads.add(an_upload(id=run_id, owner=owner))
        uow.sessions.add(a_login_session(token_hash="digest:secret", account_id=me.id))
        uow.trainings.add(a_training(id="taught", owner=str(me.id)))
        uow.uploads.add(an_upload(id="taught", owner=me.id))
        uow.models.add(a_model_version(trained_by=str(me.id)))
        for match_id, header, by in (("m-1", "Vertrag", me.id), ("m-2", "Tarif", "else")):
            match = RememberedMatch(MatchId(match_id), header, "Contract", str(by), CLOCK.now(), "october.csv")
            uow.remembered_matches.add(match)
        uow.audit.record(an_audit_entry(actor=me.email, action="scored a file", subject="october.csv"))
        uow.audit.record(an_audit_entry(actor=f"not-{me.email}", action="scored another file"))
        uow.commit()
    return database


def downloaded(database: FakeDatabase, me: Account) -> dict:
    secrets = SimpleNamespace(digest=lambda token: f"digest:{token}")
    return DownloadMyData(lambda: FakeUnitOfWork(database), secrets, CLOCK)("secret", by=Actor(me))


def deletion(database: FakeDatabase) -> DeleteAccount:
    new_uow = partial(FakeUnitOfWork, database)
    return DeleteAccount(
        new_uow, CurrentPassword(new_uow, HASHER, CLOCK), Discarded(), Discarded(), FakeStorage(), CLOCK
    )


def test_a_persons_data_holds_their_account_sessions_and_own_predictions() -> None:
    me = an_account()
    data = downloaded(office(me), me)
    assert data["account"]["email"] == me.email
    assert {run["id"] for run in data["predictions"]} == {"private", "shared"}
    assert [own["header"] for own in data["remembered_matches"]] == ["Vertrag"]
    assert [session["this_one"] for session in data["sessions"]] == [True]
    assert len(data["trainings"]) == 1


def test_a_persons_data_holds_no_password_and_no_secret_not_even_hashed() -> None:
    me = an_account()
    text = json.dumps(downloaded(office(me), me))
    assert me.password_hash not in text
    assert "digest:" not in text


def test_a_persons_data_contains_only_their_own_actions() -> None:
    me = an_account()
    actions = [entry["action"] for entry in downloaded(office(me), me)["activity"]]
    assert "scored a file" in actions
    assert "scored another file" not in actions


def test_downloading_own_data_is_recorded() -> None:
    me = an_account()
    database = office(me)
    downloaded(database, me)
    assert database.kept.audit[-1].action == "downloaded their own data"


def test_deleting_an_account_removes_private_runs_and_passes_shared_ones_to_the_system() -> None:
    me = an_account()
    database = office(me)
    delete = deletion(database)
    delete(PASSWORD, by=Actor(me))
    assert set(database.kept.runs) == {"shared", "theirs"}
    assert database.kept.runs["shared"].owner == SYSTEM_OWNER
    assert database.kept.uploads["shared"].owner == SYSTEM_OWNER
    assert set(database.kept.uploads) == {"shared", "theirs"}
    assert delete.results.ids == delete.uploads.ids == ["private", "taught"], "the file of a training goes too"
    assert database.kept.trainings["taught"].cancel_requested
    assert database.kept.trainings["taught"].state is JobState.CANCELLED, "it was queued: no worker has to stop it"


def test_deleting_an_account_ends_its_sessions_and_keeps_its_models() -> None:
    me = an_account()
    database = office(me)
    deletion(database)(PASSWORD, by=Actor(me))
    assert me.id not in database.kept.accounts
    assert not database.kept.sessions
    assert [model.trained_by for model in database.kept.models.values()] == [me.id]
    assert database.kept.audit[-1].action == "deleted their own account"


def test_a_wrong_password_deletes_nothing() -> None:
    me = an_account()
    database = office(me)
    with pytest.raises(InvalidInput) as refused:
        deletion(database)("something else", by=Actor(me))
    assert refused.value.field == "current_password"
    assert me.id in database.kept.accounts


@pytest.mark.parametrize("other", [{}, {"role": Role.ADMIN, "disabled": True}, {"role": Role.ADMIN, "approved": False}])
def test_the_last_administrator_who_may_log_in_cannot_be_deleted(other: dict) -> None:
    me = an_account(role=Role.ADMIN)
    database = office(me, an_account(id="account-2", **other))
    with pytest.raises(Conflict, match="only administrator"):
        deletion(database)(PASSWORD, by=Actor(me))
    assert me.id in database.kept.accounts
    assert "private" in database.kept.runs


def test_one_of_two_administrators_can_be_deleted() -> None:
    me = an_account(role=Role.ADMIN)
    database = office(me, an_account(id="account-2", role=Role.ADMIN))
    deletion(database)(PASSWORD, by=Actor(me))
    assert set(database.kept.accounts) == {"account-2"}


def test_the_deletion_plan_lists_what_is_deleted_and_kept() -> None:
    me = an_account(role=Role.ADMIN)
    database = office(me)
    plan = PlanAccountDeletion(lambda: FakeUnitOfWork(database, reading=True))(by=me)
    assert [run.id for run in plan.private_runs] == ["private"]
    assert [run.id for run in plan.shared_runs] == ["shared"]
    assert (plan.models, plan.last_administrator) == (1, True)
