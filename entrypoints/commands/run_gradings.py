"""`netone runs grade`, `gradings` and `withdraw-grading`: earlier predictions against what happened."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from application.use_cases.grading.compare_files import LaterFile
from application.use_cases.grading.read_gradings import ListedGrading
from domain.best_before import best_before_words
from domain.errors import Unclear
from domain.grading import GradingId
from domain.grading_choice import GradingChoice, GradingDoubtful
from domain.grading_table import grading_cells
from domain.grading_words import answer_sentences, auc_words, expected_words, figure_lines, how_words, model_words
from domain.question import Subject
from domain.run import Run, RunId
from entrypoints.commands.console import FILE, JSON, Context, bar, fail, must_be_writable, printable, say, show_json
from entrypoints.commands.export_options import CSV_STYLE, csv_style
from entrypoints.commands.format_options import format_choice, format_options

GO_ON = "To grade anyway, add --accept-warnings."
ANSWERS = {
    Subject.MONTH: "Give --month for the prediction’s file, or --by-month for the later one.",
    Subject.CUSTOMER: "Give --id COLUMN.",
    Subject.LEFT: "Give --left-column COLUMN and --left VALUE, or --by-absence.",
}
"""The options that answer a question."""


@click.command("grade")
@click.argument("run_id", metavar="RUN")
@click.option("--by", "later", required=True, metavar="FILE|RUN", help="The later file, or the prediction made of it.")
@click.option("--month", default="", metavar="MONTH", help="The month of the prediction’s customers, such as 2026-10.")
@click.option("--by-month", default="", metavar="MONTH", help="The month of the later file.")
@click.option("--left-column", default="", metavar="COLUMN", help="The later file’s column that says who left.")
@click.option("--left", "values", multiple=True, metavar="VALUE", help="Its value for left; may be repeated.")
@click.option("--by-absence", is_flag=True, help="Only customers who are missing in the later file have left.")
@click.option("--id", "id_name", default="", metavar="COLUMN", help="The later file’s column of customer ids.")
@click.option("--accept-warnings", "accept", is_flag=True, help="Grade although something looks unusual.")
@format_options
@JSON
@click.pass_obj
def grade_run(
    obj: Context,
    run_id: str,
    later: str,
    month: str,
    by_month: str,
    left_column: str,
    values: tuple[str, ...],
    by_absence: bool,
    id_name: str,
    accept: bool,
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    date_order: str | None,
    sheet: str | None,
    as_json: bool,
) -> None:
    """Grade an earlier prediction by a later file of the same base, which shows who left."""
    choice = GradingChoice(month, by_month, left_column, tuple(values), by_absence, id_name, accept)
    grade, file = obj.application.grading.grade_run, Path(later)
    own = format_choice(encoding, delimiter, decimal, date_order, sheet)
    try:
        with bar("Grading") as report:
            if file.is_file():
                given = LaterFile(file, file.name, _sha256(file), own)
                grading = grade.by_file(RunId(run_id), given, choice, by=obj.operator, report=report)
            else:
                grading = grade.by_run(RunId(run_id), RunId(later), choice, by=obj.operator, report=report)
    except GradingDoubtful as error:
        for reason in error.reasons:
            say(reason)
        fail(GO_ON)
    except Unclear as error:
        fail(f"{error} {ANSWERS.get(error.question.about, '') if error.question else ''}")
    listed = obj.application.grading.list_gradings(by=obj.operator.account)
    _show(obj, next(one for one in listed if one.grading.id == grading.id), as_json=as_json)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _show(obj: Context, own: ListedGrading, *, as_json: bool) -> None:
    grading = own.grading
    if as_json:
        show_json(_document(own))
        return
    for sentence in (*answer_sentences(grading, obj.formats), *how_words(grading, own.by, obj.formats)):
        click.echo(printable(sentence))
    for line in figure_lines(grading.figures, grading.threshold, obj.formats):
        click.echo(f"{line.label:<24} {line.value}")
    click.echo(f"{'Grading':<24} {grading.id}")


def say_gradings(obj: Context, run: Run) -> None:
    """What a run's file graded when it was scored, what it could grade, and what became of the run itself."""
    view = obj.application.grading.view(run.id, by=obj.operator.account)
    if view.grading is not None:
        for sentence in answer_sentences(view.grading, obj.formats):
            say(sentence)
    for own in view.graded_by_this:
        say(f"This file graded {printable(own.run.file_name)}. {' '.join(answer_sentences(own.grading, obj.formats))}")
    for offered in view.offers:
        can = "can" if offered.offer.possible else "cannot"
        more = f" To decide: netone runs grade {offered.run.id} --by {run.id}" if offered.offer.possible else ""
        say(f"This file {can} grade {printable(offered.run.file_name)}: {printable(offered.offer.reason)}{more}")


def _document(own: ListedGrading) -> dict[str, object]:
    return dict(grading_cells(own.grading, own.run.file_name, own.by))


@click.command("gradings")
@click.option("--model", "model_id", help="Only those of a model version, with the advice when to train it again.")
@click.option("--out", type=FILE, help="A CSV file to write them to.")
@CSV_STYLE
@JSON
@click.pass_obj
def list_gradings(obj: Context, model_id: str | None, out: Path | None, style: str | None, as_json: bool) -> None:
    """List the gradings, the newest month first."""
    grading, by = obj.application.grading, obj.operator
    found = grading.list_gradings(by=by.account, model_version=model_id)
    advice = best_before_words(grading.best_before(model_id), obj.formats) if model_id else None
    if out is not None:
        must_be_writable(out)
        with out.open("wb") as target:
            target.writelines(grading.export(by=by, model_version=model_id, style=csv_style(style)))
    if as_json:
        show_json({"gradings": [_document(own) for own in found]} | ({"best_before": advice} if advice else {}))
        return
    for own in found:
        figures = own.grading.figures
        click.echo(
            f"{own.grading.id}  {own.grading.month}  expected {expected_words(figures, obj.formats)}, left "
            f"{obj.formats.number(figures.left)}  AUC {auc_words(figures, obj.formats)}  {model_words(own.grading)}  "
            f"{printable(own.run.file_name)} by {printable(own.grading.source.file_name)}"
        )
    if advice:
        click.echo(advice)


@click.command("withdraw-grading")
@click.argument("grading_id", metavar="GRADING")
@JSON
@click.pass_obj
def withdraw_grading(obj: Context, grading_id: str, as_json: bool) -> None:
    """Withdraw a grading: all its figures are deleted."""
    run = obj.application.grading.withdraw(GradingId(grading_id), by=obj.operator)
    if as_json:
        show_json({"withdrawn": grading_id, "run": run.id})
    else:
        say(f"The grading of {printable(run.file_name)} was withdrawn.")
