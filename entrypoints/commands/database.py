"""`netone db`: upgrade, check, back up, restore."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from entrypoints.commands.console import FILE, Context, fail, must_be_writable, must_exist, say


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
@click.pass_obj
def check(obj: Context) -> None:
    """Check that the database is current and sound."""
    from entrypoints.bootstrap import check_database

    if not obj.desk.database_is_current():
        fail("The database is not up to date. Run: netone db upgrade")
    check_database(obj.settings)
    say("The database is current and sound.")


@db.command("backup")
@click.argument("file", type=FILE)
@click.pass_obj
def backup(obj: Context, file: Path) -> None:
    """Copy the database while it is in use."""
    from entrypoints.bootstrap import backup_database

    must_be_writable(file)
    backup_database(obj.settings, file)
    say(f"The database is copied to {file}.")


@db.command("restore")
@click.argument("file", type=FILE)
@click.pass_obj
def restore(obj: Context, file: Path) -> None:
    """Put a copy back in place; stop the server first."""
    from entrypoints.bootstrap import restore_database

    restore_database(obj.settings, must_exist(file))
    say("The database is restored.")


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
