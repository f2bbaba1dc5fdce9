"""`netone campaign outcomes`: record what became of a campaign's members, and close it if asked to."""

from __future__ import annotations

from pathlib import Path

import click

from application.use_cases.campaigns.customer_file import CustomersCheck
from application.use_cases.campaigns.outcome_list import ListRead
from domain.campaign import Campaign, CampaignId
from domain.campaign_outcomes import ANOTHER_BASE, MIN_FOUND_PERCENT, OutcomeCheck
from domain.formats import Formats
from domain.outcome_file import FileKind, OutcomeReading
from domain.outcome_list import RowProblem
from domain.run import RunId
from entrypoints.commands.campaign_tasks import do_task
from entrypoints.commands.console import FILE, JSON, Context, fail, must_exist, say, show_json
from entrypoints.commands.format_options import format_choice, format_options


@click.command("outcomes")
@click.argument("campaign_id", metavar="ID")
@click.option("--run", "run_id", help="A later prediction: who is missing or marked in its file has left.")
@click.option("--file", type=FILE, help="A list of who left or stayed, or all customers at a later time.")
@click.option(
    "--as",
    "kind",
    type=click.Choice([kind.value for kind in FileKind]),
    help="What the file is, if it is not taken for the right thing.",
)
@click.option("--id", "id_name", metavar="COLUMN", help="The column of ids in a file of customers.")
@click.option("--target", metavar="COLUMN", help="The column of a file of customers that says who left.")
@click.option("--positive", multiple=True, metavar="VALUE", help="Its value for left; may be repeated.")
@click.option(
    "--leave-out", is_flag=True, help="Leave out rows of the list that contradict each other or are unreadable."
)
@click.option("--check", is_flag=True, help="Only show what it says; record nothing.")
@click.option("--close", is_flag=True, help="Close the campaign, which fixes its effect.")
@format_options
@JSON
@click.pass_obj
def record_outcomes(
    obj: Context,
    campaign_id: str,
    run_id: str | None,
    file: Path | None,
    kind: str | None,
    id_name: str | None,
    target: str | None,
    positive: tuple[str, ...],
    leave_out: bool,
    check: bool,
    close: bool,
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    date_order: str | None,
    sheet: str | None,
    as_json: bool,
) -> None:
    """Record who stayed and who left, from a later prediction, a list, or a file of all customers."""
    if (run_id is None) == (file is None):
        raise click.UsageError("Give either --run or --file.")
    if check and close:
        raise click.UsageError("--check records nothing, so it cannot be combined with --close.")
    campaign = CampaignId(campaign_id)
    if run_id is not None:
        _from_prediction(obj, campaign, RunId(run_id), check=check, close=close, as_json=as_json)
        return
    choice = format_choice(encoding, delimiter, decimal, date_order, sheet)
    reading = OutcomeReading(FileKind(kind) if kind else None, choice, None, id_name, target, positive)
    path, files = must_exist(file or Path()), obj.application.campaign_outcomes.files
    found = files.check_path(campaign, path, reading, by=obj.operator.account)
    if isinstance(found, CustomersCheck):
        _from_customers(obj, campaign, path, found, check=check, close=close, as_json=as_json)
        return
    lists = obj.application.campaign_outcomes.lists
    if check:
        _say_list(obj, lists.read_path(campaign, path, choice, by=obj.operator.account), as_json=as_json)
        return
    read = lists.store_path(campaign, path, choice, leave_out=leave_out, close=close, by=obj.operator)
    _say_list(obj, read, as_json=as_json)


def _from_customers(
    obj: Context,
    campaign_id: CampaignId,
    path: Path,
    shown: CustomersCheck,
    *,
    check: bool,
    close: bool,
    as_json: bool,
) -> None:
    found = shown.check
    if found is None:
        raise ValueError("a check without a question has figures")
    _must_be_the_same_base(obj, found)
    campaign = shown.campaign
    if not check:
        campaign = obj.application.campaign_outcomes.files.store_path(
            campaign_id, path, shown.reading, seen=found.fingerprint, close=close, by=obj.operator
        )
    if not as_json:
        say(f"Taken for {FileKind.CUSTOMERS.words}, with the ids in “{shown.id_header}”.")
    _say_prediction(obj, campaign, found, recorded=not check, as_json=as_json, taken_for=FileKind.CUSTOMERS)


def _must_be_the_same_base(obj: Context, found: OutcomeCheck) -> None:
    if found.is_another_base:
        number = obj.formats.number
        fail(
            f"{ANOTHER_BASE}: of {number(found.customers)} customers it has {number(found.found)}, and at least "
            f"{MIN_FOUND_PERCENT}% are needed. Nothing was recorded."
        )


def _from_prediction(
    obj: Context, campaign_id: CampaignId, run_id: RunId, *, check: bool, close: bool, as_json: bool
) -> None:
    use, by = obj.application.campaign_outcomes.later_prediction, obj.operator
    version = _campaign(obj, campaign_id).version
    task = do_task(obj, use.check(campaign_id, run_id, based_on=version, by=by).id, "Looking for the members")
    found = OutcomeCheck.from_text(task.result)
    _must_be_the_same_base(obj, found)
    if not check:
        asked = use.store(campaign_id, task.id, close=close, based_on=version, by=by)
        do_task(obj, asked.id, "Recording the outcomes")
    _say_prediction(obj, _campaign(obj, campaign_id), found, recorded=not check, as_json=as_json)


def _campaign(obj: Context, campaign_id: CampaignId) -> Campaign:
    return obj.application.campaigns.open_campaign(campaign_id, by=obj.operator.account).campaign


def _say_prediction(
    obj: Context,
    campaign: Campaign,
    found: OutcomeCheck,
    *,
    recorded: bool,
    as_json: bool,
    taken_for: FileKind | None = None,
) -> None:
    if as_json:
        show_json(
            {
                "campaign": campaign.id,
                "state": campaign.state.value,
                "recorded": recorded,
                **({"taken_for": taken_for.value} if taken_for else {}),
                "customers": found.customers,
                "found": found.found,
                "members": found.members,
                "missing": found.missing,
                "marked": found.marked if found.has_truth else None,
                "left": found.left,
                "stayed": found.stayed,
                "new": found.new,
                "corrected": found.changed,
            }
        )
        return
    number = obj.formats.number
    by = f" by “{found.truth_column}”" if found.truth_column else ""
    marked = (
        f"{number(found.marked)} marked as having left{by}" if found.has_truth else "the file does not say who left"
    )
    say(f"Found {number(found.found)} of {number(found.customers)} customers.")
    say(f"Of {number(found.members)} members {number(found.missing)} are missing; {marked}.")
    say(f"Stayed: {number(found.stayed)}. Left: {number(found.left)}. {_ending(campaign, recorded=recorded)}")


def _ending(campaign: Campaign, *, recorded: bool) -> str:
    if not recorded:
        return "Nothing was recorded."
    return "Recorded; the campaign is closed." if campaign.closed_at else "Recorded."


def _say_list(obj: Context, read: ListRead, *, as_json: bool) -> None:
    rows, changes = read.rows, read.changes
    if as_json:
        show_json(
            {
                "campaign": read.campaign.id,
                "state": read.campaign.state.value,
                "recorded": read.stored,
                "taken_for": FileKind.LIST.value,
                "rows": rows.rows,
                "matched": rows.matched,
                "unmatched": rows.unmatched,
                "doubled": rows.doubled,
                "contradicting": rows.contradicting,
                "unreadable": rows.unreadable,
                "new": changes.first,
                "corrected": changes.corrected,
                "lines": [
                    {"line": row.line, "problem": problem.value, "detail": row.detail}
                    for problem in RowProblem
                    for row in rows.listed(problem)
                ],
            }
        )
        return
    say(f"Taken for {FileKind.LIST.words}.")
    _say_rows(read, obj.formats)
    say(_ending(read.campaign, recorded=read.stored))


def _say_rows(read: ListRead, formats: Formats) -> None:
    rows, changes, number = read.rows, read.changes, formats.number
    say(
        f"Rows about members: {number(rows.matched)} of {number(rows.rows)}. New outcomes: {number(changes.first)}. "
        f"Corrected: {number(changes.corrected)}."
    )
    for problem in RowProblem:
        for row in rows.listed(problem):
            say(f"Line {number(row.line)} {problem.words}{f': {row.detail}' if row.detail else ''}.")
        if rows.unlisted(problem):
            say(f"And {number(rows.unlisted(problem))} more.")
