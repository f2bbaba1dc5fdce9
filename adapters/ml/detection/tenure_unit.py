"""Finds the unit in which a labelled file counts tenure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adapters.ml.detection.attribute_column import AttributeColumn
from domain.errors import InvalidInput
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from domain.units import Unit
from domain.vocabulary.columns import is_paid_so_far
from domain.vocabulary.tenure import KNOWN_UNITS, MIN_AGREEING, TenureUnit, agrees, unit_in_name, unit_of_ratio

MIN_COMPARED = 30
"""Customers with tenure, bill and total, from which the values decide about the unit."""


def unit_of_tenure(
    tenure: AttributeColumn | None,
    revenue: AttributeColumn | None,
    attributes: Sequence[AttributeColumn],
    request: TrainingRequest,
) -> TenureUnit:
    """The unit of the cells, else as requested, by the column's name, or by values: the total paid, and a month's bill.

    Raises InvalidInput for a requested unit if no column is a tenure, or if the cells have another one.
    """
    if tenure is None:
        if request.tenure_unit is not None:
            raise InvalidInput(
                "The file has no column that is known as a tenure, so it needs no unit.", field="tenure_unit"
            )
        return TenureUnit.UNKNOWN
    if tenure.text.unit is not None:
        return _unit_of_cells(tenure.name, tenure.text.unit, request.tenure_unit)
    if request.tenure_unit is not None:
        return request.tenure_unit
    named = unit_in_name(tenure.name)
    if named is not TenureUnit.UNKNOWN or revenue is None:
        return named
    totals = [own for own in attributes if own.kind is ColumnKind.NUMERIC and is_paid_so_far(own.name)]
    units = (_unit_by_amounts(tenure, revenue, total) for total in totals)
    return next((unit for unit in units if unit is not TenureUnit.UNKNOWN), TenureUnit.UNKNOWN)


def _unit_of_cells(column: str, unit: Unit, requested: TenureUnit | None) -> TenureUnit:
    written = next((own for own in KNOWN_UNITS if own.value == unit.name), TenureUnit.UNKNOWN)
    if requested is not None and unit.is_known and requested is not written:
        raise InvalidInput(
            f"The cells of {column!r} have units, and most are {unit.name}, so it cannot be in {requested.value}.",
            field="tenure_unit",
        )
    return requested or written


def _unit_by_amounts(tenure: AttributeColumn, revenue: AttributeColumn, total: AttributeColumn) -> TenureUnit:
    """The unit in which total = bill × tenure for most customers."""
    length, bill, paid = (own.text.as_numbers() for own in (tenure, revenue, total))
    usable = (length > 0) & (bill > 0) & (paid > 0)
    if usable.sum() < MIN_COMPARED:
        return TenureUnit.UNKNOWN
    ratios = paid[usable] / (bill[usable] * length[usable])
    unit = unit_of_ratio(float(np.median(ratios)))
    if unit is TenureUnit.UNKNOWN:
        return unit
    agreeing = np.mean([agrees(ratio, unit.months_each) for ratio in ratios.tolist()])
    return unit if agreeing >= MIN_AGREEING else TenureUnit.UNKNOWN
