"""`netone score`, `netone evaluate` and `netone sample`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from domain.file_format import DELIMITERS, ENCODINGS, FormatChoice
from domain.model import ModelVersion
from domain.run import Progress, Run, RunSummary
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
@click.option("--encoding", type=click.Choice(list(ENCODINGS)), help="The file's, where it is recognised wrongly.")
@click.option("--delimiter", type=click.Choice(list(DELIMITERS.values())), help="What stands between columns.")
@click.option("--decimal", type=click.Choice(["point", "comma"]), help="The mark in numbers.")
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
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
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
    written = _format(encoding, delimiter, decimal)
    chosen, remarks = _accepted_matches(desk, file, model_id, written, accept=accept_matches)
    with file.open("rb") as stream:
        run = desk.submit_scoring(stream, file.name, by=obj.system, model_id=model_id, chosen=chosen, written=written)
    with _watched(desk, run), _draft_of(out) as draft:
        with draft.open("wb") as target:
            ended = desk.score_to_csv(run.id, target.write, with_input=with_input)
        if ended is not None and ended.summary is not None:
            draft.replace(out)
    if ended is not None and rejected is not None:
        _copy_rejected(desk, ended, rejected)
    if ended is None or ended.summary is None:
        fail(_why_not(ended, rejected))
    for remark in (*remarks, *ended.summary.remarks):
        say(remark)
    if as_json:
        show_json(scored(ended))
        return
    summary = ended.summary
    say(f"{summary.likely_to_leave:,} of {summary.scored:,} customers are likely to leave; written to {out}.")
    if summary.rejected:
        say(f"{summary.rejected:,} rows could not be read; list them with --rejected FILE.")


def _why_not(ended: Run | None, rejected: Path | None) -> str:
    words = (ended.error if ended else None) or "The scoring did not finish."
    if ended is None or ended.stopped is None or not ended.stopped.rejected:
        return words
    return f"{words} {f'They are listed in {rejected}.' if rejected else 'List them with --rejected FILE.'}"


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


def _format(encoding: str | None, delimiter: str | None, decimal: str | None) -> FormatChoice:
    signs = {word: sign for sign, word in DELIMITERS.items()}
    marks = {"point": ".", "comma": ","}
    return FormatChoice(
        encoding=encoding,
        delimiter=signs[delimiter] if delimiter else None,
        decimal=marks[decimal] if decimal else None,
    )


def _accepted_matches(
    desk: Desk, file: Path, model_id: str | None, written: FormatChoice, *, accept: bool
) -> tuple[dict[str, int], list[str]]:
    """Guesses by similarity that are taken, and what there is to say; taken only when asked to."""
    with file.open("rb") as stream:
        check = desk.check_file(stream, model_id=model_id, written=written)
    match, guesses = check.match, check.match.suggestions
    if check.problem and not (accept and guesses):
        fail(check.problem + (" Columns that are only alike are taken with --accept-matches." if guesses else ""))
    remarks = [f"{file.name} is read as {check.preview.format.words}."]
    remarks += [f"“{m.header}” is taken as {m.column}." for m in match.matches if m.column != m.header]
    if accept:
        remarks += [f"“{m.header}” is taken as {m.column}, as you allowed." for m in guesses]
    else:
        advice = "it is not used. Take such matches with --accept-matches."
        remarks += [f"“{m.header}” may be {m.column}; {advice}" for m in guesses]
    chosen = {m.column: m.position for m in guesses} if accept else {}
    absent = [name for name in match.missing if name not in chosen]
    if absent:
        weight = sum(check.model.schema.column(name).importance for name in absent)
        shown = ", ".join(absent[:6]) + (" …" if len(absent) > 6 else "")
        remarks.append(f"Not in the file: {shown}; {weight:.0%} of what the model knows.")
    return chosen, remarks


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


@contextmanager
def _draft_of(out: Path) -> Iterator[Path]:
    """A temporary name beside it, so that a file of an earlier run is never left half overwritten."""
    draft = out.with_name(f".{out.name}.part")
    try:
        yield draft
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
