"""`netone matches`: matches of columns that people confirmed."""

from __future__ import annotations

import click

from application.use_cases.files.remembered import ListedMatch
from domain.remembered_matches import MatchId, unit_words
from entrypoints.commands.console import JSON, Context, printable, say, show_json


@click.group()
def matches() -> None:
    """List and remove the matches of columns that were confirmed for earlier files."""


@matches.command("list")
@JSON
@click.pass_obj
def list_matches(obj: Context, as_json: bool) -> None:
    """List the remembered matches, newest first."""
    found = obj.application.models.list_remembered_matches(by=obj.operator.account)
    if as_json:
        show_json({"matches": [_document(own) for own in found]})
        return
    for own in found:
        match, number = own.match, obj.formats.number
        unit = f", read as {unit_words(match.unit)}" if match.unit else ""
        replaced = "" if own.in_force else "  replaced by a later one"
        click.echo(
            printable(
                f"{match.id}  {match.header} is {match.attribute}{unit}  {match.at:%Y-%m-%d} by {own.by}, in "
                f"{match.file_name}; used {number(match.used)} times{replaced}"
            )
        )


def _document(own: ListedMatch) -> dict[str, object]:
    match = own.match
    return {
        "match": match.id,
        "header": match.header,
        "column": match.attribute,
        "unit": match.unit or None,
        "confirmed_at": match.at.isoformat(),
        "confirmed_by": own.by,
        "file": match.file_name,
        "used": match.used,
        "last_used_at": match.used_at.isoformat() if match.used_at else None,
        "in_force": own.in_force,
    }


@matches.command("remove")
@click.argument("match_id", metavar="MATCH")
@JSON
@click.pass_obj
def remove_match(obj: Context, match_id: str, as_json: bool) -> None:
    """Forget a match; the next file with this header is asked about again."""
    match = obj.application.models.remove_remembered_match(MatchId(match_id), by=obj.operator)
    if as_json:
        show_json({"removed": match.id, "header": match.header, "column": match.attribute})
    else:
        say(printable(f"“{match.header}” is asked about again in the next file. Earlier predictions are unchanged."))
