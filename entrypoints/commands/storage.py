"""`netone storage`: files without a record, and the trash."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from entrypoints.commands.console import JSON, Context, say, show_json


@click.group(invoke_without_command=True)
@click.pass_context
def storage(ctx: click.Context) -> None:
    """Show files that no record stands for, and the trash; move them there and back."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@storage.command("show")
@JSON
@click.pass_obj
def show(obj: Context, as_json: bool = False) -> None:
    """List files without a record, why they stay where they are, and what the trash holds."""
    report = obj.desk.find_leftovers()
    if as_json:
        trash = [{"name": own.name, "moved": own.moved, "bytes": own.item.size} for own in report.trash]
        show_json({"without_record": [asdict(item) for item in report.kept], "why": report.why, "trash": trash})
        return
    for item in report.kept:
        click.echo(f"{item.group.value:<14} {item.id:<40} {item.size:>14,} bytes  {item.written:%Y-%m-%d %H:%M}")
    if not report.kept:
        say("Every file has its record.")
    elif report.why:
        say(report.why)
    for trashed in report.trash:
        click.echo(f"in the trash   {trashed.name}  {trashed.item.size:,} bytes  since {trashed.moved:%Y-%m-%d %H:%M}")


@storage.command("trash")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def trash(obj: Context, yes: bool) -> None:
    """Move all files without a record to the trash, where they are kept for 7 days."""
    count = len(obj.desk.find_leftovers().kept)
    if count and not yes and sys.stdin.isatty():
        click.confirm(f"Move {count:,} files or folders without a record to the trash?", abort=True, err=True)
    report = obj.desk.trash_leftovers(by=obj.system)
    say(f"{len(report.moved):,} files or folders are in the trash for 7 days.")


@storage.command("restore")
@click.argument("name")
@click.pass_obj
def restore(obj: Context, name: str) -> None:
    """Move an item of the trash back to where it came from; NAME as netone storage shows it."""
    item = obj.desk.restore_from_trash(name, by=obj.system)
    say(f"The {item.group.value} {item.id} is back in its place.")
