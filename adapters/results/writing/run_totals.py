"""Sums over a run, added batch by batch in file order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.results.files.layout import DRIVER_BINS, DriverSums
from domain.prediction import BandLimits, RiskBand
from domain.progress import SoFar
from domain.recommendation import LEAVE_ALONE, is_worth_contacting
from domain.run import ActionTotal, Contacting, MonthSummary

HISTOGRAM_BINS = 40
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """The summed columns of a batch (NumPy, length n). `actual`: 1, 0, −1 unknown; `month`: a code, −1 for none."""

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
        # The small addend puts 0.29 · 200 = 57.999… into the bin that starts at 0.29.
        bins = np.minimum((probability * DRIVER_BINS + 1e-9).astype(np.uint8), DRIVER_BINS - 1)
        order = np.argsort(bins, kind="stable")
        counts = np.bincount(bins, minlength=DRIVER_BINS)
        nonempty = np.flatnonzero(counts)
        starts = np.concatenate(([0], np.cumsum(counts[nonempty])[:-1]))
        grouped = contributions[order].astype(np.float64)
        self._customers += counts
        self._signed[nonempty] += np.add.reduceat(grouped, starts, axis=0)
        self._absolute[nonempty] += np.add.reduceat(np.abs(grouped, out=grouped), starts, axis=0)

    def sums(self) -> DriverSums:
        return DriverSums(
            tuple(self._customers.tolist()),
            tuple(map(tuple, self._absolute.tolist())),
            tuple(map(tuple, self._signed.tolist())),
        )


def has_left(actual: Any) -> NDArray[np.bool_]:
    """Whether each customer has left by the file's own truth (an Arrow column of bool; null is unknown)."""
    left: NDArray[np.bool_] = pc.fill_null(actual, fill_value=False).to_numpy(zero_copy_only=False)
    return left.astype(bool)


class ContactingTotals:
    """Counts and sums of the customers worth contacting, and of all customers by best action."""

    def __init__(self, actions: int) -> None:
        self._customers, self._expected_gain = 0, 0.0
        self._left, self._left_gain = 0, 0.0
        self._by_action = np.zeros((2, actions + 1))

    def add(self, action: NDArray[np.int16], gain: Floats, left: NDArray[np.bool_]) -> None:
        """`left`: whether the file says that the customer has left."""
        worth_contacting = is_worth_contacting(gain)
        gone = worth_contacting & left
        self._left += int(gone.sum())
        self._left_gain += float(gain[gone].sum())
        self._customers += int(worth_contacting.sum())
        self._expected_gain += float(gain[worth_contacting].sum())
        place, most = action.astype(np.int64) + 1, self._by_action.shape[1]
        self._by_action[0] += np.bincount(place, minlength=most)
        self._by_action[1] += np.bincount(place, weights=gain, minlength=most)

    def sums(self, names: Sequence[tuple[str, str]]) -> Contacting:
        """Actions with the highest expected gain first (ties: id); no action comes last.

        `names`: id and name of each action in playbook order.
        """
        named = [(LEAVE_ALONE, "Leave alone"), *names]
        totals = [
            ActionTotal(action_id, name, int(customers), float(gain))
            for (action_id, name), customers, gain in zip(named, *self._by_action.tolist(), strict=True)
            if customers
        ]
        totals.sort(key=lambda total: (total.action_id == LEAVE_ALONE, -total.expected_gain, total.action_id))
        return Contacting(self._customers, self._expected_gain, tuple(totals), self._left, self._left_gain)


class PartTotals:
    """What a progress shows of the customers scored so far. The summary's sums are those of `RunTotals`."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._customers = self._likely = self._revenue_known = 0
        self._at_risk = 0.0

    def add(self, probability: Floats, revenue: Floats) -> None:
        known = ~np.isnan(revenue)
        self._customers += len(probability)
        self._likely += int((probability >= self._threshold).sum())
        self._revenue_known += int(known.sum())
        self._at_risk += float((probability[known] * revenue[known]).sum())

    def so_far(self, rejected: int) -> SoFar:
        return SoFar(self._customers, rejected, self._likely, self._at_risk if self._revenue_known else None)


class RunTotals:
    """Everything in a run's summary that is a count or a sum over customers, their risk and their revenue."""

    def __init__(self, *, threshold: float, bands: BandLimits) -> None:
        self._threshold = threshold
        self._limits = (bands.medium, bands.high, bands.critical)
        self.customers = self.likely = self.revenue_known = 0
        self.probability = self.money_at_risk = self.revenue_likely = self.revenue_total = 0.0
        self.churned = self.stayed = 0
        self._histogram = np.zeros(HISTOGRAM_BINS, np.int64)
        self._bands = np.zeros(len(RiskBand), np.int64)
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
        """The amount, or None if no customer's revenue is known."""
        return amount if self.revenue_known else None

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
