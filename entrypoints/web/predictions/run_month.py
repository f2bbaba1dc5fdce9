"""The month that a run's file is of: what the page shows, and a person's answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, request, url_for

from domain.account import Permission
from domain.question import Choice
from domain.run import Run, RunId
from domain.run_month import MonthSource, may_choose_month, month_of_run, source_of_month
from domain.snapshot_month import in_words, recent_months
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application
from entrypoints.web.htmx import go
from entrypoints.web.predictions.area import area

SOURCES = {
    MonthSource.ROWS: "as its rows say",
    MonthSource.PERSON: "as it was chosen here",
    MonthSource.NAME: "as the file’s name says",
}


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """The newest month of a run's file in words, "" if it is unknown, what says it, and the months to choose from."""

    words: str
    source: str
    value: str
    may_choose: bool
    may_take_back: bool
    choices: tuple[Choice, ...]


def shown_month(run: Run) -> ShownMonth:
    month, source = month_of_run(run), source_of_month(run)
    may_choose = may_choose_month(run)
    latest = f"{formats.local(application().now()):%Y-%m}"
    return ShownMonth(
        words=in_words(month) if month else "",
        source=SOURCES[source] if source else "",
        value=month or "",
        may_choose=may_choose,
        may_take_back=source is MonthSource.PERSON,
        choices=recent_months(max(latest, month or "")) if may_choose else (),
    )


@area.post("/<run_id>/month")
@allow(Permission.PREDICT)
def month(run_id: str) -> Response:
    """Store which month the file is of, or take back what was said."""
    run = application().predictions.set_month(RunId(run_id), request.form.get("month", ""), by=actor())
    known = month_of_run(run)
    flash(f"“{run.file_name}” is of {in_words(known)}." if known else f"The month of “{run.file_name}” is open again.")
    return go(url_for("predictions.show", run_id=run.id))
