"""`netone storage`: files without a record, and the trash."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from domain.leftovers import KEPT_IN_TRASH
from entrypoints.commands.console import JSON, Context, say, show_json


@click.group(invoke_without_command=True)
@click.pass_context
def storage(ctx: click.Context) -> None:
    """Show files without a database record and the trash; move files to the trash and back."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@storage.command("show")
@JSON
@click.pass_obj
def show(obj: Context, as_json: bool = False) -> None:
    """List files without a database record, the reason they are not removed, and the content of the trash."""
    number = obj.formats.number
    report = obj.application.maintenance.find_leftovers()
    if as_json:
        trash = [{"name": own.name, "moved": own.moved, "bytes": own.item.size} for own in report.trash]
        show_json({"without_record": [asdict(item) for item in report.kept], "why": report.why, "trash": trash})
        return
    for item in report.kept:
        click.echo(f"{item.group.value:<14} {item.id:<40} {number(item.size):>14} bytes  {item.written:%Y-%m-%d %H:%M}")
    if not report.kept:
        say("Every file has a database record.")
    elif report.why:
        say(report.why)
    for trashed in report.trash:
        size, since = number(trashed.item.size), f"{trashed.moved:%Y-%m-%d %H:%M}"
        click.echo(f"in the trash   {trashed.name}  {size} bytes  since {since}")


@storage.command("trash")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def trash(obj: Context, yes: bool) -> None:
    """Move all files without a database record to the trash."""
    number = obj.formats.number
    count = len(obj.application.maintenance.find_leftovers().kept)
    if count and not yes and sys.stdin.isatty():
        asked = f"Move {number(count)} files or folders without a database record to the trash?"
        click.confirm(asked, abort=True, err=True)
    report = obj.application.maintenance.trash_leftovers(by=obj.operator)
    moved, days = number(len(report.moved)), KEPT_IN_TRASH.days
    say(f"{moved} files or folders were moved to the trash, where they are kept for {days} days.")


@storage.command("restore")
@click.argument("name")
@click.pass_obj
def restore(obj: Context, name: str) -> None:
    """Move an item from the trash back to its original place; NAME is as netone storage shows it."""
    item = obj.application.maintenance.restore_from_trash(name, by=obj.operator)
    say(f"The {item.group.value} {item.id} was moved back to its original place.")
