"""`netone label`: make a training file from files without a label, and train on it if asked to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from application.use_cases.labels.recognise_snapshots import LabelFile
from domain.errors import InvalidInput
from domain.formats import Formats
from domain.label_check import LabelCheck
from domain.label_choice import LabelChoice, SnapshotReading
from domain.label_figures import MonthFigures
from domain.label_rule import HORIZONS, LabelSource
from domain.model import Algorithm, Effort
from domain.presence import Fate, Returning
from domain.run import JobState
from domain.training import TrainingRequest
from entrypoints.commands.console import (
    FILE,
    JSON,
    Context,
    bar,
    fail,
    must_be_writable,
    must_differ,
    must_exist,
    say,
    show_json,
)
from entrypoints.commands.export_options import CSV_STYLE, csv_style, rewrite
from entrypoints.commands.format_options import failure_message, format_choice, format_options
from entrypoints.commands.json_output import trained

GO_ON = "To go on anyway, add --accept-warnings."


def _months(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    months = {}
    for value in values:
        name, sign, month = value.rpartition("=")
        if not sign or not name or len(month) != 7 or month[4] != "-" or not month.replace("-", "").isdigit():
            raise click.BadParameter(f"{value!r} is not FILE=MONTH, such as base.csv=2026-05.")
        months[name] = month
    return months


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--out", type=FILE, help="The CSV file to write, with the columns SnapshotMonth and Churn.")
@CSV_STYLE
@click.option("--train", "train_too", is_flag=True, help="Train a model on it at once.")
@click.option(
    "--horizon",
    type=click.IntRange(min(HORIZONS), max(HORIZONS)),
    default=1,
    show_default=True,
    help="Months after which a customer is looked for.",
)
@click.option(
    "--returning",
    type=click.Choice([own.value for own in Returning]),
    default="left",
    show_default=True,
    help="How customers count who were missing and return in a later file; out leaves them out.",
)
@click.option(
    "--month",
    "months",
    multiple=True,
    metavar="FILE=MONTH",
    callback=_months,
    help="The month of a file, such as a.csv=2026-05.",
)
@click.option("--status", "--target", metavar="COLUMN", help="A column whose value says who has left.")
@click.option("--positive", multiple=True, metavar="VALUE", help="Its value for left; may be repeated.")
@click.option("--activity", metavar="COLUMN", help="A date of last activity: left means inactive for some days.")
@click.option("--inactive-days", type=int, help="After how many days without activity; proposed by default.")
@click.option("--ended", metavar="COLUMN", help="An end date: left means that it is not after the day.")
@click.option("--as-of", default="", metavar="DAY", help="The day to which dates are compared: 2026-05-31.")
@click.option("--id", "id_name", metavar="COLUMN", help="The customer id column.")
@click.option("--accept-warnings", "accept", is_flag=True, help="Write or train although something looks unusual.")
@click.option("--algorithm", type=click.Choice([a.value for a in Algorithm]), default="xgboost", show_default=True)
@click.option("--effort", type=click.Choice([e.value for e in Effort]), default="normal", show_default=True)
@click.option("--promote", is_flag=True, help="Make the new version the champion.")
@format_options
@JSON
@click.pass_obj
def label(
    obj: Context,
    files: tuple[Path, ...],
    out: Path | None,
    style: str | None,
    train_too: bool,
    horizon: int,
    returning: str,
    months: dict[str, str],
    status: str | None,
    positive: tuple[str, ...],
    activity: str | None,
    inactive_days: int | None,
    ended: str | None,
    as_of: str,
    id_name: str | None,
    accept: bool,
    algorithm: str,
    effort: str,
    promote: bool,
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    date_order: str | None,
    sheet: str | None,
    as_json: bool,
) -> None:
    """Make labels: from monthly FILES, or from a date of last activity, a status or an end date in one FILE."""
    source, column = _source(status, activity, ended)
    choice = LabelChoice(
        source, horizon, Returning(returning), column, tuple(positive), days=inactive_days, as_of=as_of
    )
    if out is not None:
        must_be_writable(out)
        must_differ(*files, out)
    own_format = format_choice(encoding, delimiter, decimal, date_order, sheet)
    given = [
        LabelFile(must_exist(path), path.name, SnapshotReading(own_format, id_name, _month_for(path, months)))
        for path in files
    ]
    request = TrainingRequest(algorithm=Algorithm(algorithm), effort=Effort(effort))
    check = _made(obj, given, choice, out, accept=accept)
    rewrite(out, csv_style(style))
    document = check_document(check) | {"out": str(out) if out else None}
    if not as_json:
        _say(check, obj.formats, out)
    if train_too:
        document["training"] = _trained(obj, given, choice, request, accept=accept, promote=promote, as_json=as_json)
    if as_json:
        show_json(document)


def _source(status: str | None, activity: str | None, ended: str | None) -> tuple[LabelSource | None, str | None]:
    chosen = {LabelSource.STATUS: status, LabelSource.INACTIVE: activity, LabelSource.ENDED: ended}
    given = [(source, column) for source, column in chosen.items() if column is not None]
    if len(given) > 1:
        raise click.UsageError("Give only one of --status, --activity and --ended.")
    return given[0] if given else (None, None)


def _month_for(path: Path, months: dict[str, str]) -> str | None:
    return months.get(str(path), months.get(path.name))


def _made(
    obj: Context, files: Sequence[LabelFile], choice: LabelChoice, out: Path | None, *, accept: bool
) -> LabelCheck:
    draft = None if out is None else out.with_name(f".{out.name}.part")
    try:
        with bar("Reading") as progress:
            check = obj.application.labels.make(files, choice, report=progress, target=draft, accept=accept)
        if draft is not None and out is not None:
            draft.replace(out)
    except InvalidInput as error:
        if error.field == "accept":
            fail(f"{error} {GO_ON}")
        raise
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
    return check


def _trained(
    obj: Context,
    files: Sequence[LabelFile],
    choice: LabelChoice,
    request: TrainingRequest,
    *,
    accept: bool,
    promote: bool,
    as_json: bool,
) -> dict[str, object]:
    application = obj.application
    try:
        with bar("Making the training file") as progress:
            _, training = application.labels.train(
                files, choice, request, by=obj.operator, accept=accept, promote=promote, report=progress
            )
    except InvalidInput as error:
        if error.field == "accept":
            fail(f"{error} {GO_ON}")
        raise
    with bar("Learning") as progress:
        ended = application.models.train_model(training.id, progress=progress)
    if ended is None or ended.state is not JobState.DONE:
        fail(failure_message(ended) or "The training did not finish.")
    version = application.models.open_model(str(ended.version), by=obj.operator.account).model
    if not as_json:
        say(f"{version.name} ({version.stage.value}) was trained on {obj.formats.number(version.rows)} rows.")
    return trained(version)


def _say(check: LabelCheck, formats: Formats, out: Path | None) -> None:
    rule, made = check.rule, check.made
    say(f"Left means: {rule.left_words}.")
    for month in check.figures.months:
        say(f"  {_month_line(month, check, formats)}")
    if check.proposed is not None:
        say(f"  proposed   {check.proposed} days: after them, fewer than 5% return")
    say(
        f"{formats.number(made.customers)} rows: {formats.number(made.left)} left, "
        f"{formats.number(made.stayed)} stayed."
    )
    for excluded in check.left_out:
        say(f"  excluded {excluded.column}: {excluded.why}")
    for note in check.notes:
        say(f"  note       {note}")
    for warning in check.warnings:
        say(f"  warning    {warning}")
    if out is not None:
        say(f"Written to {out}.")


def _month_line(month: MonthFigures, check: LabelCheck, formats: Formats) -> str:
    rule, number = check.rule, formats.number
    name = month.month or "the file"
    if month.count(rule.horizon, Fate.TOO_YOUNG):
        return f"{name}    {number(month.customers)} customers, too young to know"
    return (
        f"{name}    {number(month.customers)} customers, {number(month.new)} new, "
        f"{number(month.left(rule.horizon, rule.returning))} left"
    )


def check_document(check: LabelCheck) -> dict[str, object]:
    """The document that `label --json` prints."""
    rule, made = check.rule, check.made
    return {
        "source": rule.source.value,
        "left_means": rule.left_words,
        "horizon_months": rule.horizon,
        "period": rule.period,
        "column": rule.column or None,
        "values": list(rule.values),
        "inactive_days": rule.days or None,
        "proposed_days": check.proposed,
        "as_of": rule.as_of or None,
        "returning": rule.returning.value,
        "files": [file.name for file in check.files],
        "id_column": check.id_name,
        "rows": made.customers,
        "left": made.left,
        "stayed": made.stayed,
        "returned": made.returned,
        "repeated_rows": check.figures.repeated,
        "months": [_month_document(month, check) for month in check.figures.months],
        "columns": list(check.columns),
        "columns_left_out": [{"column": own.column, "why": own.why} for own in check.left_out],
        "warnings": list(check.warnings),
        "notes": list(check.notes),
    }


def _month_document(month: MonthFigures, check: LabelCheck) -> dict[str, object]:
    rule = check.rule
    return {
        "month": month.month or None,
        "customers": month.customers,
        "new": month.new,
        "missing_in_next": month.missing,
        "labelled": month.is_labelled(rule.horizon),
        "left": month.left(rule.horizon, rule.returning),
        "stayed": month.stayed(rule.horizon, rule.returning),
        "returned": month.count(rule.horizon, Fate.RETURNED),
        "left_before": month.count(rule.horizon, Fate.LEFT_BEFORE),
        "repeated_rows": month.repeated,
    }
