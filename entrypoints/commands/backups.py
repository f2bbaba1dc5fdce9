"""`netone backup` and `netone restore`: the whole installation as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from application.use_cases.restoring import Restored
from domain.backup import Manifest, PartKind
from entrypoints.commands.console import FILE, JSON, Context, must_be_writable, must_exist, say, show_json


@click.command()
@click.argument("file", type=FILE)
@click.option("--with-key", is_flag=True, help="Include secret.key. Keep such a backup as safe as the key itself.")
@click.option("--check", "only_check", is_flag=True, help="Make nothing; read FILE and verify every byte of it.")
@JSON
@click.pass_obj
def backup(obj: Context, file: Path, with_key: bool, only_check: bool, as_json: bool) -> None:
    """Write database, models, results and uploads into one tar file, while everything runs.

    The file holds personal data. It is readable by its owner alone, and an existing file is never overwritten.
    """
    if only_check:
        check_archive_file(must_exist(file, wanted="a backup"), as_json)
        return
    must_be_writable(file)
    stored = obj.desk.back_up(file.absolute(), by=obj.system, with_key=with_key)
    if as_json:
        show_json(_described(stored.manifest) | {"file": str(file), "bytes": stored.size, "sha256": stored.sha256})
        return
    say(f"The backup is in {file}: {len(stored.manifest.files):,} files, {stored.size:,} bytes.")
    _say_what_is_missing(stored.manifest)


def check_archive_file(file: Path, as_json: bool) -> None:
    """Say that an archive is sound, or raise."""
    from entrypoints.wiring.backups import check_archive

    manifest = check_archive(file)
    if as_json:
        show_json(_described(manifest) | {"file": str(file)})
        return
    say(f"{file.name} is sound: {len(manifest.files):,} files, every byte as it was written.")
    say(f"Made {manifest.created_at:%Y-%m-%d %H:%M} UTC by version {manifest.version}, schema {manifest.schema}.")
    _say_what_is_missing(manifest)


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


def _say_what_is_missing(manifest: Manifest) -> None:
    named = {PartKind.MODEL: "model versions", PartKind.RESULTS: "predictions", PartKind.UPLOAD: "uploads"}
    for kind, words in named.items():
        count = sum(part.kind is kind for part in manifest.missing)
        if count:
            say(f"Not in the backup, because their files were already gone when it was made: {count:,} {words}.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace the installation in the data directory. It is kept in trash/.")
@click.option(
    "--accounts-from-backup",
    is_flag=True,
    help="Bring back accounts and passwords as in the backup, even where newer ones are there.",
)
@click.option(
    "--require-password-reset",
    is_flag=True,
    help="Make every password invalid, and print a one-time link for each administrator.",
)
@JSON
@click.pass_obj
def restore(
    obj: Context, file: Path, force: bool, accounts_from_backup: bool, require_password_reset: bool, as_json: bool
) -> None:
    """Put the installation in FILE, a backup, in place of the one in the data directory.

    Stop the service first. Every byte is verified before anything is changed. Everybody is logged out, and one-time
    links stop working.
    """
    from entrypoints.wiring.backups import restore_archive

    done = restore_archive(
        obj.settings,
        must_exist(file, wanted="a backup"),
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
    made = f"{done.manifest.created_at:%Y-%m-%d %H:%M} UTC"
    say(f"{file.name} of {made} is restored into {obj.settings.folder}.")
    if done.aside is not None:
        say(f"What was there before is in {done.aside}.")
    say("Everybody is logged out, and one-time links no longer work.")
    if not reset:
        _say_whose_passwords(done, made)
    for email, token in done.reset_links:
        say(f"{email} chooses a new password at: {{your site}}/reset/{token}")
    if done.resumed_jobs:
        say(f"{done.resumed_jobs:,} unfinished predictions or trainings go on when the service starts.")
    if done.failed_jobs:
        say(f"{done.failed_jobs:,} unfinished predictions or trainings failed: their files are not in the backup.")
    _say_what_is_missing(done.manifest)
    say("Now start the service. Repeat erasures of customers that were made since the backup.")


def _say_whose_passwords(done: Restored, made: str) -> None:
    if done.accounts_kept:
        say("Accounts, roles and passwords are as they were just before the restore.")
        if done.accounts_removed:
            say(f"{done.accounts_removed:,} accounts that were deleted since the backup stay deleted.")
    else:
        say(
            f"Accounts, roles and passwords are as of {made}: a password changed since then because it leaked is valid "
            "again. If that may be so, restore again with --force --require-password-reset."
        )
