"""Scored customers as the columns that a result store hands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from application.ports.columns import CustomerBatch, CustomerColumns, InputColumn
from application.ports.results import ScoredCustomer
from domain.customer import Customer, Value
from domain.prediction import REASONS_KEPT, Reason
from domain.schema import ColumnKind, CustomerSchema


def columns_of(
    customers: Sequence[ScoredCustomer],
    *,
    attributes: Sequence[str],
    actions: Sequence[str],
    with_extra: bool = True,
    places: Sequence[int] | None = None,
) -> CustomerColumns:
    """Numbers as float64, other attributes as dictionaries. Text that is no UTF-8 is replaced, as reading does."""
    extra = tuple(name for name, _ in customers[0].extra) if customers and with_extra else ()
    data: dict[str, Any] = {
        "row": pa.array([one.customer.row for one in customers], pa.int64()),
        "id": _text([one.customer.id for one in customers]),
        "month": _text([one.month for one in customers]),
        "actual": pa.array([one.actual for one in customers], pa.bool_()),
        "probability": pa.array([one.prediction.probability for one in customers], pa.float64()),
        "action": pa.array([_place(one.action_id, actions) for one in customers], pa.int16()),
        "gain": pa.array([one.expected_gain for one in customers], pa.float64()),
        "revenue": pa.array([one.monthly_revenue for one in customers], pa.float64()),
    }
    for kept in range(REASONS_KEPT):
        data[f"raise_{kept + 1}"] = _reasons([one.prediction.raises for one in customers], kept, attributes)
        data[f"lower_{kept + 1}"] = _reasons([one.prediction.lowers for one in customers], kept, attributes)
    for place, name in enumerate(attributes):
        data[f"a{place}"] = _attribute([one.customer.attributes.get(name) for one in customers])
    for place in range(len(extra)):
        data[f"x{place}"] = _text([one.extra[place][1] for one in customers])
    inputs = customers[0].inputs if customers else None
    for place in range(len(inputs or ())):
        texts = [one.inputs[place].written for one in customers if one.inputs is not None]
        data[f"i{place}"] = _input([one.inputs[place].value for one in customers if one.inputs is not None])
        if any(text is not None for text in texts):
            data[f"w{place}"] = _text(texts)
    return CustomerColumns(
        rows=len(customers),
        data=pa.table(data),
        attributes=tuple(attributes),
        extra=extra,
        actions=tuple(actions),
        places=None if places is None else np.asarray(places, np.int64),
        inputs=None
        if inputs is None
        else tuple(InputColumn(cell.header, f"i{place}") for place, cell in enumerate(inputs)),
    )


def attributes_of(customers: Sequence[Customer], schema: CustomerSchema) -> CustomerBatch:
    """A batch with the attributes alone, as a model takes them."""
    columns = {
        f"a:{column.name}": pa.array(values, pa.float64())
        if column.kind is ColumnKind.NUMERIC
        else _text(values).dictionary_encode()
        for column in schema.columns
        for values in [[one.attributes[column.name] for one in customers]]
    }
    return CustomerBatch(len(customers), pa.RecordBatch.from_pydict(columns))


def _input(values: Sequence[Value]) -> Any:
    known = [value for value in values if value is not None]
    return pa.array(values, pa.bool_()) if known and isinstance(known[0], bool) else _attribute(values)


def _text(texts: Sequence[Any]) -> Any:
    clean = [None if text is None else text.encode("utf-8", "replace").decode() for text in texts]
    return pa.array(clean, pa.string())


def _place(name: str, among: Sequence[str]) -> int:
    return list(among).index(name) if name in among else -1


def _reasons(reasons: Sequence[tuple[Reason, ...]], kept: int, attributes: Sequence[str]) -> Any:
    names = [own[kept].attribute if kept < len(own) else None for own in reasons]
    return pa.array([-1 if name is None else _place(name, attributes) for name in names], pa.int16())


def _attribute(values: Sequence[Any]) -> Any:
    if any(isinstance(value, float) for value in values):
        return pa.array(values, pa.float64())
    return _text(values).dictionary_encode()
