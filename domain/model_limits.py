"""Limits of a model in words, derived from its training data and evaluation."""

from __future__ import annotations

from domain.evaluation import CHANCE_AUC, Evaluation, SegmentQuality
from domain.formats import Formats
from domain.model import ModelVersion
from domain.segments import MIN_COMPARED_CUSTOMERS, MIN_WEAKNESS_AUC
from domain.vocabulary.spelling import plain_words

FEW_LEAVERS = 200
"""With fewer leavers than this, a warning says that the figures are uncertain."""
OFTEN_MISSING = 0.2


def limits_of(model: ModelVersion, formats: Formats) -> tuple[str, ...]:
    """Each in one sentence that a person can act on."""
    limits = [*_origin(model), *_time(model), *_evidence(model, formats), *_columns(model, formats)]
    return (*limits, "Reasons say what the model leaned on, not what causes churn.")


def _origin(model: ModelVersion) -> list[str]:
    if model.starter or model.sample:
        return ["It learned from generated customers: its figures say nothing about yours until you train on your own."]
    return []


def _time(model: ModelVersion) -> list[str]:
    ahead = f"It predicts {model.horizon} only, and nothing after that."
    if model.schema.month_column is None:
        return [ahead, "One snapshot without months: it cannot see seasons, nor a bill that has just gone up."]
    return [ahead]


def chance_sentence(evaluation: Evaluation, formats: Formats) -> str | None:
    """That a model is no better than chance, with its AUC; None for a better one."""
    if evaluation.beats_chance:
        return None
    auc, chance = evaluation.metrics["auc"], formats.number(CHANCE_AUC, decimals=1)
    low, high = (None if x is None else formats.number(x, decimals=3) for x in (auc.low, auc.high))
    interval = "" if low is None else f", 95% interval {low} to {high}"
    return (
        "It is no better than chance: among customers it did not learn from, it does not tell those who leave from "
        f"those who stay (AUC {formats.number(auc.value, decimals=3)}{interval}; a coin toss has {chance})."
    )


def _evidence(model: ModelVersion, formats: Formats) -> list[str]:
    chance = chance_sentence(model.evaluation, formats)
    limits = [] if chance is None else [chance]
    if model.churned < FEW_LEAVERS:
        limits.append(
            f"Only {formats.number(model.churned)} of its {formats.number(model.rows)} customers left: "
            "read its figures with their intervals."
        )
    weakest = _weakest_segment(model)
    if weakest is not None and weakest.auc is not None:
        limits.append(
            f"Where {plain_words(weakest.column).lower()} is {weakest.level} it tells leavers apart less well: "
            f"AUC {formats.number(weakest.auc, decimals=3)}, from {formats.number(weakest.churned)} leavers among "
            f"{formats.number(weakest.customers)} customers."
        )
    few = [segment for segment in model.evaluation.segments if not segment.listed]
    if few:
        least = min(few, key=lambda segment: segment.customers)
        who = "customer" if least.customers == 1 else "customers"
        limits.append(
            f"Only {formats.number(least.customers)} {who} had {plain_words(least.column).lower()} {least.level}: "
            "too few to say how well it does for them."
        )
    return limits


def _weakest_segment(model: ModelVersion) -> SegmentQuality | None:
    overall = model.evaluation.metrics.get("auc")
    known = [s for s in model.evaluation.segments if s.auc is not None and s.customers >= MIN_COMPARED_CUSTOMERS]
    weakest = min(known, key=lambda segment: segment.auc or 1.0, default=None)
    if overall is None or weakest is None or (weakest.auc or 1.0) > overall.value - MIN_WEAKNESS_AUC:
        return None
    return weakest


def _columns(model: ModelVersion, formats: Formats) -> list[str]:
    missing = max(model.schema.columns, key=lambda column: column.missing_rate, default=None)
    if missing is None or missing.missing_rate < OFTEN_MISSING:
        return []
    share = formats.percent(missing.missing_rate, decimals=0)
    return [f"{missing.label} was empty for {share} of customers: there it knows less."]
