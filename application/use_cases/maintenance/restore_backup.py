"""Restores a backup, and adapts the restored database before it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from application.ports.backups import Backups, PresentAccount, StagedRestore
from application.ports.security import Secrets
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.one_time_links import reset_link
from application.use_cases.maintenance.file_deletion import remove_runs
from application.use_cases.permissions import note
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.backup import BackupPart, Manifest, PartKind
from domain.errors import NotFound
from domain.run import RunId

UPLOAD_NOT_IN_BACKUP = (
    "This was unfinished when the backup was made, and its file is not in the backup. Please upload the file again."
)
NO_PASSWORD = "!"  # noqa: S105 (not a password: a hash that no password has)
"""A value that is not the hash of any password."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore.

    `reset_links` holds, for each administrator, the email and the secret of a one-time link.
    """

    manifest: Manifest
    aside: Path | None
    """The folder to which the earlier state was moved."""
    sessions: int
    links: int
    accounts_kept: bool
    """Whether accounts are as they were just before the restore. If false, they are those of the backup."""
    accounts_removed: int
    """Accounts in the backup that were deleted after it was made. They stay deleted."""
    failed_jobs: int
    resumed_jobs: int
    reset_links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Replaces the installation by the one in an archive. The caller has exclusive access to the data directory.

    Accounts and their second factors keep their present state if the present database belongs to the same installation
    and can be read: a password may have been changed because it leaked, and a person may have deleted their account.
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
                note(uow, self.clock, Actor(system_account(now)), "restored a backup", f"made {made}")
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
    """End all sessions and tokens and remove all links of the backup. Returns how many sessions and links."""
    for account in uow.accounts.all():
        uow.pending_log_ins.remove_of(account.id)
        uow.api_tokens.remove_of(account.id)
    uow.backups.remove_running()
    return uow.sessions.remove_all(), uow.links.remove_all()


def _remove_deleted(uow: UnitOfWork, staged: StagedRestore, now: datetime) -> None:
    """Delete what was deleted while the backup was being made, with all its files."""
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
    """Unfinished runs and trainings continue if their upload is in the backup, else they fail.

    Returns the number of continued and of failed jobs.
    """
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
    """Whether an administrator among the present accounts can log in. A fresh installation has none."""
    return present is not None and any(own.account.role is Role.ADMIN and own.account.may_log_in for own in present)


def _keep_accounts(uow: UnitOfWork, present: Sequence[PresentAccount]) -> int:
    """Replace the backup's accounts by the present ones. Returns how many of the backup's accounts were removed."""
    now = {own.account.id for own in present}
    removed = 0
    for account in uow.accounts.all():
        if account.id in now:  # people may have swapped emails: free all emails before assigning any
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
    """Make all passwords invalid. Returns a one-time link for each administrator, who creates links for the others."""
    tokens = []
    for account in uow.accounts.all():
        uow.accounts.save(replace(account, password_hash=NO_PASSWORD))
        if account.role is Role.ADMIN and account.may_log_in:
            token, link = reset_link(secrets, account, now=now)
            uow.links.add(link)
            tokens.append((account.email, token))
    return tuple(tokens)
