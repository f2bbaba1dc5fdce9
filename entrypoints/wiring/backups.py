"""Checks and restores backups, and locks the data directory so that a restore never runs next to another process."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from adapters import service_lock
from adapters.backup import swapping
from adapters.backup.archives import LocalBackups
from adapters.backup.checking import is_archive as is_archive_file
from adapters.backup.checking import read_manifest
from adapters.persistence import backup as database_files
from adapters.persistence.engine import make_engine
from adapters.persistence.installation import must_be_of_this_installation, sequence_of
from adapters.persistence.schema_version import upgrade
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.security.clock import SystemClock
from adapters.security.tokens import RandomSecrets
from adapters.service_lock import ServiceLock
from adapters.storage.directory import LocalDirectory
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.maintenance.restore_backup import RestoreBackup, Restored, end_access
from domain.backup import Manifest
from domain.errors import BackupRefused
from entrypoints.settings import Settings

REPLACES = (
    "{folder} already contains an installation. Nothing was changed. To replace it, run the same command with "
    "--force: the existing installation is then moved to its trash folder, not deleted."
)


def enter(settings: Settings) -> ServiceLock:
    """Complete an interrupted restore, then lock the data directory against restores. For services and commands."""
    lock = service_lock.share(settings.folder)
    if not swapping.has_leftovers(settings.folder):
        return lock
    lock.release()
    complete_interrupted(settings.folder)
    return service_lock.share(settings.folder)


def complete_interrupted(folder: Path) -> bool:
    """Complete a restore that was interrupted after its point of no return. Returns whether there was one."""
    lock = service_lock.hold_alone(folder)
    try:
        return swapping.complete(folder)
    finally:
        lock.release()


def is_archive(file: Path) -> bool:
    """Whether a file is a backup archive rather than a database, judged by its content."""
    return is_archive_file(file)


def check_archive(file: Path) -> Manifest:
    """Verify every byte. Raises BackupDamaged or BackupRefused."""
    return read_manifest(file)


def check_database_file(file: Path) -> bool:
    """Check a copy of a database. Returns whether its SHA-256 file existed. Raises InvalidInput if it is damaged."""
    database_files.check(file)
    return database_files.hash_file_of(file).is_file()


def restore_database(settings: Settings, file: Path) -> bool:
    """Replace the database with a copy, and end all sessions and links. Returns as `check_database_file`.

    Raises Conflict while the directory is in use, InstallationMismatch for a copy of another installation. The copy is
    prepared next to the database; the last step is one transaction.
    """
    lock = service_lock.hold_alone(settings.folder)
    try:
        swapping.complete(settings.folder)
        verified = check_database_file(file)
        directory = LocalDirectory(settings.folder)
        must_be_of_this_installation(file, directory)
        prepared = _prepared(file, swapping.staging_of(settings.folder))
        database_files.restore(prepared, settings.folder / "netone.db")
        # Files that are newer than the copy have no record in it; the sweep must not treat them as leftovers.
        directory.raise_mark(max(directory.mark(), sequence_of(file)) + 1)
        return verified
    finally:
        swapping.discard_staging(settings.folder)
        lock.release()


def _prepared(file: Path, folder: Path) -> Path:
    """A copy with the current schema and without sessions or links."""
    copy = folder / "netone.db"
    database_files.restore(file, copy)
    engine = make_engine(f"sqlite:///{copy}")
    try:
        upgrade(engine)
        with SqlUnitOfWork(engine) as uow:
            end_access(cast(UnitOfWork, uow))
            uow.commit()
    finally:
        engine.dispose()
    database_files.leave_wal_mode(copy)
    return copy


def restore_archive(
    settings: Settings, file: Path, *, replace: bool, accounts_from_backup: bool, reset_passwords: bool
) -> Restored:
    """Restore a backup. Raises Conflict (directory in use), BackupDamaged or BackupRefused before changing anything."""
    lock = service_lock.hold_alone(settings.folder)
    engine = make_engine(settings.sql_url)
    try:
        swapping.complete(settings.folder)
        if not replace and swapping.has_installation(settings.folder):
            raise BackupRefused(REPLACES.format(folder=settings.folder))
        clock = SystemClock()
        restore = RestoreBackup(LocalBackups(settings.folder, engine, clock), RandomSecrets(), clock)
        return restore(file, accounts_from_backup=accounts_from_backup, reset_passwords=reset_passwords)
    finally:
        engine.dispose()
        lock.release()
