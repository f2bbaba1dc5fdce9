"""Playbooks, the policy, the audit log, workers, uploads and failed attempts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from application.ports.audit import AuditQuery
from application.ports.job_records import JobTotal
from domain.errors import Conflict, NotFound
from domain.playbook_versions import PlaybookVersion
from domain.policy import InstallationPolicy
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, a_full_policy, check_every_field_is_filled


def test_the_first_playbook_is_there_and_later_ones_come_back_with_every_field(new_uow: NewUow) -> None:
    later = a.a_playbook(version=2, actions=(a.an_action(), a.an_action(id="second", switched_on=False)))
    check_every_field_is_filled(later.actions[1])
    check_every_field_is_filled(later.actions[0].answers[0])
    with new_uow() as uow:
        first = uow.playbooks.latest()
        assert first.version == 1
        assert first.actions
        assert uow.playbooks.get(1) == first
        seeded = uow.playbooks.version(1)
        assert (seeded.playbook, seeded.by, seeded.note, seeded.at) == (first, "The product", "", None)
        saved = PlaybookVersion(later, "Analyst", "Added “second”", at(minutes=2))
        uow.playbooks.add(saved)
        assert uow.playbooks.latest() == later
        assert uow.playbooks.get(1) == first
        assert uow.playbooks.version(2) == saved
        assert uow.playbooks.versions() == [saved, seeded]
        with pytest.raises(Conflict):
            uow.playbooks.add(saved)
        with pytest.raises(NotFound):
            uow.playbooks.get(3)


def test_the_policy_is_the_defaults_until_one_is_saved(new_uow: NewUow) -> None:
    check_every_field_is_filled(a_full_policy())
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
    check_every_field_is_filled(entries[2])
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
        for name, created, seen in (
            ("idle", idle, idle),
            ("old", old, now),
            ("live", idle, now),
            ("just ahead", now, now + timedelta(minutes=5)),
            ("ahead", now + timedelta(days=365), now + timedelta(days=365)),
            ("seen ahead", idle, now + timedelta(minutes=5, seconds=1)),
        ):
            uow.sessions.add(a.a_login_session(token_hash=name, created_at=created, seen_at=seen))
        for name, until, used in (
            ("late", at(), None),
            ("used", now + timedelta(1), at()),
            ("open", now + timedelta(1), None),
        ):
            uow.links.add(a.a_link(token_hash=name, expires_at=until, used_at=used))
        made_ahead = now + timedelta(days=365)
        uow.links.add(a.a_link(token_hash="ahead", created_at=made_ahead, expires_at=made_ahead + timedelta(7)))
        assert uow.sessions.remove_expired(now) == 4
        assert uow.links.remove_spent(now) == 3
        assert [own.token_hash for own in uow.sessions.of(a.an_account().id)] == ["just ahead", "live"]
        assert [link.token_hash for link in uow.links.open()] == ["open"]
        assert uow.links.get("used") is None


def test_the_latest_heartbeat_of_any_worker_is_stored(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.workers.last_seen() is None
        uow.workers.heartbeat("one", at=at(minutes=1))
        uow.workers.heartbeat("two", at=at(minutes=3))
        uow.workers.heartbeat("one", at=at(minutes=2))
        assert uow.workers.last_seen() == at(minutes=3)
        uow.workers.heartbeat("one", at=at(minutes=4))
        assert uow.workers.last_seen() == at(minutes=4)
        assert uow.workers.last_seen(until=at(minutes=3)) == at(minutes=3)
        assert uow.workers.last_seen(until=at(minutes=2)) is None


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


def test_totals_of_jobs_grow_by_kind_and_outcome(new_uow: NewUow) -> None:
    one = JobTotal("score", "done", jobs=1, seconds=1.5, rows=100, rejected=3)
    check_every_field_is_filled(one)
    with new_uow() as uow:
        assert uow.job_totals.all() == []
        uow.job_totals.add(one)
        uow.job_totals.add(JobTotal("score", "failed", jobs=1, seconds=0.5))
        uow.job_totals.add(JobTotal("train", "done", jobs=1, seconds=20.0))
        uow.job_totals.add(JobTotal("score", "done", jobs=2, seconds=2.0, rows=5_000_000_000, rejected=1))
        uow.commit()
    with new_uow() as uow:
        assert uow.job_totals.all() == [
            JobTotal("score", "done", 3, 3.5, 5_000_000_100, 4),
            JobTotal("score", "failed", 1, 0.5, 0, 0),
            JobTotal("train", "done", 1, 20.0, 0, 0),
        ]
