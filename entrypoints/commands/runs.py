"""`netone runs`: list, show, export, delete."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from application.ports.persistence import RunQuery
from application.ports.results import CustomerQuery
from domain.run import Run, RunId
from entrypoints.commands.console import FILE, JSON, Context, must_be_writable, say, show_json
from entrypoints.commands.documents import scored
from entrypoints.desk import Desk


@click.group(invoke_without_command=True)
@click.pass_context
def runs(ctx: click.Context) -> None:
    """List, show, export and delete predictions."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs)


@runs.command("list")
@JSON
@click.pass_obj
def list_runs(obj: Context, as_json: bool = False) -> None:
    """Every prediction, newest first."""
    with obj.desk.new_reading() as uow:
        found = uow.runs.find(RunQuery(limit=10_000)).runs
    if as_json:
        show_json({"runs": [scored(run) | {"created_at": run.created_at.isoformat()} for run in found]})
        return
    for run in found:
        leaving = f"{run.summary.likely_to_leave:,} of {run.summary.scored:,}" if run.summary else "–"
        click.echo(
            f"{run.id}  {run.state.value:<9} {run.created_at:%Y-%m-%d %H:%M}  {run.model_version:<4} "
            f"{leaving:>20}  {run.file_name}"
        )


def _run(desk: Desk, run_id: str) -> Run:
    with desk.new_reading() as uow:
        return uow.runs.get(RunId(run_id))


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@JSON
@click.pass_obj
def show_run(obj: Context, run_id: str, as_json: bool) -> None:
    """One prediction's figures."""
    document = scored(_run(obj.desk, run_id))
    if as_json:
        show_json(document)
        return
    for key, value in document.items():
        click.echo(f"{key:<18} {value}")


@runs.command("export")
@click.argument("run_id", metavar="RUN")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx", "pdf"]), default="csv", show_default=True)
@click.option("--raw", is_flag=True, help="Text as it is, for programs; else safe for spreadsheets.")
@click.option("--with-input", is_flag=True, help="Repeat the file's own columns in a CSV; XLSX always has them.")
@click.option(
    "--customers", type=click.IntRange(0, 500), default=200, show_default=True, help="Customers listed in a PDF."
)
@click.option("--out", type=FILE, required=True)
@JSON
@click.pass_obj
def export_run(
    obj: Context, run_id: str, kind: str, raw: bool, with_input: bool, customers: int, out: Path, as_json: bool
) -> None:
    """Write a prediction as CSV, XLSX or PDF."""
    must_be_writable(out)
    desk, run = obj.desk, _run(obj.desk, run_id)
    query = CustomerQuery(threshold=run.threshold)
    if kind == "csv":
        _, pieces = desk.export_table.csv(run.id, query, by=obj.system, raw=raw, with_input=with_input)
        with out.open("wb") as target:
            target.writelines(pieces)
    elif kind == "xlsx":
        desk.export_table.xlsx(run.id, query, out, by=obj.system)
    else:
        desk.export_pdf(run.id, query, out, by=obj.system, customers=customers)
    if as_json:
        show_json({"run": run.id, "format": kind, "out": str(out), "bytes": out.stat().st_size})
    else:
        say(f"Written to {out}.")


@runs.command("delete")
@click.argument("run_id", metavar="RUN")
@click.option("--yes", is_flag=True, help="Don't ask.")
@JSON
@click.pass_obj
def delete_run(obj: Context, run_id: str, yes: bool, as_json: bool) -> None:
    """Delete a prediction for good."""
    run = _run(obj.desk, run_id)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Delete {run.file_name} with its results and its upload for good?", abort=True, err=True)
    obj.desk.delete_runs([run.id], by=obj.system)
    if as_json:
        show_json({"deleted": run.id})
    else:
        say(f"{run.file_name} is deleted.")
