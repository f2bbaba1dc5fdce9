"""`netone do-not-contact`: list, add and remove customers whom no campaign contacts."""

from __future__ import annotations

from pathlib import Path

import click

from domain.do_not_contact import Entry
from entrypoints.commands.console import FILE, JSON, Context, must_exist, printable, say, show_json


@click.group("do-not-contact")
def do_not_contact() -> None:
    """List, add and remove customers whom no campaign contacts."""


@do_not_contact.command("list")
@JSON
@click.pass_obj
def list_customers(obj: Context, as_json: bool) -> None:
    """Print every customer on the list, by id."""
    entries = (entry for part in obj.application.do_not_contact.export(by=obj.operator) for entry in part)
    if as_json:
        show_json({"customers": [_document(entry) for entry in entries]})
        return
    for entry in entries:
        text = f"{entry.customer_id:<24} {entry.since:%Y-%m-%d %H:%M}  {entry.source.label:<9}  {entry.note}"
        click.echo(printable(text).rstrip())


@do_not_contact.command("add")
@click.argument("file", type=FILE)
@JSON
@click.pass_obj
def add_customers(obj: Context, file: Path, as_json: bool) -> None:
    """Add the customers of a file: one id on each line, or a table with a column of ids."""
    found, added = obj.application.do_not_contact.take_in.add_path(must_exist(file), by=obj.operator)
    listed = len(found.ids) - added
    if as_json:
        show_json(
            {
                "added": added,
                "already_listed": listed,
                "repeated": found.repeated,
                "column": found.column,
                "left_out": found.faults,
                "left_out_lines": [{"line": fault.line, "reason": fault.reason} for fault in found.faulty],
            }
        )
        return
    number = obj.formats.number
    say(
        f"Added: {number(added)}. Listed already: {number(listed)}. Twice in the file: {number(found.repeated)}. "
        f"Lines left out: {number(found.faults)}."
    )
    for fault in found.faulty:
        say(f"Line {number(fault.line)} {fault.reason}.")
    if found.unlisted_faults:
        say(f"And {number(found.unlisted_faults)} more.")


@do_not_contact.command("remove")
@click.argument("customer_id", metavar="ID")
@JSON
@click.pass_obj
def remove_customer(obj: Context, customer_id: str, as_json: bool) -> None:
    """Remove a customer from the list, who may be contacted again."""
    obj.application.do_not_contact.change.remove(customer_id, by=obj.operator)
    if as_json:
        show_json({"removed": customer_id})
    else:
        say("The customer may be contacted again.")


def _document(entry: Entry) -> dict[str, str]:
    return {
        "id": entry.customer_id,
        "since": entry.since.isoformat(),
        "source": entry.source.value,
        "by": entry.by,
        "note": entry.note,
    }
