"""`netone db`: upgrade, check, back up, restore."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from application.use_cases.check_storage import StorageCheck
from entrypoints.commands.backups import check_archive_file
from entrypoints.commands.console import FILE, JSON, Context, fail, must_be_writable, must_exist, say, show_json


@click.group()
def db() -> None:
    """The database: bring up to date, check, back up, restore."""


@db.command("upgrade")
@click.pass_obj
def upgrade(obj: Context) -> None:
    """Bring the database up to date."""
    obj.desk.upgrade_database()
    say("The database is up to date.")


@db.command("check")
@click.argument("file", type=FILE, required=False)
@JSON
@click.pass_obj
def check(obj: Context, file: Path | None, as_json: bool) -> None:
    """Check the installation, every stored file included; with FILE, a backup of either kind.

    Reads every byte and changes nothing: a missing database is not created, an older one is not upgraded.
    """
    from entrypoints.bootstrap import check_backup, check_installation
    from entrypoints.wiring.backups import is_archive

    if file is not None and is_archive(must_exist(file, wanted="a backup")):
        check_archive_file(file, as_json)
        return
    if file is not None:
        hashed = check_backup(file)
        extent = "every byte as it was written" if hashed else f"but there is no {file.name}.sha256 to verify it with"
        if as_json:
            show_json({"file": str(file), "sound": True, "verified_by_hash": hashed})
        else:
            say(f"{file} is a sound database of this product, {extent}.")
        return
    report = check_installation(obj.settings)
    if as_json:
        show_json(_checked(report))
    else:
        _say_checked(report)
    if report.problems:
        fail(f"{len(report.problems):,} problems were found. Nothing was changed.")


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


def _say_checked(report: StorageCheck) -> None:
    for problem in report.problems:
        say(problem)
    say("The database is current and sound.")
    say(
        f"Read and compared with their hashes: results of {report.results:,} predictions, {report.uploads:,} uploads, "
        f"{report.models:,} models."
    )
    if report.without_hash:
        say(f"Results of {report.without_hash:,} predictions have no hash: they were stored by an older version.")
    if report.leftovers.kept:
        say(f"{len(report.leftovers.kept):,} files or folders have no record; netone storage lists them.")
    if report.leftovers.trash:
        say(f"{len(report.leftovers.trash):,} items are in the trash.")


@db.command("backup")
@click.argument("file", type=FILE)
@click.pass_obj
def backup(obj: Context, file: Path) -> None:
    """Copy the database alone while it is in use, with its SHA-256 in FILE.sha256.

    Predictions, uploads and models are not in it: netone backup copies everything.
    """
    from entrypoints.bootstrap import backup_database

    must_be_writable(file)
    backup_database(obj.settings, file)
    say(f"The database is copied to {file}.")


@db.command("restore")
@click.argument("file", type=FILE)
@click.pass_obj
def restore(obj: Context, file: Path) -> None:
    """Put a copy of the database alone back in place; stop the service first.

    Sessions and one-time links end. Accounts and passwords are those of the copy. For a backup of everything, use
    netone restore.
    """
    from entrypoints.wiring.backups import is_archive, restore_database

    if is_archive(must_exist(file, wanted="a backup")):
        fail(f"{file.name} is a backup of everything. Use: netone restore {file}")
    if not restore_database(obj.settings, file):
        say(f"There was no {file.name}.sha256 to verify every byte with.")
    say("The database is restored. Everybody is logged out; accounts and passwords are those of the copy.")


@db.command("adopt")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def adopt(obj: Context, yes: bool) -> None:
    """Declare that this database and this data directory belong together.

    For the deliberate case alone, such as a database that was moved to another server. Files that the database does
    not list stay where they are; netone storage shows them.
    """
    if not yes and sys.stdin.isatty():
        click.confirm("Use this database with this data directory from now on?", abort=True, err=True)
    adopted = obj.unopened.adopt_installation()
    say(f"Database and data directory are installation {adopted} now.")
