"""The summary of a run, counted over the customers in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from application.ports.intake import IntakeReport
from application.ports.models import TruthEvaluator
from application.ports.results import ScoredCustomer
from domain.prediction import BandLimits
from domain.run import MonthSummary, RunSummary
from tests.fakes.result_figures import (
    Stored,
    band_counts,
    contacting_of,
    drivers_of,
    group_of,
    labelled,
    revenue_at_risk_of,
    revenue_of,
)


def summary_of(
    stored: Stored,
    in_file_order: Sequence[ScoredCustomer],
    report: IntakeReport,
    evaluator: TruthEvaluator,
    threshold: float,
    bands: BandLimits,
) -> RunSummary:
    customers = [labelled(one, threshold, bands) for one in in_file_order]
    likely = [one for one in customers if one.prediction.likely_to_leave]
    chances = [one.prediction.probability for one in customers]
    at_risk = sum(one.prediction.probability * (one.monthly_revenue or 0.0) for one in customers)
    total = revenue_of(customers, of=customers)
    known = [one for one in customers if one.actual is not None]
    bins = Counter(min(int(p * 40), 39) for p in chances)
    return RunSummary(
        rows=report.rows,
        scored=len(customers),
        rejected=report.rejected,
        likely_to_leave=len(likely),
        mean_probability=sum(chances) / max(len(chances), 1),
        money_at_risk=None if total is None else at_risk,
        revenue_likely=revenue_of(likely, of=customers),
        revenue_total=total,
        bands=band_counts(customers),
        histogram=tuple(bins[place] for place in range(40)),
        drivers=drivers_of(stored, [one.customer.row for one in customers]) if customers else (),
        contacting=contacting_of(customers, stored.playbook),
        columns=report.columns,
        duplicate_ids=report.duplicate_ids,
        out_of_range=sum(column.out_of_range for column in report.columns),
        months=_months(customers),
        truth=evaluator.evaluate(
            [one.prediction.probability for one in known], [one.actual for one in known], threshold=threshold
        )
        if known
        else None,
    )


def _months(customers: Sequence[ScoredCustomer]) -> tuple[MonthSummary, ...]:
    summaries = []
    for month in sorted({one.month for one in customers if one.month is not None}):
        group = group_of([one for one in customers if one.month == month], 2.0, month, None)
        inside = [one for one in customers if one.month == month]
        likely = [one for one in inside if one.prediction.likely_to_leave]
        summaries.append(
            MonthSummary(
                month,
                group.customers,
                group.mean_probability,
                len(likely),
                revenue_at_risk_of(inside) if revenue_of(customers, of=customers) is not None else None,
                group.observed,
            )
        )
    return tuple(summaries)
