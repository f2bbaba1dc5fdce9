"""Scores sorted once, from which figures, curves and bootstrap intervals are computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.empc import empc_of_counts

Floats = NDArray[np.float64]
MAX_CUTS = 2000


@dataclass(frozen=True, eq=False)
class Ranking:
    """Customers in descending order of score. `weight` is the bootstrap count of each (ones without resampling)."""

    probability: Floats
    churned: NDArray[np.bool_]
    weight: Floats

    @classmethod
    def of(cls, probability: Floats, churned: NDArray[np.bool_]) -> Ranking:
        order = np.argsort(-probability, kind="stable")
        return cls(probability[order], churned[order], np.ones(len(order)))

    @cached_property
    def _all(self) -> Floats:
        return np.cumsum(self.weight)

    @cached_property
    def _leavers(self) -> Floats:
        return np.cumsum(self.weight * self.churned)

    @cached_property
    def cut_ends(self) -> NDArray[np.intp]:
        """Index of the last customer of every distinct score."""
        return np.append(np.flatnonzero(np.diff(self.probability)), len(self.probability) - 1)

    @cached_property
    def called(self) -> Floats:
        """Customers at or above every distinct score."""
        return self._all[self.cut_ends]

    @cached_property
    def right(self) -> Floats:
        """Leavers at or above every distinct score."""
        return self._leavers[self.cut_ends]

    def thinned(self, most: int) -> NDArray[np.intp]:
        """At most `most` cuts, evenly spread over the customers, including the first and the last."""
        if len(self.cut_ends) <= most:
            return np.arange(len(self.cut_ends))
        places = np.searchsorted(self.called, np.linspace(self.called[0], self.called[-1], most))
        places = np.minimum(places, len(self.called) - 1)
        return places[np.diff(places, prepend=-1) > 0]

    def redrawn(self, draw: np.random.Generator, groups: NDArray[np.int64] | None = None) -> Ranking:
        """A bootstrap sample of customers, or of whole `groups` (n, in descending order of score)."""
        count = len(self.weight) if groups is None else int(groups.max()) + 1
        times = np.bincount(draw.integers(0, count, count), minlength=count).astype(float)
        return Ranking(self.probability, self.churned, times if groups is None else times[groups])

    def figures(self, threshold: float) -> dict[str, float]:
        """The figures of an evaluation, without those that are undefined for a sample of one class."""
        customers, leavers = float(self._all[-1]), float(self._leavers[-1])
        stayers = customers - leavers
        if leavers <= 0 or stayers <= 0:
            return {}
        rate = leavers / customers
        loss = quality_metrics.row_log_loss(self.probability, self.churned)
        brier = float((self.weight * (self.probability - self.churned) ** 2).sum() / customers)
        return {
            "auc": self._auc(leavers, stayers),
            "average_precision": self._average_precision(leavers),
            "log_loss": float((self.weight * loss).sum() / customers),
            "brier": brier,
            "brier_skill": 1.0 - brier / (rate * (1.0 - rate)),
            **self._label_figures(threshold, customers, leavers),
            "ece": self._ece(customers),
            "lift_10": self._lift_10(customers, rate),
            **self._empc_figures(),
        }

    def _auc(self, leavers: float, stayers: float) -> float:
        right = np.concatenate([[0.0], self.right]) / leavers
        wrong = np.concatenate([[0.0], self.called - self.right]) / stayers
        return float((np.diff(wrong) * (right[1:] + right[:-1]) / 2.0).sum())

    def _average_precision(self, leavers: float) -> float:
        precision = self.right / np.maximum(self.called, 1e-12)
        return float((np.diff(self.right / leavers, prepend=0.0) * precision).sum())

    def _reached(self, threshold: float) -> tuple[float, float]:
        """Customers at or above the threshold, and leavers among them."""
        last = int(np.searchsorted(-self.probability, -threshold, side="right")) - 1
        return (float(self._all[last]), float(self._leavers[last])) if last >= 0 else (0.0, 0.0)

    def counts_from(self, threshold: float) -> tuple[int, int]:
        """Leavers and stayers at or above the threshold."""
        called, right = self._reached(threshold)
        return round(right), round(called - right)

    def _label_figures(self, threshold: float, customers: float, leavers: float) -> dict[str, float]:
        called, right = self._reached(threshold)
        stayed_right = customers - called - (leavers - right)
        return {
            "accuracy": (right + stayed_right) / customers,
            "precision": right / called if called else 0.0,
            "recall": right / leavers,
            "f1": 2.0 * right / (called + leavers),
        }

    def _ece(self, customers: float) -> float:
        place = (self._all - self.weight / 2.0) / customers
        bins = np.minimum(9, (place * 10).astype(int))
        apart = np.bincount(bins, weights=self.weight * (self.churned - self.probability), minlength=10)
        return float(np.abs(apart).sum() / customers)

    def _lift_10(self, customers: float, rate: float) -> float:
        top = float(np.ceil(0.1 * customers - 1e-9))
        return float(np.interp(top, self._all, self._leavers) / top / rate)

    def _empc_figures(self) -> dict[str, float]:
        cuts = self.thinned(MAX_CUTS)
        profit = empc_of_counts(self.right[cuts], (self.called - self.right)[cuts])
        return {"empc": profit.value, "empc_share": profit.share}
