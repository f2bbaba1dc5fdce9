"""Scored customers one by one, from the columns of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.results import ScoredCustomer
from domain.customer import Customer, CustomerId, Value
from domain.playbook import Playbook
from domain.prediction import BandLimits, Prediction, Reason, band_of, is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.schema import CustomerSchema


def scored_customers(
    batch: CustomerBatch,
    scored: ScoredBatch,
    recommended: RecommendedBatch,
    *,
    schema: CustomerSchema,
    playbook: Playbook,
    threshold: float,
    bands: BandLimits,
) -> list[ScoredCustomer]:
    """In the order of the batch. Label and band follow from the threshold and the limits, as in a stored result."""
    names = schema.names
    cells = zip(*(_values(batch.data.column(f"a:{name}")) for name in names), strict=True)
    ids, rows = batch.data.column("id").to_pylist(), batch.data.column("row").to_pylist()
    actions = [LEAVE_ALONE if place < 0 else playbook.actions[place].id for place in recommended.action.tolist()]
    customers = []
    for place, (customer_id, row, own) in enumerate(zip(ids, rows, cells, strict=True)):
        probability, revenue = float(scored.probability[place]), float(recommended.revenue[place])
        prediction = Prediction(
            CustomerId(customer_id),
            row,
            probability,
            is_labelled_churn(probability, threshold),
            band_of(probability, bands),
            tuple(_reasons(scored.raises[place], scored.contributions[place], names, own)),
            tuple(_reasons(scored.lowers[place], scored.contributions[place], names, own)),
        )
        customers.append(
            ScoredCustomer(
                customer=Customer(CustomerId(customer_id), row, dict(zip(names, own, strict=True))),
                prediction=prediction,
                action_id=actions[place],
                expected_gain=float(recommended.gain[place]),
                monthly_revenue=None if np.isnan(revenue) else revenue,
            )
        )
    return customers


def _reasons(
    places: NDArray[np.int16], contributions: NDArray[np.float32], names: Sequence[str], cells: Sequence[Value]
) -> Iterator[Reason]:
    for place in places.tolist():
        if place >= 0:
            yield Reason(names[place], cells[place], float(contributions[place]))


def _values(column: Any) -> list[Value]:
    """The cells as plain values; None for missing ones."""
    if pa.types.is_floating(column.type):
        return [None if value is None or value != value else value for value in column.to_pylist()]
    texts, codes = column.dictionary.to_pylist(), column.indices.to_pylist()
    return [None if code is None else texts[code] for code in codes]
