"""`netone sample`: generated customers, to try the product."""

from __future__ import annotations

from pathlib import Path

import click

from entrypoints.commands.console import FILE, Context, must_be_writable, say
from entrypoints.commands.export_options import CSV_STYLE, csv_style, rewrite


@click.command()
@click.option("--out", type=FILE, required=True)
@click.option("--rows", type=click.IntRange(1, 50_000_000), default=7000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--months", type=click.IntRange(1, 120), help="Number of monthly snapshots per customer.")
@click.option("--unlabelled", is_flag=True, help="Omit the churn column.")
@click.option(
    "--drift",
    type=click.FloatRange(-1, 1),
    default=0.0,
    help="With --months: added to the log-odds of leaving each month; 0.1 raises churn by about 2 points a month.",
)
@click.option("--last-activity", "activity", is_flag=True, help="Add the day of each customer’s last activity.")
@CSV_STYLE
@click.pass_obj
def sample(
    obj: Context,
    out: Path,
    rows: int,
    seed: int,
    months: int | None,
    unlabelled: bool,
    drift: float,
    activity: bool,
    style: str | None,
) -> None:
    """Write generated telecom customers as CSV."""
    must_be_writable(out)
    obj.application.predictions.write_sample(
        out, rows=rows, seed=seed, months=months, labelled=not unlabelled, drift=drift, activity=activity
    )
    rewrite(out, csv_style(style), with_numbers=True)
    say(f"{obj.formats.number(rows)} generated customers were written to {out}.")
