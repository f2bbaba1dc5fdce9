"""The month that a prediction's customers are of: what its rows, a person, or the name of its file says."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum

from domain.errors import InvalidInput
from domain.run import JobState, Run
from domain.snapshot_month import month_in_name

_MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")


class MonthSource(StrEnum):
    """What says the month of a prediction."""

    ROWS = "rows"
    PERSON = "person"
    NAME = "name"


def months_of(run: Run) -> tuple[str, ...]:
    """The months that a run's rows are of, oldest first; else the one that a person or the file's name says."""
    if run.summary is not None and run.summary.months:
        return tuple(sorted(own.month for own in run.summary.months))
    month = run.month or month_in_name(run.file_name)
    return (month,) if month else ()


def month_of_run(run: Run) -> str | None:
    """The newest month of a run's customers; None if nothing says it."""
    return max(months_of(run), default=None)


def source_of_month(run: Run) -> MonthSource | None:
    """What says the month; None if nothing does."""
    if not months_of(run):
        return None
    if run.summary is not None and run.summary.months:
        return MonthSource.ROWS
    return MonthSource.PERSON if run.month else MonthSource.NAME


def may_choose_month(run: Run) -> bool:
    """Whether a person can say the month. Rows with months say it themselves."""
    return run.state is JobState.DONE and source_of_month(run) is not MonthSource.ROWS


def with_month(run: Run, month: str) -> Run:
    """The run with the month that a person says, "YYYY-MM"; "" takes it back. Raises InvalidInput."""
    if not may_choose_month(run):
        raise InvalidInput(
            "The rows of this file say their months, so no other one can be chosen."
            if run.state is JobState.DONE
            else "This prediction has no result yet. Choose its month when it is done.",
            field="month",
        )
    if month and not _MONTH.fullmatch(month):
        raise InvalidInput(f"“{month[:20]}” is not a month such as 2026-11.", field="month")
    return replace(run, month=month)


def renamed(run: Run, name: str) -> Run:
    """The run with another name. A month that only the old name says is kept. Raises ValueError for an empty name."""
    return replace(run.renamed(name), month=run.month or _lost(run.file_name, name))


def _lost(before: str, after: str) -> str:
    return "" if month_in_name(after) else month_in_name(before) or ""
