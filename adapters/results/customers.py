"""Rows of a run's Parquet file as customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from adapters.results.layout import LOWERS, RAISES, VALUE, ResultNotes
from application.ports.results import ScoredCustomer
from domain.customer import Customer, CustomerId, Value
from domain.prediction import BandLimits, Prediction, Reason, band_of, is_labelled_churn


def customers_of(table: pa.Table, notes: ResultNotes, *, threshold: float, bands: BandLimits) -> list[ScoredCustomer]:
    """One customer per row of the table, in its order; label and band by the threshold and limits given."""
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    names = [attribute.name for attribute in notes.attributes]
    values = _rows([columns[attribute.column] for attribute in notes.attributes], table.num_rows)
    extras = _rows([columns[f"x{place}"] for place in range(len(notes.extra))], table.num_rows)
    raises, lowers = _reasons(columns, RAISES), _reasons(columns, LOWERS)
    found = []
    for place, (cells, extra, up, down) in enumerate(zip(values, extras, raises, lowers, strict=True)):
        probability = columns["probability"][place]
        customer_id, row = CustomerId(columns["id"][place]), columns["row"][place]
        found.append(
            ScoredCustomer(
                customer=Customer(customer_id, row, dict(zip(names, cells, strict=True))),
                prediction=Prediction(
                    customer_id,
                    row,
                    probability,
                    is_labelled_churn(probability, threshold),
                    band_of(probability, bands),
                    _named(up, names, cells),
                    _named(down, names, cells),
                ),
                action_id=notes.action_id(columns["action"][place]),
                expected_gain=columns["gain"][place],
                monthly_revenue=columns["revenue"][place],
                month=columns["month"][place],
                actual=columns["actual"][place],
                extra=tuple(zip(notes.extra, extra, strict=True)),
            )
        )
    return found


def _rows(columns: list[list[Any]], rows: int) -> Iterator[tuple[Any, ...]]:
    return zip(*columns, strict=True) if columns else iter([()] * rows)


def _reasons(columns: dict[str, list[Any]], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """For each row: position, value, position, value …, strongest first."""
    return zip(*(columns[name + part] for name in names for part in ("", VALUE)), strict=True)


def _named(found: tuple[Any, ...], names: list[str], cells: tuple[Value, ...]) -> tuple[Reason, ...]:
    pairs = zip(found[0::2], found[1::2], strict=True)
    return tuple(Reason(names[place], cells[place], value) for place, value in pairs if place >= 0)
