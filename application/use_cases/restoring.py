"""Restoring a backup: what has to change in the restored database before anyone uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from application.ports.backups import Backups, PresentAccount, StagedRestore
from application.ports.persistence import UnitOfWork
from application.ports.security import Secrets
from application.ports.system import Clock
from application.use_cases.access import note
from application.use_cases.disposal import remove_runs
from application.use_cases.links import reset_link
from domain.account import Account, Role, system_account
from domain.backup import BackupPart, Manifest, PartKind
from domain.errors import NotFound
from domain.run import RunId

UPLOAD_NOT_IN_BACKUP = (
    "This was unfinished when the backup was made, and its file is not in the backup. Please upload the file again."
)
NO_PASSWORD = "!"  # noqa: S105 (not a password: a hash that no password has)
"""No password has this hash."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `reset_links` are emails of administrators with the secret of a one-time link each."""

    manifest: Manifest
    aside: Path | None
    """Where the state before the restore was moved to."""
    sessions: int
    links: int
    accounts_kept: bool
    """Whether accounts are as they were just before the restore, and not as in the backup."""
    accounts_removed: int
    """Accounts of the backup that were deleted after it was made, and stay deleted."""
    failed_jobs: int
    resumed_jobs: int
    reset_links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Replace the installation by the one in an archive. The caller has the data directory for itself.

    Accounts and their second factors stay as they are now, where the present database belongs to the same
    installation and can be read: a password may have been changed because it leaked, and a person may have left.
    """

    backups: Backups
    secrets: Secrets
    clock: Clock

    def __call__(self, file: Path, *, accounts_from_backup: bool = False, reset_passwords: bool = False) -> Restored:
        """Raises BackupDamaged or BackupRefused; then nothing was changed."""
        now = self.clock.now()
        with self.backups.stage(file) as staged:
            present = None if accounts_from_backup else staged.present_accounts()
            with staged.new_uow() as uow:
                sessions, links = end_access(uow)
                _remove_deleted(uow, staged, now)
                resumed, failed = _settle_jobs(uow, staged, now)
                kept = _somebody_administers(present)
                removed = _keep_accounts(uow, present or ()) if kept else 0
                tokens = _ask_for_new_passwords(uow, self.secrets, now) if reset_passwords else ()
                made = f"{staged.manifest.created_at:%Y-%m-%d %H:%M} UTC"
                note(uow, self.clock, system_account(now), "restored a backup", f"made {made}")
                uow.commit()
            aside = staged.swap()
        return Restored(
            manifest=staged.manifest,
            aside=aside,
            sessions=sessions,
            links=links,
            accounts_kept=kept,
            accounts_removed=removed,
            failed_jobs=failed,
            resumed_jobs=resumed,
            reset_links=tokens,
        )


def end_access(uow: UnitOfWork) -> tuple[int, int]:
    """What let people in when the backup was made no longer does. How many sessions ended, and links were removed."""
    for account in uow.accounts.all():
        uow.pending_log_ins.remove_of(account.id)
    uow.backups.remove_running()
    return uow.sessions.remove_all(), uow.links.remove_all()


def _remove_deleted(uow: UnitOfWork, staged: StagedRestore, now: datetime) -> None:
    """What somebody deleted while the backup was being made stays deleted, with all of its files."""
    for part in staged.manifest.deleted:
        if part.kind is PartKind.MODEL:
            uow.models.remove(part.id)
            continue
        uow.uploads.remove(part.id)
        staged.discard(BackupPart(PartKind.UPLOAD, part.id))
        if part.kind is PartKind.RESULTS:
            remove_runs(uow, [uow.runs.get(RunId(part.id))], now=now)
            for kind in (PartKind.RESULTS, PartKind.REJECTED):
                staged.discard(BackupPart(kind, part.id))


def _settle_jobs(uow: UnitOfWork, staged: StagedRestore, now: datetime) -> tuple[int, int]:
    """Unfinished runs and trainings go on if their upload is there, else they fail. How many of each."""
    resumed = failed = 0
    for run in uow.runs.unfinished():
        if staged.has(BackupPart(PartKind.UPLOAD, run.id)):
            resumed += 1
        else:
            uow.runs.save(run.failed(UPLOAD_NOT_IN_BACKUP, at=now))
            failed += 1
    for training in uow.trainings.unfinished():
        if staged.has(BackupPart(PartKind.UPLOAD, training.id)):
            resumed += 1
        else:
            uow.trainings.save(training.failed(UPLOAD_NOT_IN_BACKUP, at=now))
            failed += 1
    return resumed, failed


def _somebody_administers(present: Sequence[PresentAccount] | None) -> bool:
    """Whether the present accounts could run the installation; those of a fresh installation could not."""
    return present is not None and any(own.account.role is Role.ADMIN and own.account.may_log_in for own in present)


def _keep_accounts(uow: UnitOfWork, present: Sequence[PresentAccount]) -> int:
    """Make all accounts as they are now. How many of the backup were deleted since, and are removed."""
    now = {own.account.id for own in present}
    removed = 0
    for account in uow.accounts.all():
        if account.id in now:  # emails may have been exchanged: nobody keeps one until everybody is renamed
            uow.accounts.save(replace(account, email=f"{account.id}@restoring.invalid"))
        else:
            uow.accounts.remove(account.id)
            removed += 1
    for own in present:
        _save_or_add(uow, own.account)
        uow.second_factors.remove(own.account.id)
        if own.second_factor is not None:
            uow.second_factors.save(own.second_factor)
        uow.second_factors.replace_codes(own.account.id, own.recovery_codes)
    return removed


def _save_or_add(uow: UnitOfWork, account: Account) -> None:
    try:
        uow.accounts.save(account)
    except NotFound:
        uow.accounts.add(account)


def _ask_for_new_passwords(uow: UnitOfWork, secrets: Secrets, now: datetime) -> tuple[tuple[str, str], ...]:
    """No password works any more; a one-time link for each administrator, who makes links for the others."""
    tokens = []
    for account in uow.accounts.all():
        uow.accounts.save(replace(account, password_hash=NO_PASSWORD))
        if account.role is Role.ADMIN and account.may_log_in:
            token, link = reset_link(secrets, account, now=now)
            uow.links.add(link)
            tokens.append((account.email, token))
    return tuple(tokens)
