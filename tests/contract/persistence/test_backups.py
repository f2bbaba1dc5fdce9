"""Records of backups, and the end of every session and link."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.backup import BackupRecord, BackupState
from domain.errors import Conflict, NotFound
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled, with_account


def a_record(record_id: str = "b1", **given: object) -> BackupRecord:
    plain = BackupRecord(id=record_id, started_at=at(), seen_at=at(), state=BackupState.RUNNING)
    return replace(plain, **given)  # type: ignore[arg-type]


def a_full_record() -> BackupRecord:
    return a_record(
        night="2026-11-29",
        worker="host:1",
        state=BackupState.FAILED,
        finished_at=at(minutes=2),
        file="/backups/one.tar",
        size=9_000_000_000,
        sha256="ab" * 32,
        error="The disk is full.",
    )


def test_a_record_comes_back_with_every_field(new_uow: NewUow) -> None:
    check_every_field_is_filled(a_full_record())
    with new_uow() as uow:
        uow.backups.add(a_full_record())
        uow.commit()
    with new_uow() as uow:
        assert uow.backups.of_night("2026-11-29") == a_full_record()
        assert uow.backups.of_night("2026-11-28") is None


def test_a_record_is_saved_with_every_field(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.backups.add(a_record())
        uow.backups.save(a_full_record())
        uow.commit()
    with new_uow() as uow:
        assert uow.backups.latest() == a_full_record()
        with pytest.raises(NotFound):
            uow.backups.save(a_record("b2"))


def test_a_night_has_one_record_and_other_backups_have_none(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.backups.add(a_record(night="2026-11-29"))
        for record_id in ("b2", "b3"):
            uow.backups.add(a_record(record_id))
        uow.commit()
    for clash in (a_record("b4", night="2026-11-29"), a_record("b2")):
        with new_uow() as uow, pytest.raises(Conflict):
            uow.backups.add(clash)


def test_the_latest_of_a_state_is_found(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.backups.latest() is None
        for n, state in enumerate((BackupState.DONE, BackupState.DONE, BackupState.FAILED)):
            uow.backups.add(a_record(f"b{n}", state=state, started_at=at(minutes=n)))
        uow.commit()
        for state, newest in ((None, "b2"), (BackupState.DONE, "b1"), (BackupState.FAILED, "b2")):
            latest = uow.backups.latest(state)
            assert latest is not None
            assert latest.id == newest
        assert uow.backups.latest(BackupState.RUNNING) is None


def test_old_records_and_unfinished_ones_are_removed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for n, state in enumerate((BackupState.DONE, BackupState.RUNNING, BackupState.FAILED)):
            uow.backups.add(a_record(f"b{n}", state=state, started_at=at(minutes=n)))
        assert uow.backups.remove_before(at(minutes=1)) == 1
        assert uow.backups.remove_running() == 1
        uow.commit()
    with new_uow() as uow:
        latest = uow.backups.latest()
        assert latest is not None
        assert latest.id == "b2"
        assert uow.backups.remove_before(at(minutes=9)) == 1


def test_every_session_and_link_ends(new_uow: NewUow) -> None:
    with new_uow() as uow:
        account = with_account(uow)
        for n in range(2):
            uow.sessions.add(replace(a.a_login_session(account_id=account.id), token_hash=f"s{n}"))
        for n, owner in enumerate((account.id, None)):
            uow.links.add(replace(a.a_link(account_id=owner), token_hash=f"l{n}", used_at=at() if n else None))
        uow.commit()
        assert (uow.sessions.remove_all(), uow.links.remove_all()) == (2, 2)
        uow.commit()
    with new_uow() as uow:
        assert list(uow.sessions.of(account.id)) == []
        assert list(uow.links.open()) == []
        assert uow.links.get("l1") is None
        assert (uow.sessions.remove_all(), uow.links.remove_all()) == (0, 0)
