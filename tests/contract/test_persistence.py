"""What every unit of work promises, in memory and in SQL alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

from application.ports.persistence import AuditQuery, RunQuery, UnitOfWork
from domain.account import AccountId, LinkPurpose, RegistrationPolicy, Role
from domain.customer import Customer, CustomerId
from domain.economics import ThresholdStrategy
from domain.errors import AccountNotFound, Conflict, ModelNotFound, NotFound, RunNotFound
from domain.file_format import FileFormat, FormatChoice
from domain.model import Algorithm, ModelStage
from domain.policy import InstallationPolicy
from domain.prediction import BandLimits, Reason
from domain.recommendation import Economics
from domain.run import Progress, RunId, RunState, StopReport
from domain.training import TrainingId
from tests import builders as a
from tests.builders import at

NewUow = Callable[[], UnitOfWork]


def must_fill_every_field(value: Any) -> None:
    """Fails where a field of the object, or of one within it, still has its default: its loss would not show."""
    for field in dataclasses.fields(value):
        own = getattr(value, field.name)
        if field.default is not dataclasses.MISSING:
            assert own != field.default, f"{type(value).__name__}.{field.name} has its default"
        if field.default_factory is not dataclasses.MISSING:
            assert own != field.default_factory(), f"{type(value).__name__}.{field.name} has its default"
        if dataclasses.is_dataclass(own):
            must_fill_every_field(own)


def a_full_account(**given: Any) -> Any:
    times = {"last_login_at": at(minutes=1), "password_changed_at": at(minutes=2)}
    return a.an_account(**({"approved": False, "disabled": True, "role": Role.MANAGER} | times | given))


def a_full_run(**given: Any) -> Any:
    filled = {
        "state": RunState.FAILED,
        "shared": True,
        "sample": True,
        "playbook_version": 3,
        "started_at": at(minutes=1),
        "finished_at": at(minutes=3),
        "heartbeat_at": at(minutes=2),
        "worker": "worker-7",
        "progress": a.a_progress(),
        "summary": a.a_summary(),
        "error": "The disk is full.",
        "stopped": StopReport(260, 87, (("4 columns instead of 21", 87),), FileFormat("cp1252", ";", "'", ",", True)),
        "delete_previous": True,
        "cancel_requested": True,
        "matches": (("MonthlyCharges", 3), ("Contract", 0)),
        "written": FormatChoice("cp1252", ";", ","),
    }
    return a.a_run(**(filled | given))


def a_full_training(**given: Any) -> Any:
    filled = {
        "state": RunState.DONE,
        "sample": True,
        "starter": True,
        "promote": True,
        "started_at": at(minutes=1),
        "finished_at": at(minutes=3),
        "heartbeat_at": at(minutes=2),
        "worker": "worker-7",
        "progress": a.a_progress(),
        "version": "v4",
        "error": "The disk is full.",
        "cancel_requested": True,
    }
    return a.a_training(**(filled | given))


def a_full_version(**given: Any) -> Any:
    return a.a_model_version(**({"stage": ModelStage.RETIRED, "starter": True, "sample": True} | given))


def a_full_policy() -> InstallationPolicy:
    return InstallationPolicy(
        currency="ZAR",
        time_zone="Europe/Berlin",
        economics=Economics(321.5, 0.4, 6.0, 12.0, 2.0, 0.1 + 0.2),
        bands=BandLimits(0.2, 0.4, 0.6),
        registration=RegistrationPolicy.DOMAINS,
        allowed_domains=("telco.example.com", "netone.example.com"),
        retention_days=90,
        contact_list_rows=500,
        upload_limit=5_000_000,
        threshold_strategy=ThresholdStrategy.SHARE,
        threshold_target=0.15,
    )


def with_account(uow: UnitOfWork, **given: Any) -> Any:
    account = a.an_account(**given)
    uow.accounts.add(account)
    return account


# ---------------------------------------------------------------------------------------------- the unit of work


def test_nothing_stays_without_a_commit(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.audit.record(a.an_audit_entry())
        uow.policies.save(a_full_policy())
    with new_uow() as uow:
        assert uow.runs.find(RunQuery()).total == 0
        assert uow.audit.find(AuditQuery()) == ([], 0)
        assert uow.policies.get() == InstallationPolicy()


def test_an_error_rolls_back_what_came_before_it(new_uow: NewUow) -> None:
    def add_and_break() -> None:
        with new_uow() as uow:
            uow.runs.add(a.a_run())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_break()
    with new_uow() as uow, pytest.raises(RunNotFound):
        uow.runs.get(RunId("run-1"))


def test_what_follows_a_commit_needs_one_of_its_own(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(id="kept"))
        uow.commit()
        uow.runs.add(a.a_run(id="lost"))
    with new_uow() as uow:
        assert [run.id for run in uow.runs.find(RunQuery()).runs] == ["kept"]


def test_a_unit_of_work_can_be_entered_again_but_not_within_itself(new_uow: NewUow) -> None:
    unit = new_uow()
    with unit as uow:
        uow.runs.add(a.a_run())
        uow.commit()
        with pytest.raises(RuntimeError), unit:
            pass
    with unit as uow:
        assert uow.runs.get(RunId("run-1")) == a.a_run()


def test_two_units_of_work_do_not_nest_in_one_thread(new_uow: NewUow) -> None:
    with new_uow(), pytest.raises(RuntimeError), new_uow():
        pass
    with new_uow() as uow:
        assert uow.runs.find(RunQuery()).total == 0


def test_a_commit_outside_is_an_error(new_uow: NewUow) -> None:
    with pytest.raises(RuntimeError):
        new_uow().commit()


def test_a_conflict_leaves_the_rest_of_the_work_standing(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        with pytest.raises(Conflict):
            uow.runs.add(a.a_run(file_name="other.csv"))
        uow.commit()
    with new_uow() as uow:
        assert uow.runs.get(RunId("run-1")).file_name == a.a_run().file_name


# ------------------------------------------------------------------------------------------------------- accounts


def test_an_account_comes_back_with_every_field(new_uow: NewUow) -> None:
    account = a_full_account()
    must_fill_every_field(account)
    with new_uow() as uow:
        uow.accounts.add(account)
        uow.commit()
    with new_uow() as uow:
        assert uow.accounts.get(account.id) == account
        assert uow.accounts.by_email(account.email) == account
        assert uow.accounts.by_email("nobody@telco.example.com") is None


def test_an_account_is_saved_with_every_field(new_uow: NewUow) -> None:
    changed = a_full_account(name="Branch South", email="branch@telco.example.com")
    with new_uow() as uow:
        with_account(uow)
        uow.accounts.save(changed)
        uow.commit()
    with new_uow() as uow:
        assert uow.accounts.get(changed.id) == changed


def test_an_account_that_is_not_there_is_missed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for attempt in (uow.accounts.get, uow.accounts.remove):
            with pytest.raises(AccountNotFound):
                attempt(AccountId("nobody"))
        with pytest.raises(AccountNotFound):
            uow.accounts.save(a.an_account())


def test_ids_and_emails_of_accounts_are_taken_once(new_uow: NewUow) -> None:
    with new_uow() as uow:
        first = with_account(uow, id="first")
        second = with_account(uow, id="second")
        with pytest.raises(Conflict):
            uow.accounts.add(a.an_account(id="first", email="new@telco.example.com"))
        with pytest.raises(Conflict):
            uow.accounts.add(a.an_account(id="third", email=first.email))
        with pytest.raises(Conflict):
            uow.accounts.save(replace(second, email=first.email))


def test_accounts_are_listed_by_name_and_then_email_whatever_their_case(new_uow: NewUow) -> None:
    names = {"1": "élan Vital", "2": "Zanele", "3": "anesu", "4": "Anesu", "5": "Élan Alpha"}
    with new_uow() as uow:
        for account_id, name in names.items():
            with_account(uow, id=account_id, name=name, email=f"{9 - int(account_id)}@telco.example.com")
        assert [account.id for account in uow.accounts.all()] == ["4", "3", "2", "5", "1"]


def test_sessions_and_links_go_with_their_account(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account = with_account(uow)
        uow.sessions.add(a.a_login_session())
        uow.links.add(a.a_link(account_id=account.id))
        uow.links.add(a.a_link(token_hash="of nobody"))
        uow.accounts.remove(account.id)
        assert uow.sessions.get("session-1") is None
        assert uow.links.get("link-1") is None
        assert uow.links.get("of nobody") is not None


# --------------------------------------------------------------------------------------------- sessions and links


def test_a_session_comes_back_with_every_field(new_uow: NewUow) -> None:
    session = a.a_login_session()
    must_fill_every_field(session)
    with new_uow() as uow:
        with_account(uow)
        uow.sessions.add(session)
        assert uow.sessions.get(session.token_hash) == session
        assert uow.sessions.get("unknown") is None
        with pytest.raises(Conflict):
            uow.sessions.add(session)


def test_a_session_needs_its_account(new_uow: NewUow) -> None:
    with new_uow() as uow, pytest.raises(Conflict):
        uow.sessions.add(a.a_login_session())


def test_a_touched_session_was_seen_and_is_listed_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_account(uow)
        for minutes, token in enumerate(("one", "two", "three")):
            uow.sessions.add(a.a_login_session(token_hash=token, seen_at=at(minutes=minutes)))
        uow.sessions.touch("one", at=at(minutes=30))
        uow.sessions.touch("unknown", at=at(minutes=30))
        assert [own.token_hash for own in uow.sessions.of(AccountId("account-1"))] == ["one", "three", "two"]
        assert uow.sessions.get("one").seen_at == at(minutes=30)  # type: ignore[union-attr]
        assert uow.sessions.of(AccountId("nobody")) == []


def test_sessions_end_one_by_one_or_all_but_one(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account, other = with_account(uow), with_account(uow, id="other")
        for token in ("one", "two", "three", "four"):
            uow.sessions.add(a.a_login_session(token_hash=token))
        uow.sessions.add(a.a_login_session(token_hash="other's", account_id=other.id))
        uow.sessions.remove("four")
        uow.sessions.remove("unknown")
        assert uow.sessions.remove_of(account.id, but="two") == 2
        assert [own.token_hash for own in uow.sessions.of(account.id)] == ["two"]
        assert uow.sessions.remove_of(account.id) == 1
        assert len(uow.sessions.of(other.id)) == 1


def test_a_link_comes_back_with_every_field(new_uow: NewUow) -> None:
    link = a.a_link(account_id=AccountId("account-1"), used_at=at(minutes=3), purpose=LinkPurpose.RESET)
    must_fill_every_field(link)
    bare = a.a_link(token_hash="bare", email=None, role=None)
    with new_uow() as uow:
        with_account(uow)
        uow.links.add(link)
        uow.links.add(bare)
        assert uow.links.get(link.token_hash) == link
        assert uow.links.get("bare") == bare
        assert uow.links.get("unknown") is None
        with pytest.raises(Conflict):
            uow.links.add(link)
        with pytest.raises(Conflict):
            uow.links.add(a.a_link(token_hash="new", account_id=AccountId("nobody")))


def test_open_links_are_the_unused_ones_newest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account = with_account(uow)
        for minutes, token in enumerate(("old", "used", "new")):
            uow.links.add(a.a_link(token_hash=token, created_at=at(minutes=minutes), account_id=account.id))
        uow.links.save(replace(uow.links.get("used"), used_at=at(minutes=9)))  # type: ignore[type-var]
        assert [link.token_hash for link in uow.links.open()] == ["new", "old"]
        with pytest.raises(NotFound):
            uow.links.save(a.a_link(token_hash="unknown"))
        uow.links.remove_of(account.id)
        assert uow.links.open() == []


# ------------------------------------------------------------------------------------------------------------ runs


def test_a_run_comes_back_with_every_field(new_uow: NewUow) -> None:
    run, bare = a_full_run(), a.a_run(id="bare")
    must_fill_every_field(run)
    must_fill_every_field(run.summary.columns[0])
    with new_uow() as uow:
        uow.runs.add(run)
        uow.runs.add(bare)
        uow.commit()
    with new_uow() as uow:
        assert uow.runs.get(run.id) == run
        assert uow.runs.get(bare.id) == bare
        assert uow.runs.get(run.id).created_at.tzinfo is UTC
        assert all(type(band).__name__ == "RiskBand" for band in uow.runs.get(run.id).summary.bands)  # type: ignore[union-attr]


def test_a_summary_without_money_months_or_truth_comes_back(new_uow: NewUow) -> None:
    nothing = {"money_at_risk": None, "revenue_likely": None, "revenue_total": None, "truth": None}
    run = a.a_finished_run(summary=a.a_summary(**nothing, months=(), columns=()))
    with new_uow() as uow:
        uow.runs.add(run)
        assert uow.runs.get(run.id) == run


def test_a_run_is_saved_with_every_field(new_uow: NewUow) -> None:
    changed = a_full_run(owner="other", file_name="renamed.csv", created_at=at(minutes=-5))
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.runs.save(changed)
        assert uow.runs.get(changed.id) == changed


def test_a_run_that_is_not_there_is_missed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for attempt in (uow.runs.get, uow.runs.remove):
            with pytest.raises(RunNotFound):
                attempt(RunId("none"))
        with pytest.raises(RunNotFound):
            uow.runs.save(a.a_run())
        now = at()
        assert uow.runs.claim(RunId("none"), worker="w", now=now, stale_before=now) is None
        assert not uow.runs.beat(RunId("none"), worker="w", at=now, progress=Progress())


def test_a_times_zone_may_be_any_and_microseconds_count(new_uow: NewUow) -> None:
    harare = timezone(timedelta(hours=2))
    run = a.a_run(created_at=datetime(2026, 1, 1, 1, 30, 0, 1, tzinfo=harare))
    with new_uow() as uow:
        uow.runs.add(run)
        assert uow.runs.get(run.id).created_at == datetime(2025, 12, 31, 23, 30, 0, 1, tzinfo=UTC)


def test_what_is_handed_out_or_in_is_a_copy(new_uow: NewUow) -> None:
    summary = a.a_summary()
    run = a.a_finished_run(summary=summary)
    with new_uow() as uow:
        uow.runs.add(run)
        uow.commit()
    summary.bands.clear()
    with new_uow() as uow:
        handed_out = uow.runs.get(run.id).summary
        assert handed_out is not None
        assert handed_out.bands == a.a_summary().bands
        handed_out.bands.clear()
        uow.commit()
    with new_uow() as uow:
        assert uow.runs.get(run.id).summary == a.a_summary()


def test_an_older_copy_does_not_take_back_that_cancelling_was_asked_for(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.trainings.add(a.a_training())
        older, older_training = uow.runs.get(RunId("run-1")), uow.trainings.get(TrainingId("training-1"))
        uow.runs.save(replace(older, cancel_requested=True))
        uow.trainings.save(replace(older_training, cancel_requested=True))
        uow.runs.save(replace(older, file_name="renamed.csv"))
        uow.trainings.save(replace(older_training, version="v9"))
        run, training = uow.runs.get(older.id), uow.trainings.get(older_training.id)
        assert (run.cancel_requested, run.file_name) == (True, "renamed.csv")
        assert (training.cancel_requested, training.version) == (True, "v9")


def add_some_runs(uow: UnitOfWork) -> None:
    with_account(uow, id="shop", name="Shop North")
    with_account(uow, id="branch", name="Branch 100% South")
    for place, (owner, name, scored) in enumerate(
        [
            ("shop", "October_base.csv", 40),
            ("branch", "octoberXbase.csv", 30),
            ("system", "50%_off\\list.csv", 20),
            ("shop", "Ärzte.csv", 0),
            ("branch", "zulu.csv", 10),
        ]
    ):
        given = {"id": f"run-{place}", "owner": owner, "file_name": name, "created_at": at(minutes=place)}
        if scored:
            summary = a.a_summary(rows=scored, scored=scored, rejected=0, likely_to_leave=40 - scored)
            uow.runs.add(a.a_finished_run(**given, summary=summary, model_version="v2", shared=scored == 20))
        else:
            uow.runs.add(a.a_run(**given))


def found(uow: UnitOfWork, **query: Any) -> list[str]:
    return [run.id.removeprefix("run-") for run in uow.runs.find(RunQuery(**query)).runs]


def test_runs_are_found_newest_first_with_totals_over_all_pages(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.runs.find(RunQuery()).customers == 0
        add_some_runs(uow)
        page = uow.runs.find(RunQuery(offset=1, limit=2))
        assert [run.id for run in page.runs] == ["run-3", "run-2"]
        assert (page.total, page.customers) == (5, 100)
        assert page.runs[1] == uow.runs.get(RunId("run-2"))


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("october_b", ["0"]),
        ("OCTOBER", ["1", "0"]),
        ("50%", ["2"]),
        ("%", ["4", "2", "1"]),
        ("off\\li", ["2"]),
        ("ärzte", ["3"]),
        ("north", ["3", "0"]),
        ("100% s", ["4", "1"]),
        ("SYSTEM", ["2"]),
        ("  zulu ", ["4"]),
        ("'; DROP TABLE runs; --", []),
    ],
)
def test_runs_are_found_by_part_of_a_file_or_owner_name(new_uow: NewUow, search: str, expected: list[str]) -> None:
    with new_uow() as uow:
        add_some_runs(uow)
        assert found(uow, search=search) == expected
        assert uow.runs.find(RunQuery(search=search)).total == len(expected)


def test_runs_are_narrowed_down_and_sorted(new_uow: NewUow) -> None:
    with new_uow() as uow:
        add_some_runs(uow)
        assert found(uow, visible_to="shop") == ["3", "2", "0"]
        assert found(uow, owner="branch") == ["4", "1"]
        assert found(uow, visible_to="shop", owner="branch") == []
        assert found(uow, states=(RunState.QUEUED, RunState.FAILED)) == ["3"]
        assert found(uow, model="v1") == ["3"]
        assert found(uow, since=at(minutes=3)) == ["4", "3"]
        assert found(uow, descending=False) == ["0", "1", "2", "3", "4"]
        assert found(uow, sort="file", descending=False) == ["2", "0", "1", "4", "3"]
        assert found(uow, sort="customers") == ["0", "1", "2", "4", "3"]
        assert found(uow, sort="leaving") == ["4", "2", "1", "3", "0"]


def test_of_two_workers_one_gets_a_queued_run(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(progress=a.a_progress()))
        uow.commit()
    with new_uow() as uow:
        first = uow.runs.claim(RunId("run-1"), worker="first", now=at(), stale_before=at(minutes=-1))
        uow.commit()
    with new_uow() as uow:
        second = uow.runs.claim(RunId("run-1"), worker="second", now=at(), stale_before=at(minutes=-1))
        uow.commit()
    assert second is None
    assert first == a.a_run(progress=a.a_progress()).started(worker="first", at=at())
    with new_uow() as uow:
        assert uow.runs.get(RunId("run-1")) == first


def test_a_silent_workers_run_is_taken_over_and_its_beats_are_refused(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        claim = uow.runs.claim
        assert claim(RunId("run-1"), worker="silent", now=at(), stale_before=at(minutes=-1))
        assert claim(RunId("run-1"), worker="next", now=at(minutes=1), stale_before=at()) is None
        taken = claim(RunId("run-1"), worker="next", now=at(minutes=2), stale_before=at(minutes=1))
        assert taken is not None
        assert (taken.worker, taken.heartbeat_at, taken.started_at) == ("next", at(minutes=2), at(minutes=2))
        assert not uow.runs.beat(RunId("run-1"), worker="silent", at=at(minutes=3), progress=a.a_progress())
        assert uow.runs.get(RunId("run-1")) == taken


def test_a_beat_notes_time_and_progress_alone(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        taken = uow.runs.claim(RunId("run-1"), worker="w", now=at(), stale_before=at())
        assert taken is not None
        assert uow.runs.beat(taken.id, worker="w", at=at(minutes=1), progress=a.a_progress())
        assert uow.runs.get(taken.id) == replace(taken, heartbeat_at=at(minutes=1), progress=a.a_progress())


def test_a_beat_tells_that_cancelling_was_asked_for(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        taken = uow.runs.claim(RunId("run-1"), worker="w", now=at(), stale_before=at())
        assert taken is not None
        uow.runs.save(replace(taken, cancel_requested=True))
        assert not uow.runs.beat(taken.id, worker="w", at=at(minutes=1), progress=a.a_progress())
        taken_over = uow.runs.claim(taken.id, worker="next", now=at(minutes=2), stale_before=at(minutes=1))
        assert taken_over is not None
        assert taken_over.cancel_requested


@pytest.mark.parametrize("state", [state for state in RunState if state.ended])
def test_an_ended_run_or_training_is_neither_claimed_nor_beaten(new_uow: NewUow, state: RunState) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(state=state, worker="w", heartbeat_at=at(minutes=-90)))
        uow.trainings.add(a.a_training(state=state, worker="w", heartbeat_at=at(minutes=-90)))
        for jobs, job_id in ((uow.runs, "run-1"), (uow.trainings, "training-1")):
            assert jobs.claim(job_id, worker="w", now=at(), stale_before=at()) is None  # type: ignore[attr-defined]
            assert not jobs.beat(job_id, worker="w", at=at(), progress=Progress())  # type: ignore[attr-defined]
        assert uow.runs.unfinished() == []
        assert uow.trainings.unfinished() == []


def test_unfinished_runs_are_the_queued_and_running_ones_oldest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(id="later", created_at=at(minutes=2)))
        uow.runs.add(a.a_run(id="sooner", created_at=at(minutes=1)))
        uow.runs.add(a.a_finished_run(id="done"))
        uow.runs.claim(RunId("later"), worker="w", now=at(), stale_before=at())
        assert [run.id for run in uow.runs.unfinished()] == ["sooner", "later"]


# ------------------------------------------------------------------------------------------------------- trainings


def test_a_training_comes_back_with_every_field(new_uow: NewUow) -> None:
    training, bare = a_full_training(), a.a_training(id="bare", request=a.TrainingRequest())
    must_fill_every_field(training)
    with new_uow() as uow:
        uow.trainings.add(training)
        uow.trainings.add(bare)
        with pytest.raises(Conflict):
            uow.trainings.add(training)
        assert uow.trainings.get(training.id) == training
        assert uow.trainings.get(bare.id) == bare
        changed = a_full_training(id="bare", owner="other")
        uow.trainings.save(changed)
        assert uow.trainings.get(bare.id) == changed


def test_a_training_that_is_not_there_is_missed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with pytest.raises(NotFound):
            uow.trainings.get(TrainingId("none"))
        with pytest.raises(NotFound):
            uow.trainings.save(a.a_training())


def test_a_training_is_claimed_beaten_and_taken_over_like_a_run(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.trainings.add(a.a_training())
        trainings, it = uow.trainings, TrainingId("training-1")
        taken = trainings.claim(it, worker="first", now=at(), stale_before=at())
        assert taken == a.a_training().started(worker="first", at=at())
        assert trainings.claim(it, worker="second", now=at(), stale_before=at()) is None
        assert trainings.beat(it, worker="first", at=at(minutes=1), progress=a.a_progress())
        assert trainings.get(it) == replace(taken, heartbeat_at=at(minutes=1), progress=a.a_progress())
        assert trainings.claim(it, worker="second", now=at(minutes=5), stale_before=at(minutes=4)) is not None
        assert not trainings.beat(it, worker="first", at=at(minutes=6), progress=a.a_progress())


def test_trainings_are_listed_newest_first_and_those_unfinished_oldest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for minutes, owner in enumerate(("shop", "branch", "shop")):
            uow.trainings.add(a.a_training(id=f"t{minutes}", owner=owner, created_at=at(minutes=minutes)))
        assert [own.id for own in uow.trainings.latest()] == ["t2", "t1", "t0"]
        assert [own.id for own in uow.trainings.latest(limit=1)] == ["t2"]
        assert [own.id for own in uow.trainings.latest(owner="shop")] == ["t2", "t0"]
        assert [own.id for own in uow.trainings.unfinished()] == ["t0", "t1", "t2"]


# --------------------------------------------------------------------------------------------------- contact lists


def test_a_contact_comes_back_with_every_field(new_uow: NewUow) -> None:
    contact = a.a_contact(row=7)
    must_fill_every_field(contact)
    bare = a.a_contact(row=8, monthly_revenue=None, month=None)
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        assert uow.predictions.add(RunId("run-1"), [contact, bare]) == 2
        kept = uow.predictions.get(RunId("run-1"), 7)
        assert kept == contact
        assert isinstance(kept.customer.attributes, MappingProxyType)  # type: ignore[union-attr]
        assert kept.customer.attributes["PaperlessBilling"] is True  # type: ignore[union-attr]
        assert kept.customer.attributes["Contract"] == "5"  # type: ignore[union-attr]
        assert uow.predictions.get(RunId("run-1"), 8) == bare
        assert uow.predictions.get(RunId("run-1"), 9) is None


def test_every_kind_of_value_comes_back_as_it_was(new_uow: NewUow) -> None:
    values = {
        "text": 'Ü "quoted", back\\slash \'n line\n',
        "number like": "1e5",
        "empty": "",
        "true": True,
        "false": False,
        "missing": None,
        "tiny": 5e-324,
        "third": 1 / 3,
        "huge": -1.7976931348623157e308,
        "endless": float("inf"),
        "": "a column without a name",
    }
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact(customer=Customer(CustomerId("7590-VHVEG"), 1, values))])
        kept = uow.predictions.get(RunId("run-1"), 1)
        assert kept is not None
        assert {name: (type(value), value) for name, value in kept.customer.attributes.items()} == {
            name: (type(value), value) for name, value in values.items()
        }


def test_a_contact_list_is_read_in_order_of_position_page_by_page(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.runs.add(a.a_run(id="other"))
        contacts = [a.a_contact(row=row, customer_id=f"c{row}", position=10 - row) for row in range(1, 10)]
        uow.predictions.add(RunId("run-1"), iter(contacts))
        uow.predictions.add(RunId("other"), [a.a_contact(row=1)])
        positions = [contact.position for contact in uow.predictions.of_run(RunId("run-1"))]
        assert positions == list(range(1, 10))
        page = uow.predictions.of_run(RunId("run-1"), offset=2, limit=3)
        assert [contact.position for contact in page] == [3, 4, 5]
        assert uow.predictions.count(RunId("run-1")) == 9
        assert uow.predictions.count(RunId("none")) == 0
        assert uow.predictions.add(RunId("run-1"), []) == 0


def test_a_contact_list_needs_its_run_and_holds_a_row_once(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with pytest.raises(Conflict):
            uow.predictions.add(RunId("none"), [a.a_contact()])
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact()])
        with pytest.raises(Conflict):
            uow.predictions.add(RunId("run-1"), [a.a_contact()])


def test_a_contact_list_goes_with_its_run(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact()])
        uow.runs.remove(RunId("run-1"))
        assert uow.predictions.count(RunId("run-1")) == 0


def test_a_customers_history_holds_the_finished_runs_that_a_person_may_see(new_uow: NewUow) -> None:
    with new_uow() as uow:
        given = [("third", "shop", False), ("first", "branch", True), ("second", "branch", False)]
        for run_id, owner, shared in given:
            minutes = ("first", "second", "third").index(run_id)
            run = a.a_finished_run(id=run_id, owner=owner, shared=shared, created_at=at(minutes=minutes))
            uow.runs.add(run)
            uow.predictions.add(run.id, [a.a_contact(row=1, probability=0.5 + minutes / 10)])
        uow.runs.add(a.a_run(id="unfinished", owner="shop"))
        uow.predictions.add(RunId("unfinished"), [a.a_contact(), a.a_contact(row=2, customer_id="someone else")])
        everything = uow.predictions.history_of("7590-VHVEG", visible_to=None)
        assert [past.run_id for past in everything] == ["first", "second", "third"]
        theirs = uow.predictions.history_of("7590-VHVEG", visible_to="shop")
        assert [past.run_id for past in theirs] == ["first", "third"]
        past = theirs[1]
        assert (past.file_name, past.at, past.month) == (a.a_run().file_name, at(minutes=2), "2026-10")
        assert (past.probability, past.mean_probability) == (0.7, 0.1 + 0.2)
        assert uow.predictions.history_of("nobody", visible_to=None) == []


def test_a_customer_is_erased_from_every_contact_list(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for run_id in ("one", "two"):
            uow.runs.add(a.a_run(id=run_id))
            uow.predictions.add(RunId(run_id), [a.a_contact(), a.a_contact(row=2, customer_id="other")])
        assert uow.predictions.erase_customer("7590-VHVEG") == 2
        assert uow.predictions.erase_customer("7590-VHVEG") == 0
        assert [contact.customer.id for contact in uow.predictions.of_run(RunId("two"))] == ["other"]


def test_an_erased_customers_name_goes_out_of_others_entries_too(new_uow: NewUow) -> None:
    other = a.a_contact(row=2, customer_id="other")
    said = {"Notes": 'first line\n7590-VHVEG, "a friend"', "Referred": "7590-VHVEG0", "tenure": 0.1 + 0.2}
    other = replace(
        other,
        customer=replace(other.customer, attributes=said),
        prediction=replace(other.prediction, raises=(Reason("Notes", "of 7590-VHVEG", 0.1 + 0.2),)),
    )
    with new_uow() as uow:
        uow.runs.add(a.a_run(id=RunId("one")))
        uow.predictions.add(RunId("one"), [a.a_contact(), other])
        uow.predictions.erase_customer("7590-VHVEG")
        (left,) = uow.predictions.of_run(RunId("one"))
    assert left == replace(
        other,
        customer=replace(other.customer, attributes=said | {"Notes": 'first line\n(erased), "a friend"'}),
        prediction=replace(other.prediction, raises=(Reason("Notes", "of (erased)", 0.1 + 0.2),)),
    )


def test_a_number_that_is_an_id_leaves_others_figures_alone(new_uow: NewUow) -> None:
    other = a.a_contact(row=2, customer_id="other")
    with new_uow() as uow:
        uow.runs.add(a.a_run(id=RunId("one")))
        uow.predictions.add(RunId("one"), [a.a_contact(customer_id="5"), other])
        assert uow.predictions.erase_customer("5") == 1
        assert uow.predictions.of_run(RunId("one")) == [other]


# ---------------------------------------------------------------------------------------------------------- models


def test_a_model_version_comes_back_with_every_field(new_uow: NewUow) -> None:
    version, bare = a_full_version(), a.a_model_version(id="v2", algorithm=Algorithm.XGBOOST)
    must_fill_every_field(version)
    must_fill_every_field(version.evaluation.roc)
    bare = replace(bare, evaluation=a.an_evaluation(rounds=None, baseline=None, out_of_time=None))
    with new_uow() as uow:
        uow.models.add(version)
        uow.models.add(bare)
        assert uow.models.get("v1") == version
        assert uow.models.get("v2") == bare
        changed = a_full_version(id="v2", trained_by="other", seed=2**40)
        uow.models.save(changed)
        assert uow.models.get("v2") == changed


def test_a_model_version_that_is_not_there_is_missed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for attempt in (uow.models.get, uow.models.remove):
            with pytest.raises(ModelNotFound):
                attempt("v9")
        with pytest.raises(ModelNotFound):
            uow.models.save(a.a_model_version())
        with pytest.raises(ModelNotFound):
            uow.models.set_stage("v9", ModelStage.CHAMPION)


def test_version_numbers_rise_and_are_never_given_twice(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.models.next_id() == "v1"
        uow.models.add(a.a_model_version(id="v0", starter=True))
        assert uow.models.next_id() == "v1"
        for number in range(1, 12):
            assert uow.models.next_id() == f"v{number}"
            uow.models.add(a.a_model_version(id=f"v{number}"))
        assert [own.number for own in uow.models.all()] == list(range(11, -1, -1))
        with pytest.raises(Conflict):
            uow.models.add(a.a_model_version(id="v3"))
        uow.models.remove("v11")
        assert uow.models.next_id() == "v12"
        with pytest.raises(Conflict):
            uow.models.add(a.a_model_version(id="v11"))


def test_there_is_one_champion_at_most(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.models.champion() is None
        uow.models.add(a.a_model_version(id="v1", stage=ModelStage.CHAMPION))
        uow.models.add(a.a_model_version(id="v2"))
        with pytest.raises(Conflict):
            uow.models.set_stage("v2", ModelStage.CHAMPION)
        with pytest.raises(Conflict):
            uow.models.save(a.a_model_version(id="v2", stage=ModelStage.CHAMPION))
        assert uow.models.champion() == a.a_model_version(id="v1", stage=ModelStage.CHAMPION)
        uow.models.set_stage("v1", ModelStage.RETIRED)
        uow.models.set_stage("v2", ModelStage.CHAMPION)
        assert uow.models.champion() == a.a_model_version(id="v2", stage=ModelStage.CHAMPION)
        assert uow.models.get("v1").stage is ModelStage.RETIRED


def test_promotions_are_listed_newest_first(new_uow: NewUow) -> None:
    first = a.a_promotion(version="v1", previous=None)
    second, third = a.a_promotion(version="v2", at=at(minutes=1)), a.a_promotion(version="v3", at=at(minutes=1))
    must_fill_every_field(second)
    with new_uow() as uow:
        for promotion in (first, second, third):
            uow.models.log(promotion)
        assert uow.models.promotions() == [third, second, first]


# ------------------------------------------------------------------------------------- playbooks, settings, audit


def test_the_first_playbook_is_there_and_later_ones_come_back_with_every_field(new_uow: NewUow) -> None:
    later = a.a_playbook(version=2, actions=(a.an_action(), a.an_action(id="second")))
    must_fill_every_field(later.actions[0])
    must_fill_every_field(later.actions[0].answers[0])
    with new_uow() as uow:
        first = uow.playbooks.latest()
        assert first.version == 1
        assert first.actions
        assert uow.playbooks.get(1) == first
        uow.playbooks.add(later)
        assert uow.playbooks.latest() == later
        assert uow.playbooks.get(1) == first
        with pytest.raises(Conflict):
            uow.playbooks.add(later)
        with pytest.raises(NotFound):
            uow.playbooks.get(3)


def test_the_policy_is_the_defaults_until_one_is_saved(new_uow: NewUow) -> None:
    must_fill_every_field(a_full_policy())
    with new_uow() as uow:
        assert uow.policies.get() == InstallationPolicy()
        uow.policies.save(InstallationPolicy(currency="EUR"))
        uow.policies.save(a_full_policy())
        uow.commit()
    with new_uow() as uow:
        assert uow.policies.get() == a_full_policy()


def test_the_audit_log_is_read_newest_first_and_narrowed_down(new_uow: NewUow) -> None:
    entries = [
        a.an_audit_entry(at=at(minutes=0), action="logged in", subject=""),
        a.an_audit_entry(at=at(minutes=1), actor="Branch Ñorth", subject="50%_off.csv"),
        a.an_audit_entry(at=at(minutes=2), address="10.0.0.99"),
        a.an_audit_entry(at=at(minutes=2), subject="same moment"),
    ]
    must_fill_every_field(entries[2])
    with new_uow() as uow:
        for entry in entries:
            uow.audit.record(entry)
        assert uow.audit.find(AuditQuery()) == (entries[::-1], 4)
        assert uow.audit.find(AuditQuery(offset=1, limit=2)) == ([entries[2], entries[1]], 4)
        assert uow.audit.find(AuditQuery(search="ñORTH")) == ([entries[1]], 1)
        assert uow.audit.find(AuditQuery(search="%_")) == ([entries[1]], 1)
        assert uow.audit.find(AuditQuery(search="0.99")) == ([entries[2]], 1)
        assert uow.audit.find(AuditQuery(action="logged in")) == ([entries[0]], 1)
        assert uow.audit.find(AuditQuery(since=at(minutes=1), until=at(minutes=2))) == ([entries[1]], 1)


def test_log_ins_that_ran_out_and_links_that_are_spent_can_be_removed(new_uow: NewUow) -> None:
    now = at() + timedelta(days=10)
    idle, old = now - timedelta(hours=9), now - timedelta(days=8)
    with new_uow() as uow:
        uow.accounts.add(a.an_account())
        for name, created, seen in (("idle", idle, idle), ("old", old, now), ("live", idle, now)):
            uow.sessions.add(a.a_login_session(token_hash=name, created_at=created, seen_at=seen))
        for name, until, used in (
            ("late", at(), None),
            ("used", now + timedelta(1), at()),
            ("open", now + timedelta(1), None),
        ):
            uow.links.add(a.a_link(token_hash=name, expires_at=until, used_at=used))
        assert uow.sessions.remove_expired(now) == 2
        assert uow.links.remove_spent(now) == 2
        assert [session.token_hash for session in uow.sessions.of(a.an_account().id)] == ["live"]
        assert [link.token_hash for link in uow.links.open()] == ["open"]
        assert uow.links.get("used") is None


# --------------------------------------------------------------------------------------- workers, uploads, throttle


def test_the_latest_sign_of_life_of_any_worker_is_known(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.workers.last_seen() is None
        uow.workers.beat("one", at=at(minutes=1))
        uow.workers.beat("two", at=at(minutes=3))
        uow.workers.beat("one", at=at(minutes=2))
        assert uow.workers.last_seen() == at(minutes=3)
        uow.workers.beat("one", at=at(minutes=4))
        assert uow.workers.last_seen() == at(minutes=4)


def test_uploads_are_kept_until_removed_and_listed_newest_first(new_uow: NewUow) -> None:
    first, second = a.an_upload(), a.an_upload(id="training-1", at=at(minutes=1), size=3 * 1024**3)
    with new_uow() as uow:
        for record in (first, second):
            uow.uploads.add(record)
        with pytest.raises(Conflict):
            uow.uploads.add(first)
        assert uow.uploads.get("run-1") == first
        assert uow.uploads.get("none") is None
        assert uow.uploads.all() == [second, first]
        uow.uploads.remove("run-1")
        uow.uploads.remove("none")
        assert uow.uploads.all() == [second]


def test_failed_attempts_are_counted_by_key_from_a_moment_on(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for minutes in (3, 1, 2, 1):
            uow.throttle.record("mail:shop", at=at(minutes=minutes))
        uow.throttle.record("address:10.0.0.7", at=at(minutes=2))
        theirs = uow.throttle.failures("mail:shop", since=at(minutes=1))
        assert theirs == [at(minutes=1), at(minutes=1), at(minutes=2), at(minutes=3)]
        assert uow.throttle.failures("mail:shop", since=at(minutes=2)) == [at(minutes=2), at(minutes=3)]
        uow.throttle.clear("mail:shop")
        assert uow.throttle.failures("mail:shop", since=at()) == []
        assert len(uow.throttle.failures("address:10.0.0.7", since=at())) == 1


def test_one_attempt_can_be_taken_back_and_old_ones_forgotten(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for minutes in (1, 2, 2):
            uow.throttle.record("address:10.0.0.7", at=at(minutes=minutes))
        uow.throttle.record("mail:shop", at=at(minutes=2))
        uow.throttle.forget("address:10.0.0.7", at=at(minutes=2))
        uow.throttle.forget("address:10.0.0.7", at=at(minutes=3))
        uow.throttle.forget("nobody's", at=at(minutes=1))
        assert uow.throttle.failures("address:10.0.0.7", since=at()) == [at(minutes=1), at(minutes=2)]
        uow.throttle.forget_before(at(minutes=2))
        assert uow.throttle.failures("address:10.0.0.7", since=at()) == [at(minutes=2)]
        assert uow.throttle.failures("mail:shop", since=at()) == [at(minutes=2)]


def test_attempts_a_week_old_are_forgotten(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.throttle.record("mail:shop", at=at())
        uow.throttle.record("mail:branch", at=at() + timedelta(days=8))
        assert uow.throttle.failures("mail:shop", since=at()) == []
