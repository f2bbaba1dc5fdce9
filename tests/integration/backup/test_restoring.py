"""A restore replaces everything or nothing, and brings back no session, link or password."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from adapters import service_lock
from adapters.backup import restoring, swapping
from adapters.persistence.engine import make_engine
from adapters.storage.leftovers import LocalLeftovers
from domain.account import Account, AccountId, Role
from domain.errors import BackupRefused, Conflict
from domain.run import JobState, RunId
from domain.second_factor import SecondFactor
from entrypoints.settings import Settings
from entrypoints.wiring.backups import enter, restore_archive
from tests import builders as a
from tests.builders import at
from tests.integration.backup.installations import Installation, write


def changed(installation: Installation) -> Installation:
    """After the backup: another run, other files, and no upload of before."""
    with installation.new_uow() as uow:
        uow.runs.add(replace(a.a_finished_run(), id=RunId("run-later")))
        uow.commit()
    write(installation.folder / "results" / "run-later" / "notes.json", b"later")
    write(installation.folder / "installation.mark", b"7")
    write(installation.folder / "queue.db", b"queue")
    (installation.folder / "uploads" / "run-done.upload").unlink()
    return installation


def test_a_restore_brings_back_everything_in_the_backup(installation: Installation, archive: Path) -> None:
    (installation.folder / "uploads" / "stray.upload").unlink()
    shutil.rmtree(installation.folder / "results" / ".run-queued.ab12")
    shutil.rmtree(installation.folder / "results" / "run-done" / "reports")
    before = installation.state()
    changed(installation)
    assert installation.state() != before
    restored = installation.restore(archive, accounts_from_backup=True)
    assert installation.state() == before
    assert restored.aside is not None
    assert not (installation.folder / ".restore").exists()
    assert not (installation.folder / "queue.db").exists()
    assert not (installation.folder / "installation.mark").exists()


def test_a_restore_moves_the_previous_files_to_the_trash(installation: Installation, archive: Path) -> None:
    before = changed(installation).state()
    restored = installation.restore(archive)
    assert restored.aside is not None
    assert restored.aside.parent == installation.folder / "trash"
    leftovers = LocalLeftovers(installation.folder)
    assert {own.item.id for own in leftovers.trash()} >= {"run-later", "v1", "run-queued"}
    assert leftovers.expire(datetime.now(UTC) - timedelta(minutes=1)) == 0
    old = Installation(restored.aside, make_engine(f"sqlite:///{restored.aside / 'netone.db'}"))
    kept = old.state()
    old.engine.dispose()
    assert kept == {name: digest for name, digest in before.items() if name != "secret.key"}
    assert leftovers.expire(datetime.now(UTC) + timedelta(minutes=1)) > 0
    assert not restored.aside.exists()


def test_a_backup_is_restored_into_a_new_directory(archive: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new" / "place")
    restored = restore_archive(settings, archive, replace=False, accounts_from_backup=False, reset_passwords=False)
    assert restored.aside is None
    assert not (settings.folder / "trash").exists()
    assert (settings.folder / "models" / "v1" / "trees.npz").stat().st_size == 2304
    assert {oct(place.stat().st_mode & 0o077) for place in settings.folder.rglob("*")} == {"0o0"}


def test_an_installation_is_replaced_on_request_only(installation: Installation, archive: Path) -> None:
    before, settings = installation.state(), Settings(data_dir=installation.folder)
    with pytest.raises(BackupRefused, match="--force"):
        restore_archive(settings, archive, replace=False, accounts_from_backup=False, reset_passwords=False)
    assert installation.state() == before
    restore_archive(settings, archive, replace=True, accounts_from_backup=False, reset_passwords=False)


def test_sessions_end_and_links_stop_working(installation: Installation, archive: Path) -> None:
    restored = installation.restore(archive)
    assert (restored.sessions, restored.links) == (1, 1)
    with installation.new_uow() as uow:
        assert (uow.sessions.remove_all(), uow.links.remove_all()) == (0, 0)
        assert "restored a backup" in uow.audit.actions()


def accounts_change(installation: Installation) -> None:
    """One password is changed because it leaked, one person is demoted, one leaves, one comes."""
    with installation.new_uow() as uow:
        admin = uow.accounts.get(a.an_account().id)
        uow.accounts.save(replace(admin, password_hash="new hash", password_changed_at=at(minutes=30)))
        uow.accounts.add(another("comes", role=Role.MANAGER))
        uow.commit()


def another(name: str, **given: object) -> Account:
    plain = replace(a.an_account(), id=AccountId(name), email=f"{name}@telco.example.com", disabled=False)
    return replace(plain, **given)  # type: ignore[arg-type]


def test_passwords_and_roles_stay_as_they_are_now(installation: Installation, tmp_path: Path) -> None:
    with installation.new_uow() as uow:
        for account in (another("leaves"), another("demoted", role=Role.ADMIN), another("renamed")):
            uow.accounts.add(account)
        uow.second_factors.replace_codes(AccountId("renamed"), ["code-1", "code-2"])
        uow.second_factors.save(SecondFactor(AccountId("leaves"), "key", seed="seed", enabled_at=at()))
        uow.commit()
    installation.back_up(tmp_path / "one.tar")
    accounts_change(installation)
    with installation.new_uow() as uow:
        uow.accounts.remove(AccountId("leaves"))
        uow.accounts.save(another("demoted", role=Role.VIEWER, disabled=True))
        uow.accounts.save(another("renamed", email="leaves@telco.example.com"))
        uow.commit()
        uow.second_factors.save(SecondFactor(AccountId("comes"), "key", seed="seed", enabled_at=at()))
        uow.second_factors.replace_codes(AccountId("renamed"), ["code-2", "code-3"])
        uow.second_factors.use_code(AccountId("renamed"), "code-2", at=at())
        uow.commit()
    now = installation.accounts()
    restored = installation.restore(tmp_path / "one.tar")
    assert installation.accounts() == now
    with installation.new_uow() as uow:
        assert uow.second_factors.enabled() == ["comes"]
        assert uow.second_factors.unused_codes(AccountId("renamed")) == ["code-3"]
    assert (restored.accounts_kept, restored.accounts_removed) == (True, 1)


def test_accounts_are_those_of_the_backup_on_request(installation: Installation, archive: Path) -> None:
    then = installation.accounts()
    accounts_change(installation)
    restored = installation.restore(archive, accounts_from_backup=True)
    assert installation.accounts() == then
    assert not restored.accounts_kept


@pytest.mark.parametrize("present", ["damaged", "of another installation", "without an administrator", "missing"])
def test_accounts_are_those_of_the_backup_where_the_present_ones_cannot_be_trusted(
    installation: Installation, archive: Path, present: str
) -> None:
    then = installation.accounts()
    accounts_change(installation)
    if present == "of another installation":
        (installation.folder / "installation.json").write_text('{"id": "installation-2"}')
    if present == "without an administrator":
        with installation.new_uow() as uow:
            for account in uow.accounts.all():
                uow.accounts.save(replace(account, disabled=True))
            uow.commit()
    installation.engine.dispose()
    if present == "damaged":
        (installation.folder / "netone.db").write_bytes(b"rubbish" * 5000)
    if present == "missing":
        (installation.folder / "netone.db").unlink()
    assert not installation.restore(archive).accounts_kept
    assert installation.accounts() == then


def test_every_password_can_be_made_invalid(installation: Installation, archive: Path) -> None:
    restored = installation.restore(archive, reset_passwords=True)
    assert {account.password_hash for account in installation.accounts().values()} == {"!"}
    emails = list(installation.accounts())
    assert [email for email, _ in restored.reset_links] == emails
    with installation.new_uow() as uow:
        assert [link.email for link in uow.links.open()] == emails


def test_unfinished_jobs_continue_if_their_upload_exists_and_fail_with_a_message_otherwise(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.new_uow() as uow:
        uow.runs.add(replace(a.a_run(), id=RunId("run-lost"), state=JobState.QUEUED))
        uow.trainings.add(replace(a.a_training(), id="training-lost", state=JobState.QUEUED))  # type: ignore[arg-type]
        uow.commit()
    installation.back_up(tmp_path / "one.tar")
    restored = installation.restore(tmp_path / "one.tar")
    assert (restored.resumed_jobs, restored.failed_jobs) == (1, 2)
    with installation.new_uow() as uow:
        assert [run.id for run in uow.runs.unfinished()] == ["run-queued"]
        lost = uow.runs.get(RunId("run-lost"))
        assert lost.state is JobState.FAILED
        assert "upload the file again" in str(lost.error)


def test_a_restore_without_disk_space_is_rejected_without_changes(installation: Installation, archive: Path) -> None:
    before = installation.state()
    scarce = mock.Mock(return_value=mock.Mock(free=1_000_000))
    with mock.patch("shutil.disk_usage", scarce), pytest.raises(BackupRefused, match="not enough space"):
        installation.restore(archive)
    assert installation.state() == before


def test_a_folder_that_is_a_link_is_not_replaced(installation: Installation, archive: Path, tmp_path: Path) -> None:
    (installation.folder / "uploads").rename(tmp_path / "volume")
    (installation.folder / "uploads").symlink_to(tmp_path / "volume")
    before = installation.state()
    with pytest.raises(BackupRefused, match="link or a mount point"):
        installation.restore(archive)
    assert installation.state() == before


def test_a_failing_migration_of_an_older_backup_changes_nothing(installation: Installation, archive: Path) -> None:
    before = installation.state()
    with (
        mock.patch.object(restoring, "upgrade", side_effect=OSError(5, "Input/output error")),
        pytest.raises(BackupRefused, match="Input/output error"),
    ):
        installation.restore(archive)
    assert installation.state() == before
    assert not (installation.folder / ".restore").exists()


def test_a_service_keeps_a_restore_out_and_a_restore_keeps_services_out(
    installation: Installation, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_lock, "MAX_WAIT", 0.1)
    settings, before = Settings(data_dir=installation.folder), installation.state()
    first, second = enter(settings), enter(settings)
    for lock in (first, second):
        with pytest.raises(Conflict, match="in use"):
            restore_archive(settings, archive, replace=True, accounts_from_backup=False, reset_passwords=False)
        lock.release()
    assert installation.state() == before
    alone = service_lock.hold_alone(installation.folder)
    with pytest.raises(Conflict, match="under way"):
        enter(settings)
    alone.release()
    enter(settings).release()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_lock_is_released_when_its_holder_ends(installation: Installation) -> None:
    def is_free() -> bool:
        try:
            service_lock.hold_alone(installation.folder, max_wait=0).release()
        except Conflict:
            return False
        return True

    lock = service_lock.share(installation.folder)
    assert not is_free()
    del lock
    assert is_free()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            held = service_lock.share(installation.folder)
            os.write(writing, b"1")
            signal.pause()
            held.release()
        finally:
            os._exit(1)
    os.close(writing)
    try:
        assert os.read(reading, 1) == b"1"
        assert not is_free()
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert is_free()


CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "shutil.rmtree", "sqlite3.connect"}


def killed_at(step: int, what: Callable[[], object]) -> bool:
    """Do something in another process that dies at its nth change of the file system. Whether it came so far."""
    child = os.fork()
    if not child:
        seen = 0

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if event in CHANGES or writes:
                seen += 1
                if seen == step:
                    os._exit(9)

        sys.addaudithook(count)
        with suppress(BaseException):
            what()
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return code == 9


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_restore_killed_at_any_point_leaves_the_old_or_the_new_state(
    installation: Installation, archive: Path, tmp_path: Path
) -> None:
    changed(installation)
    settings = Settings(data_dir=tmp_path / "tried")
    tried = Installation(settings.folder, make_engine(settings.sql_url))

    def restore() -> object:
        return restore_archive(settings, archive, replace=True, accounts_from_backup=True, reset_passwords=False)

    def start_over() -> None:
        tried.engine.dispose()
        shutil.rmtree(tried.folder, ignore_errors=True)
        shutil.copytree(installation.folder, tried.folder)

    old = installation.state()
    start_over()
    restore()
    new = tried.state()
    assert new != old
    outcomes = []
    for step in range(1, 400):
        start_over()
        if not killed_at(step, restore):
            break
        enter(settings).release()  # the next start
        state = tried.state()
        assert state in (old, new), f"neither the old nor the new state after a kill at step {step}"
        assert not (tried.folder / ".restore").exists()
        outcomes.append(state == new)
    tried.engine.dispose()
    assert outcomes == sorted(outcomes), "from the decision on it is the new state"
    assert {True, False} == set(outcomes)
    assert len(outcomes) > 30


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_second_restore_completes_the_first_one_before_it_begins(installation: Installation, archive: Path) -> None:
    old = changed(installation).state()
    settings = Settings(data_dir=installation.folder)

    def decide_and_die() -> None:
        with mock.patch.object(swapping, "_move_all", side_effect=lambda *_: os._exit(9)):
            restore_archive(settings, archive, replace=True, accounts_from_backup=True, reset_passwords=False)

    assert killed_at(0, decide_and_die)
    assert swapping.is_interrupted(installation.folder)
    restore_archive(settings, archive, replace=True, accounts_from_backup=True, reset_passwords=False)
    states = []
    for kept in (installation.folder / "trash").iterdir():
        moved = Installation(kept, make_engine(f"sqlite:///{kept / 'netone.db'}"))
        states.append(moved.state())
        moved.engine.dispose()
    assert len(states) == 2
    assert {name: digest for name, digest in old.items() if name != "secret.key"} in states
