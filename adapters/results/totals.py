"""Sums over a run, folded batch by batch in file order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.results.layout import DRIVER_BINS, DriverSums
from domain.prediction import BandLimits, RiskBand
from domain.recommendation import LEAVE_ALONE
from domain.run import ActionTotal, MonthSummary

HISTOGRAM_BINS = 40
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is summed up of a batch (NumPy, length n). `actual`: 1, 0, −1 unknown; `month`: a code, −1 for none."""

    probability: Floats
    action: NDArray[np.int16]
    gain: Floats
    revenue: Floats
    actual: NDArray[np.int8]
    month: NDArray[np.int32]


class DriverTotals:
    """Σ|SHAP| and ΣSHAP by bin of probability and attribute."""

    def __init__(self, attributes: int) -> None:
        self._customers = np.zeros(DRIVER_BINS, np.int64)
        self._absolute = np.zeros((DRIVER_BINS, attributes))
        self._signed = np.zeros((DRIVER_BINS, attributes))

    def add(self, probability: Floats, contributions: NDArray[np.float32]) -> None:
        """`contributions`: n × attributes."""
        if not len(probability):
            return
        # The tiny addend keeps 0.29 · 200 = 57.999… in the bin that 0.29 begins.
        bins = np.minimum((probability * DRIVER_BINS + 1e-9).astype(np.uint8), DRIVER_BINS - 1)
        order = np.argsort(bins, kind="stable")
        counts = np.bincount(bins, minlength=DRIVER_BINS)
        filled = np.flatnonzero(counts)
        starts = np.concatenate(([0], np.cumsum(counts[filled])[:-1]))
        grouped = contributions[order].astype(np.float64)
        self._customers += counts
        self._signed[filled] += np.add.reduceat(grouped, starts, axis=0)
        self._absolute[filled] += np.add.reduceat(np.abs(grouped, out=grouped), starts, axis=0)

    def sums(self) -> DriverSums:
        return DriverSums(
            tuple(self._customers.tolist()),
            tuple(map(tuple, self._absolute.tolist())),
            tuple(map(tuple, self._signed.tolist())),
        )


class RunTotals:
    """Everything in a run's summary that is a count or a sum."""

    def __init__(self, *, threshold: float, bands: BandLimits, actions: int) -> None:
        self._threshold = threshold
        self._limits = (bands.medium, bands.high, bands.critical)
        self.customers = self.likely = self.worth_contacting = self.revenue_known = 0
        self.probability = self.money_at_risk = self.revenue_likely = self.revenue_total = self.expected_gain = 0.0
        self.churned = self.stayed = 0
        self._histogram = np.zeros(HISTOGRAM_BINS, np.int64)
        self._bands = np.zeros(len(RiskBand), np.int64)
        self._by_action = np.zeros((2, actions + 1))
        self.months: dict[int, Floats] = {}

    def add(self, columns: Columns) -> None:
        p = columns.probability
        likely = p >= self._threshold
        self.customers += len(p)
        self.likely += int(likely.sum())
        self.probability += float(p.sum())
        self._histogram += np.bincount(
            np.minimum((p * HISTOGRAM_BINS).astype(np.int64), HISTOGRAM_BINS - 1), minlength=HISTOGRAM_BINS
        )
        self._bands += np.bincount(np.searchsorted(self._limits, p, side="right"), minlength=len(RiskBand))
        self.churned += int((columns.actual == 1).sum())
        self.stayed += int((columns.actual == 0).sum())
        self._add_money(columns, likely)
        self._add_months(columns, likely)

    def _add_money(self, columns: Columns, likely: NDArray[np.bool_]) -> None:
        known = np.isfinite(columns.revenue)
        revenue = np.where(known, columns.revenue, 0.0)
        self.revenue_known += int(known.sum())
        self.revenue_total += float(revenue.sum())
        self.revenue_likely += float(revenue[likely].sum())
        self.money_at_risk += float((columns.probability * revenue).sum())
        earning = likely & (columns.gain > 0.0)
        self.worth_contacting += int(earning.sum())
        self.expected_gain += float(columns.gain[earning].sum())
        place, most = columns.action[likely].astype(np.int64) + 1, self._by_action.shape[1]
        self._by_action[0] += np.bincount(place, minlength=most)
        self._by_action[1] += np.bincount(place, weights=columns.gain[likely], minlength=most)

    def _add_months(self, columns: Columns, likely: NDArray[np.bool_]) -> None:
        for code in np.unique(columns.month[columns.month >= 0]).tolist():
            inside = columns.month == code
            actual = columns.actual[inside]
            sums = (
                inside.sum(),
                columns.probability[inside].sum(),
                (inside & likely).sum(),
                np.nansum(columns.probability[inside] * columns.revenue[inside]),
                (actual == 1).sum(),
                (actual >= 0).sum(),
            )
            self.months[code] = self.months.get(code, np.zeros(len(sums))) + np.array(sums, float)

    @property
    def histogram(self) -> tuple[int, ...]:
        return tuple(self._histogram.tolist())

    @property
    def bands(self) -> dict[RiskBand, int]:
        return dict(zip(RiskBand, self._bands.tolist(), strict=True))

    def money(self, amount: float) -> float | None:
        """The amount, or None where no customer's revenue is known."""
        return amount if self.revenue_known else None

    def actions(self, names: Sequence[tuple[str, str]]) -> tuple[ActionTotal, ...]:
        """Likely leavers by best action, highest expected gain first; leaving alone comes last.

        `names`: id and name of each action in playbook order.
        """
        named = [(LEAVE_ALONE, "Leave alone"), *names]
        return ordered_actions(
            ActionTotal(action_id, name, int(customers), float(gain))
            for (action_id, name), customers, gain in zip(named, *self._by_action.tolist(), strict=True)
            if customers
        )

    def month_summaries(self, names: list[str]) -> tuple[MonthSummary, ...]:
        return tuple(
            MonthSummary(
                month=names[code],
                customers=int(sums[0]),
                mean_probability=float(sums[1] / sums[0]),
                likely_to_leave=int(sums[2]),
                revenue_at_risk=self.money(float(sums[3])),
                observed=float(sums[4] / sums[5]) if sums[5] else None,
            )
            for code, sums in sorted(self.months.items(), key=lambda item: names[item[0]])
        )


def ordered_actions(totals: Any) -> tuple[ActionTotal, ...]:
    """Highest expected gain first (ties: id); leaving alone comes last."""
    return tuple(
        sorted(totals, key=lambda total: (total.action_id == LEAVE_ALONE, -total.expected_gain, total.action_id))
    )
