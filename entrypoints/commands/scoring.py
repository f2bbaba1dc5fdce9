"""`netone score`, `netone evaluate` and `netone sample`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from application.ports.results import CustomerQuery
from domain.account import Account
from domain.model import ModelVersion
from domain.run import Progress, Run, RunSummary
from domain.schema import HeaderMatch
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
from entrypoints.commands.documents import SHOWN_METRICS, scored, truth
from entrypoints.desk import Desk


@click.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, required=True, help="Where to write the scored customers, in the file's order.")
@click.option("--model", "model_id", help="A model version; the champion if left out.")
@click.option("--with-input", is_flag=True, help="Repeat the file's own columns behind the results.")
@click.option("--rejected", type=FILE, help="Where to list the rows that could not be read.")
@click.option("--accept-matches", is_flag=True, help="Take columns whose names are only alike.")
@JSON
@click.pass_obj
def score(
    obj: Context,
    file: Path,
    out: Path,
    model_id: str | None,
    with_input: bool,
    rejected: Path | None,
    accept_matches: bool,
    as_json: bool,
) -> None:
    """Score a customer file: who is likely to leave, why, and what to do."""
    desk = obj.desk
    must_exist(file)
    must_be_writable(out)
    if rejected is not None:
        must_be_writable(rejected)
    must_differ(file, out, rejected)
    have_a_model(obj, model_id)
    chosen = _accepted_matches(desk, file, model_id, accept=accept_matches)
    with file.open("rb") as stream:
        run = desk.submit_scoring(stream, file.name, by=obj.system, model_id=model_id, chosen=chosen)
    with _watched(desk, run):
        ended = desk.score_run(run.id)
    if ended is not None and rejected is not None:
        _copy_rejected(desk, ended, rejected)
    if ended is None or ended.summary is None:
        fail((ended.error if ended else None) or "The scoring did not finish.")
    _write(desk, obj.system, ended, out, with_input=with_input)
    if as_json:
        show_json(scored(ended))
        return
    summary = ended.summary
    say(f"{summary.likely_to_leave:,} of {summary.scored:,} customers are likely to leave; written to {out}.")
    if summary.rejected:
        say(f"{summary.rejected:,} rows could not be read; list them with --rejected FILE.")


def have_a_model(obj: Context, model_id: str | None) -> None:
    """A fresh installation makes its starter model first."""
    desk = obj.desk
    with desk.new_reading() as uow:
        there = uow.models.champion() is not None or model_id is not None
    if there:
        return
    say("There is no model yet: making the starter model from generated customers first.")
    training = desk.ensure_starter()
    if training is not None:
        desk.train_model(training.id)


def _accepted_matches(desk: Desk, file: Path, model_id: str | None, *, accept: bool) -> dict[str, int]:
    """Guesses by similarity are listed, and taken only when asked to."""
    with file.open("rb") as stream:
        check = desk.check_file(stream, model_id=model_id)
    if check.problem and not (accept and check.match.suggestions):
        hint = " Columns that are only alike are taken with --accept-matches." if check.match.suggestions else ""
        fail(check.problem + hint)
    for match in check.match.matches:
        if match.column != match.header:
            say(f"“{match.header}” is taken as {match.column}.")
    chosen = _similar_matches(check.match, accept=accept)
    absent = [name for name in check.match.missing if name not in chosen]
    if absent:
        weight = sum(check.model.schema.column(name).importance for name in absent)
        say(f"Not in the file: {', '.join(absent[:6])}{' …' if len(absent) > 6 else ''}; {weight:.0%} of what counts.")
    return chosen


def _similar_matches(found: HeaderMatch, *, accept: bool) -> dict[str, int]:
    if accept:
        for match in found.suggestions:
            say(f"“{match.header}” is taken as {match.column}, as you allowed.")
        return {match.column: match.position for match in found.suggestions}
    for match in found.suggestions:
        say(f"“{match.header}” may be {match.column}; it is not used. Take such matches with --accept-matches.")
    return {}


@contextmanager
def _watched(desk: Desk, run: Run) -> Iterator[None]:
    """A progress bar that reads what the scoring notes about itself."""
    ended = threading.Event()

    def follow(update: Callable[[Progress], None]) -> None:
        while not ended.wait(0.5):
            with desk.new_reading() as uow:
                update(uow.runs.get(run.id).progress)

    with bar("Scoring") as update:
        watcher = threading.Thread(target=follow, args=(update,), daemon=True) if sys.stderr.isatty() else None
        if watcher:
            watcher.start()
        try:
            yield
        finally:
            ended.set()
            if watcher:
                watcher.join()


def _write(desk: Desk, by: Account, run: Run, out: Path, *, with_input: bool) -> None:
    """To a temporary name first, so that a file of an earlier run is never left half overwritten."""
    query = CustomerQuery(threshold=run.threshold, sort="row", descending=False)
    _, pieces = desk.export_table.csv(run.id, query, by=by, raw=True, with_input=with_input)
    draft = out.with_name(f".{out.name}.part")
    try:
        with draft.open("wb") as target:
            for piece in pieces:
                target.write(piece)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _copy_rejected(desk: Desk, run: Run, target: Path) -> None:
    source = desk.uploads.rejected_path(run.id)
    content = source.read_bytes() if source.exists() else b"line,column,value,reason,row\r\n"
    target.write_bytes(content)


@click.command()
@click.argument("file", type=FILE)
@click.option("--model", "model_id", help="A model version; the champion if left out.")
@JSON
@click.pass_obj
def evaluate(obj: Context, file: Path, model_id: str | None, as_json: bool) -> None:
    """Quality of a model on a labelled file."""
    have_a_model(obj, model_id)
    with bar("Scoring") as progress:
        model, summary = obj.desk.evaluate_model(
            must_exist(file), model_id=model_id, progress=lambda rows: progress(Progress("Scoring", rows))
        )
    _show_evaluation(model, summary, as_json=as_json)


def _show_evaluation(model: ModelVersion, summary: RunSummary, *, as_json: bool) -> None:
    if summary.truth is None:
        fail("The file does not say who left.")
    figures = truth(summary.truth)
    document = {
        "model": model.id,
        "threshold": model.threshold,
        "rows": summary.rows,
        "scored": summary.scored,
        "rejected": summary.rejected,
        "metrics": figures,
    }
    if as_json:
        show_json(document)
        return
    say(f"{model.name} on {summary.truth.customers:,} customers, {summary.truth.churned:,} of whom left:")
    for name in SHOWN_METRICS:
        value = getattr(summary.truth, name)
        say(f"  {name:<10} {'–' if value is None else f'{value:.4f}'}")


@click.command()
@click.option("--out", type=FILE, required=True)
@click.option("--rows", type=click.IntRange(1, 50_000_000), default=7000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--months", type=click.IntRange(1, 120), help="Repeat customers over so many snapshot months.")
@click.option("--unlabelled", is_flag=True, help="Leave the churn column out.")
@click.pass_obj
def sample(obj: Context, out: Path, rows: int, seed: int, months: int | None, unlabelled: bool) -> None:
    """Write made-up telecom customers as CSV."""
    must_be_writable(out)
    obj.desk.sample.write(out, rows=rows, seed=seed, months=months, labelled=not unlabelled)
    say(f"{rows:,} made-up customers are in {out}.")
