"""Checking and restoring archives, and the lock that keeps a restore and everybody else apart."""

from __future__ import annotations

from pathlib import Path

from adapters import service_lock
from adapters.backup import swapping
from adapters.backup.archives import LocalBackups
from adapters.backup.checking import is_archive as is_archive_file
from adapters.backup.checking import read_manifest
from adapters.persistence.engine import make_engine
from adapters.security.clock import SystemClock
from adapters.security.tokens import RandomSecrets
from adapters.service_lock import ServiceLock
from application.use_cases.restoring import RestoreBackup, Restored
from domain.backup import Manifest
from domain.errors import BackupRefused
from entrypoints.settings import Settings

REPLACES = (
    "There is an installation in {folder} already. Nothing was changed. To replace it, run the same command with "
    "--force: it is then moved to the folder trash there, and not deleted."
)


def enter(settings: Settings) -> ServiceLock:
    """For services and commands: hold the data directory against restores, once an interrupted one is completed."""
    lock = service_lock.share(settings.folder)
    if not swapping.has_leftovers(settings.folder):
        return lock
    lock.release()
    complete_interrupted(settings.folder)
    return service_lock.share(settings.folder)


def complete_interrupted(folder: Path) -> bool:
    """Whether a restore that was interrupted after its decision was completed."""
    lock = service_lock.hold_alone(folder)
    try:
        return swapping.complete(folder)
    finally:
        lock.release()


def is_archive(file: Path) -> bool:
    """Whether a file is a backup archive rather than a database, by its content."""
    return is_archive_file(file)


def check_archive(file: Path) -> Manifest:
    """Raises BackupDamaged or BackupRefused unless every byte is as it was written."""
    return read_manifest(file)


def restore_archive(
    settings: Settings, file: Path, *, replace: bool, accounts_from_backup: bool, reset_passwords: bool
) -> Restored:
    """Raises Conflict while the directory is in use, BackupDamaged or BackupRefused; then nothing was changed."""
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
