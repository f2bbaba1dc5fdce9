"""What a model cannot know, told from facts about it."""

from __future__ import annotations

from domain.evaluation import SegmentQuality
from domain.model import ModelVersion
from domain.schema import plain_words

FEW_LEAVERS = 200
"""Leavers below which the figures themselves are uncertain enough to say so."""
SEGMENT_ENOUGH = 100
"""Customers from which a segment's quality is worth a word."""
OFTEN_MISSING = 0.2
CLEARLY_WORSE = 0.05


def limits_of(model: ModelVersion) -> tuple[str, ...]:
    """Each in one sentence that a person can act on."""
    found = [*_origin(model), *_time(model), *_evidence(model), *_columns(model)]
    return (*found, "Reasons say what the model leaned on, not what causes churn.")


def _origin(model: ModelVersion) -> list[str]:
    if model.starter or model.sample:
        return ["It learned from generated customers: its figures say nothing about yours until you train on your own."]
    return []


def _time(model: ModelVersion) -> list[str]:
    ahead = f"It speaks of {model.horizon} alone and says nothing about later."
    if model.schema.month_column is None:
        return [ahead, "One snapshot without months: it cannot see seasons, nor a bill that has just gone up."]
    return [ahead]


def _evidence(model: ModelVersion) -> list[str]:
    found: list[str] = []
    if model.churned < FEW_LEAVERS:
        found.append(
            f"Only {model.churned:,} of its {model.rows:,} customers left: read its figures with their intervals."
        )
    weakest = _weakest_segment(model)
    if weakest is not None and weakest.auc is not None:
        found.append(
            f"Where {plain_words(weakest.column).lower()} is {weakest.level} it tells leavers apart less well: "
            f"AUC {weakest.auc:.3f}, from {weakest.churned:,} leavers among {weakest.customers:,} customers."
        )
    few = [segment for segment in model.evaluation.segments if segment.customers < SEGMENT_ENOUGH]
    if few:
        least = min(few, key=lambda segment: segment.customers)
        found.append(
            f"Only {least.customers:,} customers had {plain_words(least.column).lower()} {least.level}: "
            "too few to say how well it does for them."
        )
    return found


def _weakest_segment(model: ModelVersion) -> SegmentQuality | None:
    overall = model.evaluation.metrics.get("auc")
    known = [s for s in model.evaluation.segments if s.auc is not None and s.customers >= SEGMENT_ENOUGH]
    weakest = min(known, key=lambda segment: segment.auc or 1.0, default=None)
    if overall is None or weakest is None or (weakest.auc or 1.0) > overall.value - CLEARLY_WORSE:
        return None
    return weakest


def _columns(model: ModelVersion) -> list[str]:
    missing = max(model.schema.columns, key=lambda column: column.missing_rate, default=None)
    if missing is None or missing.missing_rate < OFTEN_MISSING:
        return []
    return [f"{missing.label} was empty for {missing.missing_rate:.0%} of customers: there it knows less."]
