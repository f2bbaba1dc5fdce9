"""The page that shows what a file with outcomes says, and the hidden fields that name the file and how it is read."""

from __future__ import annotations

from pathlib import Path

from flask import Response, abort, request

from application.use_cases.campaigns.customer_file import CustomersCheck, OutcomeFile
from application.use_cases.campaigns.outcome_list import ListCheck
from domain.campaign import Campaign
from domain.errors import InvalidInput
from domain.file_format import FormatChoice
from domain.outcome_file import FileKind, OutcomeReading
from domain.outcome_list import RowProblem
from domain.question import Choice, Question, Subject
from entrypoints.web.htmx import render_page

LISTED = (RowProblem.CONTRADICTING, RowProblem.UNREADABLE, RowProblem.DOUBLED, RowProblem.UNMATCHED)
"""Problems in the order in which the page shows them."""
Fields = list[tuple[str, str]]


def check_page(check: ListCheck | CustomersCheck) -> Response:
    if isinstance(check, ListCheck):
        file = OutcomeFile(Path(), check.file_name, check.sha256)
        reading = OutcomeReading(FileKind.LIST, check.choice)
    else:
        file, reading = check.file, check.reading
    fields = _fields(check.campaign, file, reading)
    question = check.question
    if question is not None:
        return render_page(
            "campaigns/outcome_question.html",
            campaign=check.campaign,
            file_name=file.name,
            question=question,
            fields=[*fields, *_asked(question)],
        )
    if isinstance(check, ListCheck):
        return render_page(
            "campaigns/outcome_list.html", check=check, campaign=check.campaign, fields=fields, problems=LISTED
        )
    return render_page(
        "campaigns/outcome_file.html", shown=check, check=check.check, campaign=check.campaign, fields=fields
    )


def _fields(campaign: Campaign, file: OutcomeFile, reading: OutcomeReading) -> Fields:
    choice = reading.choice
    return [
        ("sha256", file.sha256),
        ("file_name", file.name),
        ("upload", file.upload),
        ("kind", reading.kind or ""),
        ("encoding", choice.encoding or ""),
        ("delimiter", choice.delimiter or ""),
        ("date_order", choice.date_order or ""),
        ("sheet", choice.sheet or ""),
        ("id_position", "" if reading.id_position is None else str(reading.id_position)),
        ("truth", reading.truth or ""),
        *(("left", value) for value in reading.left),
        *(("seen", value) for value in reading.seen),
        ("based_on", str(campaign.version)),
    ]


def _asked(question: Question) -> Fields:
    """The hidden fields that repeat a question, so that its answer can be applied to the reading."""
    return [("about", question.about), ("column", question.column or ""), *(("choice", own) for own in question.values)]


def sent_file() -> OutcomeFile:
    """The file that the form names. Where it is, the use case finds."""
    form = request.form
    return OutcomeFile(Path(), form.get("file_name", ""), form.get("sha256", ""), form.get("upload", ""))


def reading_of() -> OutcomeReading:
    """How the form says that the file is read, with the answer to a question if it has one."""
    form = request.form
    try:
        reading = OutcomeReading(
            kind=FileKind(form["kind"]) if form.get("kind") else None,
            choice=FormatChoice(
                encoding=form.get("encoding") or None,
                delimiter=form.get("delimiter") or None,
                date_order=form.get("date_order") or None,
                sheet=form.get("sheet") or None,
            ),
            id_position=int(form["id_position"]) if form.get("id_position") else None,
            truth=form.get("truth") or None,
            left=tuple(form.getlist("left")),
            seen=tuple(form.getlist("seen")),
        )
        return _answered(reading) if "answer" in form else reading
    except InvalidInput:
        raise
    except ValueError:
        abort(400)


def _answered(reading: OutcomeReading) -> OutcomeReading:
    form = request.form
    question = Question(
        Subject(form.get("about", "")),
        "",
        tuple(Choice(value, value) for value in form.getlist("choice")),
        form.get("column") or None,
    )
    return reading.with_answer(question, form.getlist("answer"))
