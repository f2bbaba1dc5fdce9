"""Backups on request and at night, and what a restore changes in the restored database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest

from application.use_cases.maintenance.backups import BackUp, BackUpNightly, MakeArchive, WatchBackups
from application.use_cases.maintenance.restore_backup import RestoreBackup
from domain.account import Role
from domain.actor import Actor
from domain.backup import BackupPart, BackupPlan, BackupRecord, BackupState, PartKind
from domain.errors import BackupRefused, NotAllowed
from domain.run import RunId
from tests import builders as a
from tests.fakes.backups import FakeBackupFolder, FakeBackups
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import CountedIds, CountedSecrets, FixedClock

ONE = Path("one.tar")
NIGHT = datetime(2026, 11, 29, 0, 30, tzinfo=UTC)
"""02:30 in Harare."""


@dataclass
class World:
    database: FakeDatabase = field(default_factory=FakeDatabase)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NIGHT))
    ids: CountedIds = field(default_factory=CountedIds)

    def __post_init__(self) -> None:
        self.backups = FakeBackups(self.database)
        self.folder = FakeBackupFolder(self.backups)
        self.admin = replace(a.an_account(), role=Role.ADMIN)
        with self.uow() as uow:
            uow.accounts.add(self.admin)
            uow.commit()

    def uow(self) -> FakeUnitOfWork:
        return FakeUnitOfWork(self.database)

    @property
    def make_archive(self) -> MakeArchive:
        return MakeArchive(partial(FakeUnitOfWork, self.database, reading=True), self.backups)  # type: ignore[arg-type]

    def back_up(self) -> object:
        back_up = BackUp(self.uow, self.make_archive, self.clock, self.ids)  # type: ignore[arg-type]
        return back_up(ONE, by=Actor(self.admin))

    def nightly(self, worker: str = "w1", *, set_up: bool = True) -> BackUpNightly:
        plan = BackupPlan(at=time(2, 30), days=2, weeks=0)
        return BackUpNightly(
            self.uow,  # type: ignore[arg-type]
            self.make_archive,
            self.folder if set_up else None,
            plan if set_up else None,
            self.clock,
            self.ids,
            worker,
        )

    def watch(self, *, nightly: bool = True) -> WatchBackups:
        return WatchBackups(self.uow, nightly, self.clock)  # type: ignore[arg-type]

    def restore(self, **options: bool) -> object:
        return RestoreBackup(self.backups, CountedSecrets(), self.clock)(ONE, **options)


@pytest.fixture
def world() -> World:
    return World()


def test_a_backup_copies_what_finished_runs_models_and_uploads_have(world: World) -> None:
    with world.uow() as uow:
        uow.models.add(a.a_model_version(id="v1"))
        uow.runs.add(replace(a.a_finished_run(), id=RunId("done")))
        uow.runs.add(replace(a.a_run(), id=RunId("queued")))
        uow.uploads.add(replace(a.an_upload(), id="queued"))
        uow.commit()
    kinds = (
        (PartKind.MODEL, "v1"),
        (PartKind.RESULTS, "done"),
        (PartKind.RESULTS, "queued"),
        (PartKind.UPLOAD, "queued"),
    )
    world.backups.parts = {BackupPart(kind, name) for kind, name in kinds}
    world.back_up()
    archive = world.backups.archives[ONE]
    assert archive.parts == world.backups.parts - {BackupPart(PartKind.RESULTS, "queued")}
    assert archive.manifest.missing == ()


def test_only_administrators_make_backups_and_see_their_state(world: World) -> None:
    viewer = replace(world.admin, role=Role.MANAGER)
    with pytest.raises(NotAllowed):
        BackUp(world.uow, world.make_archive, world.clock, world.ids)(ONE, by=Actor(viewer))  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        world.watch()(by=viewer)


def test_missing_files_are_distinguished_from_concurrently_deleted_ones(world: World) -> None:
    with world.uow() as uow:
        for name in ("purged", "deleted"):
            uow.runs.add(replace(a.a_finished_run(), id=RunId(name)))
        uow.commit()

    def delete() -> None:
        with world.uow() as uow:
            uow.runs.remove(RunId("deleted"))
            uow.commit()

    world.backups.meanwhile = delete
    world.back_up()
    manifest = world.backups.archives[ONE].manifest
    assert manifest.missing == (BackupPart(PartKind.RESULTS, "purged"),)
    assert manifest.deleted == (BackupPart(PartKind.RESULTS, "deleted"),)
    world.restore()
    with world.uow() as uow:
        assert uow.runs.get(RunId("purged"))
        assert [run.id for run in uow.runs.unfinished()] == []
        assert "deleted" not in world.database.kept.runs


def test_a_night_has_one_backup_however_many_workers_ask(world: World) -> None:
    ended = [world.nightly(worker)() for worker in ("w1", "w2", "w1")]
    assert [record is not None and record.state for record in ended] == [BackupState.DONE, False, False]
    world.clock.set(NIGHT + timedelta(hours=23, minutes=59))
    assert world.nightly()() is None
    world.clock.set(NIGHT + timedelta(hours=24))
    assert world.nightly()() is not None
    assert len(world.backups.archives) == 2


def test_workers_start_no_second_backup_while_one_is_made(world: World) -> None:
    asked: list[BackupRecord | None] = []
    world.backups.meanwhile = lambda: asked.append(world.nightly("w2")())
    assert world.nightly("w1")() is not None
    assert asked == [None]


def test_without_a_folder_nothing_is_backed_up(world: World) -> None:
    assert world.nightly(set_up=False)() is None
    assert world.backups.archives == {}
    assert not world.watch(nightly=False)(by=world.admin).overdue


def test_a_failure_is_recorded_and_the_backup_tried_again_after_an_hour(world: World) -> None:
    world.backups.refuse = BackupRefused("There is not enough room.")
    failed = world.nightly()()
    assert failed is not None
    assert (failed.state, failed.error) == (BackupState.FAILED, "There is not enough room.")
    status = world.watch()(by=world.admin)
    assert status.last_failure == failed
    assert status.last_good is None
    assert status.overdue
    world.backups.refuse = None
    world.clock.move(minutes=59)
    assert world.nightly()() is None
    world.clock.move(minutes=1)
    done = world.nightly()()
    assert done is not None
    assert done.state is BackupState.DONE
    status = world.watch()(by=world.admin)
    assert (status.last_good, status.last_failure, status.overdue) == (done, None, False)


def test_an_unexpected_failure_is_recorded_too(world: World) -> None:
    world.backups.meanwhile = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        world.nightly()()
    failure = world.watch()(by=world.admin).last_failure
    assert failure is not None
    assert "ZeroDivisionError" in str(failure.error)


def test_a_backup_whose_worker_was_killed_is_made_by_another(world: World) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    world.backups.meanwhile = die
    with pytest.raises(Killed):
        world.nightly("w1")()
    world.backups.meanwhile = lambda: None
    assert world.watch()(by=world.admin).running
    world.clock.move(minutes=9, seconds=59)
    assert world.nightly("w2")() is None
    world.clock.move(seconds=1)
    assert not world.watch()(by=world.admin).running
    record = world.nightly("w2")()
    assert record is not None
    assert record.worker == "w2"


def test_old_backups_are_deleted_only_after_a_new_one_was_made(world: World) -> None:
    for day in range(4):
        world.clock.set(NIGHT + timedelta(days=day))
        world.nightly()()
    assert world.folder.made_at() == [NIGHT + timedelta(days=day) for day in (2, 3)]
    world.backups.refuse = BackupRefused("The disk is full.")
    world.clock.set(NIGHT + timedelta(days=30))
    world.nightly()()
    assert len(world.folder.made_at()) == 2


def test_heartbeats_are_stored_at_most_once_in_ten_seconds(world: World) -> None:
    noted: list[int] = []

    def copy_for_a_minute() -> None:
        before = world.database.commits
        for seconds in range(60):
            world.clock.set(NIGHT + timedelta(seconds=seconds))
            world.backups.heartbeat()
        noted.append(world.database.commits - before)

    world.backups.meanwhile = copy_for_a_minute
    world.nightly()()
    assert noted == [5]


def test_the_last_good_backup_is_overdue_after_a_day_and_a_half(world: World) -> None:
    world.nightly()()
    for hours, overdue in ((36, False), (36.01, True)):
        world.clock.set(NIGHT + timedelta(hours=hours))
        assert world.watch()(by=world.admin).overdue is overdue


def test_records_of_unfinished_backups_are_not_restored(world: World) -> None:
    with world.uow() as uow:
        uow.backups.add(BackupRecord(id="b1", started_at=NIGHT, seen_at=NIGHT, state=BackupState.RUNNING, night="n"))
        uow.commit()
    world.back_up()
    world.restore()
    assert world.database.kept.backups == {}
