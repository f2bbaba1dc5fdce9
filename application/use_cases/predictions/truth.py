"""The truth of a scored file: figures are only kept where it is understood."""

from __future__ import annotations

from dataclasses import replace

from application.ports.intake import IntakeReport
from domain.formats import Formats
from domain.run import RunSummary


def with_clear_truth(summary: RunSummary, report: IntakeReport) -> RunSummary:
    """The summary without figures against a truth that is not understood well enough."""
    unclear = report.truth is not None and not report.truth.is_clear
    return replace(summary, truth=None if unclear else summary.truth, truth_reading=report.truth)


def remarks_on_truth(report: IntakeReport, formats: Formats) -> tuple[str, ...]:
    remark = report.truth.remark(formats) if report.truth else None
    return () if remark is None else (remark,)
