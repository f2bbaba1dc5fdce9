"""`netone runs`: list, show, compare, grade, export, delete."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from application.queries import CustomerQuery, RunQuery
from domain.expected_words import estimate_note, expected_lines, observed_figures
from domain.export import ExportKind, ExportOptions
from domain.file_report import column_remarks
from domain.formats import Formats
from domain.joint_drift import joint_drift_words
from domain.run import Run, RunId, RunSummary
from entrypoints.commands.console import FILE, JSON, Context, must_be_writable, say, show_json
from entrypoints.commands.export_options import CSV_STYLE, csv_style, export_kind
from entrypoints.commands.json_output import answered, scored
from entrypoints.commands.run_comparison import compare_runs
from entrypoints.commands.run_gradings import grade_run, list_gradings, say_gradings, withdraw_grading


@click.group(invoke_without_command=True)
@click.pass_context
def runs(ctx: click.Context) -> None:
    """List, show, compare, grade, export and delete predictions."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs)


runs.add_command(compare_runs)
runs.add_command(grade_run)
runs.add_command(list_gradings)
runs.add_command(withdraw_grading)


@runs.command("list")
@JSON
@click.pass_obj
def list_runs(obj: Context, as_json: bool = False) -> None:
    """List all predictions, newest first."""
    number = obj.formats.number
    page = obj.application.predictions.list_runs(RunQuery(limit=None), by=obj.operator.account).page
    if as_json:
        show_json({"runs": [_listed(obj, run) for run in page.runs]})
        return
    for run in page.runs:
        summary = run.summary
        leaving = f"{number(summary.likely_to_leave)} of {number(summary.scored)}" if summary else "–"
        click.echo(
            f"{run.id}  {run.state.value:<9} {run.created_at:%Y-%m-%d %H:%M}  {run.model_version:<4} "
            f"{leaving:>20}  {run.file_name}"
        )


def _listed(obj: Context, run: Run) -> dict[str, object]:
    """Runs of earlier versions are read one by one, to count the customers worth contacting."""
    if run.summary is not None and run.summary.contacting is None:
        run = _run(obj, run.id)
    return scored(run) | {"created_at": run.created_at.isoformat()}


def _run(obj: Context, run_id: str) -> Run:
    return obj.application.predictions.view_run(RunId(run_id), by=obj.operator.account).run


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@JSON
@click.pass_obj
def show_run(obj: Context, run_id: str, as_json: bool) -> None:
    """Show the results of one prediction."""
    view = obj.application.predictions.view_run(RunId(run_id), by=obj.operator.account)
    document = answered(view, obj.application.formats_of(view.policy.currency))
    if as_json:
        show_json(document)
        return
    for key, value in document.items():
        if key not in ("columns", "estimate", "joint_drift"):
            click.echo(f"{key:<18} {value}")
    if view.run.summary is not None:
        _show_estimate(view.run.summary, obj.formats)
        say(joint_drift_words(view.run.summary.joint_drift, obj.formats))
        say_gradings(obj, view.run)
        for remark in column_remarks(view.run.summary, view.model.schema, obj.formats):
            say(remark)


def _show_estimate(summary: RunSummary, formats: Formats) -> None:
    """The quality to be expected, next to what was observed."""
    if summary.estimate is None:
        return
    for line in expected_lines(summary.estimate, observed_figures(summary.truth), formats):
        observed = f", observed {line.observed}" if line.observed else ""
        click.echo(f"{'estimated ' + line.label:<24} {line.estimate} (95% interval {line.interval}){observed}")
    say(estimate_note(summary.estimate, summary.truth, formats))


@runs.command("export")
@click.argument("run_id", metavar="RUN")
@click.option(
    "--format", "kind", type=click.Choice([own.value for own in ExportKind]), help="By the ending of FILE if left out."
)
@click.option("--raw", is_flag=True, help="Write text unchanged; by default it is made safe for spreadsheets.")
@click.option("--with-input", is_flag=True, help="Include the input columns; XLSX always has them.")
@CSV_STYLE
@click.option(
    "--customers",
    type=click.IntRange(0, 500),
    default=200,
    show_default=True,
    help="Customers in a PDF.",
)
@click.option(
    "--worth-contacting/--not-worth-contacting",
    "worth_contacting",
    default=None,
    help="Only the customers with, or without, a positive expected gain.",
)
@click.option("--out", type=FILE, required=True)
@JSON
@click.pass_obj
def export_run(
    obj: Context,
    run_id: str,
    kind: str | None,
    raw: bool,
    with_input: bool,
    style: str | None,
    customers: int,
    worth_contacting: bool | None,
    out: Path,
    as_json: bool,
) -> None:
    """Export a prediction as CSV, XLSX, Parquet or PDF."""
    must_be_writable(out)
    application, run, chosen = obj.application, _run(obj, run_id), export_kind(kind, out)
    query = CustomerQuery(threshold=run.threshold, worth_contacting=worth_contacting)
    if chosen is ExportKind.XLSX:
        application.reports.export_table.xlsx(run.id, query, out, by=obj.operator)
    elif chosen is ExportKind.PDF:
        application.reports.export_pdf(run.id, query, out, by=obj.operator, customers=customers)
    else:
        is_raw = raw and chosen is ExportKind.CSV
        options = ExportOptions(chosen, raw=is_raw, style=csv_style(style), with_input=with_input)
        _, pieces = application.reports.export_table.streamed(run.id, query, options, by=obj.operator)
        with out.open("wb") as target:
            target.writelines(pieces)
    if as_json:
        show_json({"run": run.id, "format": chosen.value, "out": str(out), "bytes": out.stat().st_size})
    else:
        say(f"Written to {out}.")


@runs.command("delete")
@click.argument("run_id", metavar="RUN")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@JSON
@click.pass_obj
def delete_run(obj: Context, run_id: str, yes: bool, as_json: bool) -> None:
    """Permanently delete a prediction."""
    run = _run(obj, run_id)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Permanently delete {run.file_name}, its results and its upload?", abort=True, err=True)
    obj.application.predictions.delete_runs([run.id], by=obj.operator)
    if as_json:
        show_json({"deleted": run.id})
    else:
        say(f"{run.file_name} was deleted.")
