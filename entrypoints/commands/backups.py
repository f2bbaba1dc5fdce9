"""`netone backup` and `netone restore`: the whole installation as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from application.use_cases.maintenance.restore_backup import Restored
from domain.backup import Manifest, PartKind
from entrypoints.commands.console import FILE, JSON, Context, must_be_writable, must_exist, say, show_json


@click.command()
@click.argument("file", type=FILE)
@click.option("--with-key", is_flag=True, help="Include secret.key. Keep such a backup as safe as the key itself.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; read FILE and verify every byte of it.")
@JSON
@click.pass_obj
def backup(obj: Context, file: Path, with_key: bool, only_check: bool, as_json: bool) -> None:
    """Write the database, models, results and uploads to one tar file. The service can keep running.

    The file contains personal data. Only its owner can read it. An existing file is never overwritten.
    """
    if only_check:
        check_archive_file(obj, must_exist(file, expected="a backup"), as_json)
        return
    must_be_writable(file)
    number = obj.formats.number
    stored = obj.application.maintenance.back_up(file.absolute(), by=obj.operator, with_key=with_key)
    if as_json:
        show_json(_described(stored.manifest) | {"file": str(file), "bytes": stored.size, "sha256": stored.sha256})
        return
    files = number(len(stored.manifest.files))
    say(f"The backup is in {file}: {files} files, {number(stored.size)} bytes.")
    _say_what_is_missing(obj, stored.manifest)


def check_archive_file(obj: Context, file: Path, as_json: bool) -> None:
    """Print that the archive is intact. Raises BackupDamaged or BackupRefused otherwise."""
    number = obj.formats.number
    manifest = obj.closed.check_archive(file)
    if as_json:
        show_json(_described(manifest) | {"file": str(file)})
        return
    say(f"{file.name} is intact: {number(len(manifest.files))} files, every byte verified.")
    say(f"Created {manifest.created_at:%Y-%m-%d %H:%M} UTC by version {manifest.version}, schema {manifest.schema}.")
    _say_what_is_missing(obj, manifest)


def _described(manifest: Manifest) -> dict[str, Any]:
    return {
        "made": manifest.created_at,
        "version": manifest.version,
        "schema": manifest.schema,
        "installation": manifest.installation,
        "files": len(manifest.files),
        "with_key": manifest.with_key,
        "without_files": [f"{part.kind.value} {part.id}" for part in manifest.missing],
        "deleted_meanwhile": [f"{part.kind.value} {part.id}" for part in manifest.deleted],
    }


def _say_what_is_missing(obj: Context, manifest: Manifest) -> None:
    named = {PartKind.MODEL: "model versions", PartKind.RESULTS: "predictions", PartKind.UPLOAD: "uploads"}
    for kind, words in named.items():
        count = sum(part.kind is kind for part in manifest.missing)
        if count:
            missing = f"{obj.formats.number(count)} {words}"
            say(f"Not in the backup, because their files were already missing when it was created: {missing}.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace the installation in the data directory, which moves to trash/.")
@click.option(
    "--accounts-from-backup",
    is_flag=True,
    help="Restore accounts and passwords from the backup, even if newer ones exist.",
)
@click.option(
    "--require-password-reset",
    is_flag=True,
    help="Invalidate every password and print a one-time link for each administrator.",
)
@JSON
@click.pass_obj
def restore(
    obj: Context, file: Path, force: bool, accounts_from_backup: bool, require_password_reset: bool, as_json: bool
) -> None:
    """Replace the installation in the data directory with the one in FILE, a backup.

    Stop the service first. Every byte is verified before anything is changed. All users are logged out, and one-time
    links stop working.
    """
    done = obj.closed.restore_archive(
        must_exist(file, expected="a backup"),
        replace=force,
        accounts_from_backup=accounts_from_backup,
        reset_passwords=require_password_reset,
    )
    if as_json:
        show_json(_summary(done))
    else:
        _say_restored(obj, file, done, reset=require_password_reset)


def _summary(done: Restored) -> dict[str, Any]:
    return _described(done.manifest) | {
        "before": None if done.aside is None else str(done.aside),
        "sessions_ended": done.sessions,
        "links_removed": done.links,
        "accounts": "present" if done.accounts_kept else "backup",
        "accounts_removed": done.accounts_removed,
        "jobs_resumed": done.resumed_jobs,
        "jobs_failed": done.failed_jobs,
        "reset_links": dict(done.reset_links),
    }


def _say_restored(obj: Context, file: Path, done: Restored, *, reset: bool) -> None:
    number = obj.formats.number
    created = f"{done.manifest.created_at:%Y-%m-%d %H:%M} UTC"
    say(f"{file.name} of {created} was restored to {obj.settings.folder}.")
    if done.aside is not None:
        say(f"The previous installation is in {done.aside}.")
    say("All users are logged out, and one-time links no longer work.")
    if not reset:
        _say_whose_passwords(obj, done, created)
    for email, token in done.reset_links:
        say(f"{email} can choose a new password at: {{your site}}/reset/{token}")
    if done.resumed_jobs:
        say(f"{number(done.resumed_jobs)} unfinished predictions or trainings continue when the service starts.")
    if done.failed_jobs:
        failed = number(done.failed_jobs)
        say(f"{failed} unfinished predictions or trainings failed: their files are not in the backup.")
    _say_what_is_missing(obj, done.manifest)
    say("Now start the service. Customers that were erased since the backup are back: erase them again.")


def _say_whose_passwords(obj: Context, done: Restored, created: str) -> None:
    if done.accounts_kept:
        say("Accounts, roles and passwords are unchanged by the restore.")
        if done.accounts_removed:
            removed = obj.formats.number(done.accounts_removed)
            say(f"{removed} accounts that were deleted since the backup remain deleted.")
    else:
        say(
            f"Accounts, roles and passwords are those of {created}. A leaked password that was changed since then is "
            "valid again; if there may be one, restore again with --force --require-password-reset."
        )
