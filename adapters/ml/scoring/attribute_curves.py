"""The curves of an additive model: each attribute's own function at values that can be drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.additive import AdditiveModel
from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training.linear import LinearModel
from domain.attribute_curve import AttributeCurve
from domain.schema import Column, CustomerSchema

POINTS = 161
"""Values at which the function of a number is drawn, evenly from the lowest to the highest trained one."""


def curves_of(model: ScoringModel, schema: CustomerSchema) -> tuple[AttributeCurve, ...]:
    """One per attribute, in the model's order; none for a model with trees, which is no sum of such functions."""
    if model.trees is not None:
        return ()
    parts = [part for part in (model.linear, model.additive) if part is not None]
    return tuple(
        _curve(parts, place, column, _partners(model, schema, place)) for place, column in enumerate(schema.columns)
    )


def _curve(
    parts: list[LinearModel | AdditiveModel], place: int, column: Column, partners: tuple[str, ...]
) -> AttributeCurve:
    def own(codes: NDArray[np.float64]) -> list[float]:
        values: list[float] = sum(part.own(place, codes.astype(np.float32)) for part in parts).tolist()  # type: ignore[union-attr]  # sum of arrays
        return values

    missing = own(np.array([np.nan]))[0] if column.missing_rate > 0 else None
    if column.kind.is_number:
        low, high = column.minimum or 0.0, column.maximum or 0.0
        at = np.unique(np.linspace(low, high, POINTS))
        numbers = tuple(zip(at.tolist(), own(at), strict=True))
        return AttributeCurve(column.name, numbers=numbers, missing=missing, partners=partners)
    levels = tuple(zip(column.levels, own(np.arange(len(column.levels), dtype=np.float64)), strict=True))
    return AttributeCurve(column.name, levels=levels, missing=missing, partners=partners)


def _partners(model: ScoringModel, schema: CustomerSchema, place: int) -> tuple[str, ...]:
    pairs = () if model.additive is None else model.additive.pairs
    others = [
        pair.second if pair.first == place else pair.first for pair in pairs if place in (pair.first, pair.second)
    ]
    return tuple(schema.columns[other].name for other in others)
