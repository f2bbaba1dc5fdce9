"""The figures of a result, by plain loops over plain objects."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adapters.results.writing.bin_edges import Bin
from application.ports.results import Group, ScoredCustomer
from domain.evaluation import ConfusionMatrix
from domain.expected_quality import SCORE_EDGES, ScoreBin
from domain.playbook import Playbook
from domain.prediction import BandLimits, RiskBand, band_of
from domain.recommendation import LEAVE_ALONE
from domain.run import ActionTotal, Contacting, DriverShare
from domain.schema import CustomerSchema


@dataclass(frozen=True)
class Stored:
    """A finished run: its customers in order of risk, SHAP values beside them, and what reading needs."""

    customers: tuple[ScoredCustomer, ...]
    contributions: dict[int, list[float]]
    schema: CustomerSchema
    playbook: Playbook
    explained: bool = True
    """Whether SHAP values by an attribute's values can still be read."""
    erased: int = 0
    """How often a customer was erased from it."""


def labelled(one: ScoredCustomer, threshold: float, bands: BandLimits) -> ScoredCustomer:
    p = one.prediction.probability
    return replace(one, prediction=replace(one.prediction, likely_to_leave=p >= threshold, band=band_of(p, bands)))


def revenue_at_risk_of(customers: Sequence[ScoredCustomer]) -> float | None:
    known = [one for one in customers if one.monthly_revenue is not None]
    return sum(one.prediction.probability * (one.monthly_revenue or 0.0) for one in known) if known else None


def revenue_of(customers: Sequence[ScoredCustomer], *, of: Sequence[ScoredCustomer]) -> float | None:
    """Their revenue together; None where nobody's of all is known."""
    if all(one.monthly_revenue is None for one in of):
        return None
    return sum(one.monthly_revenue or 0.0 for one in customers)


def band_counts(customers: Sequence[ScoredCustomer]) -> dict[RiskBand, int]:
    counts = Counter(one.prediction.band for one in customers)
    return {band: counts[band] for band in RiskBand}


def contacting_of(customers: Sequence[ScoredCustomer], playbook: Playbook) -> Contacting:
    gains = [one.expected_gain for one in customers if one.expected_gain > 0.0]
    left = [one.expected_gain for one in customers if one.expected_gain > 0.0 and one.actual]
    return Contacting(len(gains), sum(gains), _action_totals(customers, playbook), len(left), sum(left))


def _action_totals(customers: Sequence[ScoredCustomer], playbook: Playbook) -> tuple[ActionTotal, ...]:
    names = {action.id: action.name for action in playbook.actions} | {LEAVE_ALONE: "Leave alone"}
    totals = []
    for action_id in {one.action_id for one in customers}:
        gains = [one.expected_gain for one in customers if one.action_id == action_id]
        totals.append(ActionTotal(action_id, names[action_id], len(gains), sum(gains)))
    return tuple(sorted(totals, key=lambda t: (t.action_id == LEAVE_ALONE, -t.expected_gain, t.action_id)))


def confusion_of(customers: Sequence[ScoredCustomer]) -> ConfusionMatrix | None:
    called = Counter((one.prediction.likely_to_leave, one.actual) for one in customers if one.actual is not None)
    if not called:
        return None
    return ConfusionMatrix(called[True, True], called[True, False], called[False, True], called[False, False])


def scores_of(customers: Sequence[ScoredCustomer], threshold: float) -> tuple[ScoreBin, ...]:
    """Customers in bins of probability, highest first."""
    found: dict[tuple[bool, int], list[float]] = {}
    for one in customers:
        p = one.prediction.probability
        found.setdefault((p >= threshold, bisect_right(SCORE_EDGES, p)), []).append(p)
    return tuple(
        ScoreBin(len(own), sum(own), called=called) for (called, _), own in sorted(found.items(), reverse=True)
    )


def drivers_of(stored: Stored, rows: Sequence[int]) -> tuple[DriverShare, ...]:
    values = np.array([stored.contributions[row] for row in rows], dtype=float)
    mean_abs, mean = np.abs(values).mean(axis=0), values.mean(axis=0)
    total = float(mean_abs.sum())
    drivers = [
        DriverShare(name, float(mean_abs[i]), float(mean_abs[i]) / total if total else 0.0, float(mean[i]))
        for i, name in enumerate(stored.schema.names)
    ]
    return tuple(sorted(drivers, key=lambda driver: -driver.mean_abs))


def group_of(members: Sequence[ScoredCustomer], threshold: float, label: str, shown: Bin | None) -> Group:
    likely = [one for one in members if one.prediction.probability >= threshold]
    known = [one.actual for one in members if one.actual is not None]
    return Group(
        label=label,
        customers=len(members),
        mean_probability=sum(one.prediction.probability for one in members) / len(members),
        likely=len(likely),
        revenue=revenue_of(members, of=members),
        revenue_likely=revenue_of(likely, of=members),
        revenue_at_risk=revenue_at_risk_of(members),
        observed=sum(known) / len(known) if known else None,
        low=shown.low if shown else None,
        high=shown.high if shown else None,
        missing=shown is not None and shown.label == "",
    )
