"""Customers worth contacting in runs of versions that counted only likely leavers."""

from __future__ import annotations

from dataclasses import replace

from application.ports.results import ResultStore
from domain.errors import ResultDamaged, ResultMissing
from domain.run import Run


def with_contacting(run: Run, results: ResultStore) -> Run:
    """The run with its customers worth contacting. They stay unknown where the results were deleted or are damaged."""
    if run.summary is None or run.summary.contacting is not None:
        return run
    try:
        contacting = results.contacting(run.id)
    except (ResultMissing, ResultDamaged):
        return run
    return replace(run, summary=replace(run.summary, contacting=contacting))
