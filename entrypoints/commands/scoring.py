"""`netone score` and `netone evaluate`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from application.use_cases.files.check_file import FileCheck
from application.use_cases.models.evaluate_model import TruthLabels
from domain.accuracy import accuracy_sentence
from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces, restyled_file
from domain.errors import InvalidInput
from domain.export import ExportKind, ExportOptions
from domain.file_format import FormatChoice
from domain.file_report import column_remarks
from domain.formats import Formats
from domain.header_matching import ColumnMatch, MatchKind
from domain.history import history_remark
from domain.id_matching import NUMBERED
from domain.model import ModelVersion
from domain.progress import Progress, ScoringStage
from domain.remembered_matches import RememberedUnit, origin_words, unit_words
from domain.run import Run, RunSummary
from domain.training_overlap import overlap_note
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
from entrypoints.commands.export_options import CSV_STYLE, csv_style, export_kind
from entrypoints.commands.format_options import failure_message, format_choice, format_options, unit_option
from entrypoints.commands.json_output import SHOWN_METRICS, answered, column_figures, measured, truth_rows
from entrypoints.commands.renamed_options import renamed
from entrypoints.commands.run_gradings import say_gradings

WRITTEN = (ExportKind.CSV, ExportKind.PARQUET)
ID = click.option("--id", "id_column", help="The column of customer ids, if detected wrongly.")
NO_ID = click.option("--no-id", is_flag=True, help="Number the rows instead of using a column as the customers’ ids.")
ACCEPT = click.option(
    "--accept-similar-columns", "accept_matches", is_flag=True, help="Also use columns whose names are only similar."
)


@click.command(cls=renamed({"--accept-matches": "--accept-similar-columns"}))
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, required=True, help="The file to write; its rows are in the order of FILE.")
@click.option(
    "--format",
    "kind",
    type=click.Choice([own.value for own in WRITTEN]),
    help="By the ending of the file to write if left out.",
)
@click.option("--model", "model_id", help="A model version; the champion if left out.")
@click.option("--with-input", is_flag=True, help="Include the columns of the input file after the results.")
@click.option("--rejected", type=FILE, help="The CSV file to list rejected rows in.")
@CSV_STYLE
@click.option(
    "--earlier",
    type=FILE,
    multiple=True,
    help="The file of an earlier month, besides those of stored predictions; may be repeated.",
)
@ID
@NO_ID
@ACCEPT
@format_options
@unit_option
@JSON
@click.pass_obj
def score(
    obj: Context,
    file: Path,
    out: Path,
    kind: str | None,
    model_id: str | None,
    with_input: bool,
    rejected: Path | None,
    style: str | None,
    earlier: tuple[Path, ...],
    accept_matches: bool,
    id_column: str | None,
    no_id: bool,
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    date_order: str | None,
    sheet: str | None,
    units: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Score a customer file: which customers are likely to leave, why, and what to do."""
    must_exist(file)
    must_be_writable(out)
    written_as = export_kind(kind, out, among=WRITTEN)
    if rejected is not None:
        must_be_writable(rejected)
    must_differ(file, out, rejected, *map(must_exist, earlier))
    ensure_model(obj, model_id)
    format_override = format_choice(encoding, delimiter, decimal, date_order, sheet, units)
    column_positions, remarks = _accepted_matches(
        obj, file, model_id, format_override, accept=accept_matches, id_column=id_column, no_id=no_id
    )
    with file.open("rb") as stream:
        run = obj.application.predictions.submit_scoring(
            stream,
            file.name,
            by=obj.operator,
            model_id=model_id,
            column_positions=column_positions,
            format_override=format_override,
        )
    options = ExportOptions(written_as, style=csv_style(style), with_input=with_input)
    ended = _scored(obj, run, out, options, earlier=earlier)
    if ended is not None and rejected is not None:
        _copy_rejected(obj, ended, rejected, options.style)
    if ended is None or ended.summary is None:
        fail(_failure_message(ended, rejected))
    _report(obj, ended, ended.summary, out, remarks, as_json=as_json)


def _scored(obj: Context, run: Run, out: Path, options: ExportOptions, *, earlier: Sequence[Path]) -> Run | None:
    """Score the run and write its customers to `out`; a run that fails leaves `out` as it was."""
    with _progress_bar(obj, run), _draft_of(out) as draft:
        with draft.open("wb") as target:
            ended = obj.application.predictions.score_to_table(run.id, target.write, options, earlier=earlier)
        if ended is not None and ended.summary is not None:
            draft.replace(out)
    return ended


def _report(obj: Context, run: Run, summary: RunSummary, out: Path, remarks: Sequence[str], *, as_json: bool) -> None:
    """Print the remarks on the file, the answer, and where it was written to."""
    view = obj.application.predictions.view_run(run.id, by=obj.operator.account)
    for remark in (*remarks, *summary.remarks):
        say(remark)
    if summary.history is not None:
        say(history_remark(view.model.schema, summary.history, obj.formats))
    if summary.numbered:
        say("To use a column as the customers’ ids, add --id COLUMN.")
    for remark in column_remarks(summary, view.model.schema, obj.formats):
        say(remark)
    document = answered(view, obj.application.formats_of(view.policy.currency))
    if as_json:
        show_json(document)
        return
    say(str(document["answer"]))
    if document["assumption"]:
        say(str(document["assumption"]))
    if summary.overlap:
        say(overlap_note(summary.overlap, obj.formats))
    say(f"Written to {out}.")
    say_gradings(obj, run)
    if summary.rejected:
        say(f"{obj.formats.number(summary.rejected)} rows were rejected; list them with --rejected FILE.")


def _failure_message(ended: Run | None, rejected: Path | None) -> str:
    words = failure_message(ended) or "The scoring did not finish."
    if ended is None or ended.stopped is None or not ended.stopped.rejected:
        return words
    return f"{words} {f'They are listed in {rejected}.' if rejected else 'List them with --rejected FILE.'}"


def ensure_model(obj: Context, model_id: str | None) -> None:
    """Train the starter model first if there is no model yet."""
    application = obj.application
    if model_id is not None or application.models.find_champion(by=obj.operator.account) is not None:
        return
    say("There is no model yet: training the starter model on generated customers first.")
    training = application.models.ensure_starter()
    if training is not None:
        application.models.train_model(training.id)


def _accepted_matches(
    obj: Context,
    file: Path,
    model_id: str | None,
    format_override: FormatChoice,
    *,
    accept: bool,
    id_column: str | None,
    no_id: bool,
) -> tuple[dict[str, int], list[str]]:
    """Column positions of the similar names that the user accepted, and the remarks to print about columns."""
    check = obj.application.predictions.check_file.of_path(file, model_id=model_id, format_override=format_override)
    match, guesses = check.match, check.match.suggestions
    if check.problem and not (accept and guesses):
        fail(check.problem + (" To use columns with similar names, add --accept-similar-columns." if guesses else ""))
    remarks = [f"{file.name} is read as {check.preview.format.words}."]
    ids = _chosen_id(check, id_column, no_id=no_id)
    guesses = tuple(m for m in guesses if m.column not in ids and m.position not in ids.values())
    remarks += [_renamed(m, check, obj.formats) for m in match.matches if _is_renamed(m) and m.column not in ids]
    remarks += [_unit_remark(own, obj.formats) for own in check.units]
    remarks += match.doubts
    assumed = [m for m in match.matches if m.kind is MatchKind.ASSUMED and not _is_renamed(m) and not ids]
    remarks += [f"“{m.header}” is used as the customers’ ids; the model was trained without ids." for m in assumed]
    remarks += [f"“{id_column}” is used as {column}, because of --id." for column in ids if not no_id]
    if accept:
        remarks += [f"“{m.header}” is used as {m.column}, because of --accept-similar-columns." for m in guesses]
    else:
        advice = "it is not used. To use such columns, add --accept-similar-columns."
        remarks += [f"“{m.header}” may be {m.column}; {advice}" for m in guesses]
    column_positions = ids | ({m.column: m.position for m in guesses} if accept else {})
    missing = [name for name in match.missing if name not in column_positions]
    if missing:
        weight = sum(check.model.schema.column(name).importance for name in missing)
        names = ", ".join(missing[:6]) + (" …" if len(missing) > 6 else "")
        share = obj.formats.percent(weight, decimals=0)
        remarks.append(f"Not in the file: {names}; the model gives these columns {share} of its total weight.")
    return column_positions, remarks


def _renamed(match: ColumnMatch, check: FileCheck, formats: Formats) -> str:
    """How a column with another name is used, and who said so for an earlier file."""
    words = f"“{match.header}” is used as {match.column}"
    if match.confirmed_at is None:
        return f"{words}."
    by = check.confirmed_by.get(match.column, "")
    return f"{words}, {origin_words(match.confirmed_at, match.confirmed_in, formats, by=by)}."


def _unit_remark(own: RememberedUnit, formats: Formats) -> str:
    origin = origin_words(own.confirmed_at, own.confirmed_in, formats)
    return f"The numbers of “{own.header}” are read as {unit_words(own.unit)}, {origin}."


def _is_renamed(match: ColumnMatch) -> bool:
    return match.column != match.header


def _chosen_id(check: FileCheck, id_column: str | None, *, no_id: bool) -> dict[str, int]:
    """The position of the id column that the user named, by the model's name for it; NUMBERED with `--no-id`."""
    if no_id:
        if id_column is not None:
            raise click.UsageError("--id and --no-id contradict each other.")
        return {check.model.schema.id_column or "": NUMBERED}
    if id_column is None:
        return {}
    header = [name.strip() for name in check.preview.header]
    if id_column not in header:
        fail(f"The file has no column {id_column!r}; its columns are {', '.join(header[:12])}.")
    return {check.model.schema.id_column or id_column: header.index(id_column)}


@contextmanager
def _progress_bar(obj: Context, run: Run) -> Iterator[None]:
    """Show a progress bar that follows the progress stored with the run."""
    ended = threading.Event()

    def follow(update: Callable[[Progress], None]) -> None:
        while not ended.wait(0.5):
            update(obj.application.predictions.view_run(run.id, by=obj.operator.account).run.progress)

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
    """A temporary file next to `out`, renamed at the end, so that an existing file is never half overwritten."""
    draft = out.with_name(f".{out.name}.part")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _copy_rejected(obj: Context, run: Run, target: Path, style: CsvStyle | None) -> None:
    stored = obj.application.predictions.view_run_files(run.id, by=obj.operator.account).rejected
    header = ("line", "column", "value", "reason", "row")
    with target.open("wb") as file:
        file.writelines(csv_pieces(header, (), style) if stored is None else restyled_file(stored, style))


@click.command()
@click.argument("file", type=FILE)
@click.option("--model", "model_id", help="A model version; the champion if left out.")
@click.option("--positive", multiple=True, help="A value that means left in this file; may be repeated.")
@click.option("--negative", help="The value that means stayed in this file.")
@ID
@NO_ID
@ACCEPT
@format_options
@unit_option
@JSON
@click.pass_obj
def evaluate(
    obj: Context,
    file: Path,
    model_id: str | None,
    positive: tuple[str, ...],
    negative: str | None,
    accept_matches: bool,
    id_column: str | None,
    no_id: bool,
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    date_order: str | None,
    sheet: str | None,
    units: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Measure a model on a labelled file. The file format is detected as in scoring."""
    must_exist(file)
    ensure_model(obj, model_id)
    format_override = format_choice(encoding, delimiter, decimal, date_order, sheet, units)
    column_positions, remarks = _accepted_matches(
        obj, file, model_id, format_override, accept=accept_matches, id_column=id_column, no_id=no_id
    )
    try:
        with bar("Scoring") as progress:
            model, summary = obj.application.models.evaluate_model(
                file,
                model_id=model_id,
                column_positions=column_positions,
                format_override=format_override,
                labels=TruthLabels(positive, negative) if positive or negative else None,
                progress=lambda rows: progress(Progress(ScoringStage.SCORING, rows)),
            )
    except InvalidInput as problem:
        if problem.field == "truth":
            fail(f"{problem} Name the values of this file with --positive VALUE and --negative VALUE.")
        raise
    truth = summary.truth_reading.remark(obj.formats) if summary.truth_reading is not None else None
    for remark in [*remarks, truth] if truth is not None else remarks:
        say(remark)
    _show_evaluation(model, summary, obj.formats, as_json=as_json)


def _show_evaluation(model: ModelVersion, summary: RunSummary, formats: Formats, *, as_json: bool) -> None:
    quality = summary.quality
    if quality is None:
        fail("The file has no column that tells which customers left.")
    for remark in column_remarks(summary, model.schema, formats):
        say(remark)
    document = {
        "model": model.id,
        "threshold": model.threshold,
        "rows": summary.rows,
        "scored": summary.scored,
        "rejected": summary.rejected,
        **truth_rows(summary),
        **measured(summary),
        "columns": column_figures(summary),
    }
    if as_json:
        show_json(document)
        return
    if summary.overlap:
        say(overlap_note(summary.overlap, formats))
    customers, churned = formats.number(quality.customers), formats.number(quality.churned)
    say(f"{model.name} on {customers} customers, {churned} of whom left:")
    say(accuracy_sentence(quality.confusion, formats))
    for name in SHOWN_METRICS:
        value = getattr(quality, name)
        say(f"  {name:<10} {'–' if value is None else formats.number(value, decimals=4)}")
