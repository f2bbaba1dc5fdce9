"""`netone db`: upgrade, check, back up, restore."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from application.use_cases.maintenance.check_storage import StorageCheck
from entrypoints.commands.backups import check_archive_file
from entrypoints.commands.console import FILE, JSON, Context, fail, must_be_writable, must_exist, say, show_json


@click.group()
def db() -> None:
    """Upgrade, check, back up and restore the database."""


@db.command("upgrade")
@click.pass_obj
def upgrade(obj: Context) -> None:
    """Upgrade the database to the current schema."""
    obj.application.maintenance.upgrade_database()
    say("The database is up to date.")


@db.command("check")
@click.argument("file", type=FILE, required=False)
@JSON
@click.pass_obj
def check(obj: Context, file: Path | None, as_json: bool) -> None:
    """Check the installation including every stored file; with FILE, check a backup of either kind.

    Reads every byte and changes nothing: a missing database is not created, an older one is not upgraded.
    """
    if file is not None and obj.closed.is_archive(must_exist(file, expected="a backup")):
        check_archive_file(obj, file, as_json)
        return
    if file is not None:
        hashed = obj.closed.check_database_copy(file)
        extent = "every byte verified" if hashed else f"but there is no {file.name}.sha256 to verify it with"
        if as_json:
            show_json({"file": str(file), "sound": True, "verified_by_hash": hashed})
        else:
            say(f"{file} is an intact NetOne Churn database, {extent}.")
        return
    report = obj.closed.check()
    if as_json:
        show_json(_checked(report))
    else:
        _say_checked(report, obj.formats.number)
    if report.problems:
        fail(f"{obj.formats.number(len(report.problems))} problems found. Nothing was changed.")


def _checked(report: StorageCheck) -> dict[str, object]:
    return {
        "sound": not report.problems,
        "results": report.results,
        "results_without_hash": report.without_hash,
        "uploads": report.uploads,
        "models": report.models,
        "without_record": len(report.leftovers.kept),
        "in_trash": len(report.leftovers.trash),
        "problems": list(report.problems),
    }


def _say_checked(report: StorageCheck, number: Callable[[float], str]) -> None:
    for problem in report.problems:
        say(problem)
    say("The database is up to date and intact.")
    say(
        f"Verified by their hashes: results of {number(report.results)} predictions, "
        f"{number(report.uploads)} uploads, {number(report.models)} models."
    )
    if report.without_hash:
        unhashed = number(report.without_hash)
        say(f"Results of {unhashed} predictions have no hash, because an older version stored them.")
    if report.leftovers.kept:
        say(
            f"{number(len(report.leftovers.kept))} files or folders have no database record; netone storage lists them."
        )
    if report.leftovers.trash:
        say(f"{number(len(report.leftovers.trash))} items are in the trash.")


@db.command("backup")
@click.argument("file", type=FILE)
@click.pass_obj
def backup(obj: Context, file: Path) -> None:
    """Copy only the database, and write its SHA-256 to FILE.sha256. The service can keep running.

    The copy contains no results, uploads or models; netone backup copies everything.
    """
    must_be_writable(file)
    obj.closed.copy_database(file)
    say(f"The database was copied to {file}.")


@db.command("restore")
@click.argument("file", type=FILE)
@click.pass_obj
def restore(obj: Context, file: Path) -> None:
    """Restore a copy of the database without other files; stop the service first.

    All sessions end and one-time links stop working. Accounts and passwords are those of the copy. To restore a
    backup of everything, use netone restore.
    """
    if obj.closed.is_archive(must_exist(file, expected="a backup")):
        fail(f"{file.name} is a backup of everything. Use: netone restore {file}")
    if not obj.closed.restore_database(file):
        say(f"There was no {file.name}.sha256, so the bytes of the copy were not verified.")
    say("The database was restored. All users are logged out; accounts and passwords are those of the copy.")


@db.command("adopt")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def adopt(obj: Context, yes: bool) -> None:
    """Mark this database and this data directory as one installation.

    Use this only after a deliberate change, such as moving the database to another server. Files that the database
    does not list stay where they are; netone storage shows them.
    """
    if not yes and sys.stdin.isatty():
        click.confirm("Use this database with this data directory from now on?", abort=True, err=True)
    adopted = obj.unopened.maintenance.adopt_installation()
    say(f"The database and the data directory now belong to installation {adopted}.")
