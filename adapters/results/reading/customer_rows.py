"""Converts rows of a run's Parquet file to customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, overload

import pyarrow as pa

from adapters.results.files.layout import LOWERS, RAISES, VALUE, ResultNotes, written_column
from application.ports.results import InputCell, ScoredCustomer
from domain.customer import Customer, CustomerId, Value
from domain.prediction import BandLimits, Prediction, Reason, band_of, is_labelled_churn

CHUNK = 5_000
"""Customers per chunk of a stream, if they have few columns."""
CELLS = 250_000
"""Maximum cells per chunk, because each is a Python object."""

Cells = Mapping[str, list[Any]]
"""A piece of the Parquet file as plain values by column."""


class CustomerChunk(Sequence[ScoredCustomer]):
    """A sequence of customers that are created on access."""

    def __init__(self, table: pa.Table, notes: ResultNotes, *, threshold: float, bands: BandLimits) -> None:
        self._table = table
        self._notes, self._threshold, self._bands = notes, threshold, bands
        self._made: list[ScoredCustomer] | None = None

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, place: int) -> ScoredCustomer: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ScoredCustomer]: ...
    def __getitem__(self, place: int | slice) -> ScoredCustomer | Sequence[ScoredCustomer]:
        return self._customers()[place]

    def __iter__(self) -> Iterator[ScoredCustomer]:
        return iter(self._customers())

    def _customers(self) -> list[ScoredCustomer]:
        if self._made is None:
            self._made = customers_of(cells_of(self._table), self._notes, threshold=self._threshold, bands=self._bands)
        return self._made


def chunks_of(
    tables: Iterable[pa.Table], notes: ResultNotes, *, threshold: float, bands: BandLimits
) -> Iterator[CustomerChunk]:
    for table in tables:
        rows = max(1, min(CHUNK, CELLS // table.num_columns))
        for start in range(0, table.num_rows, rows):
            yield CustomerChunk(table.slice(start, rows), notes, threshold=threshold, bands=bands)


def cells_of(table: pa.Table) -> Cells:
    return {name: _values(table.column(name)) for name in table.column_names}


def customers_of(columns: Cells, notes: ResultNotes, *, threshold: float, bands: BandLimits) -> list[ScoredCustomer]:
    """One customer per row, in order. Label and band follow from the threshold and limits."""
    names = [attribute.name for attribute in notes.attributes]
    values = _rows([columns[attribute.column] for attribute in notes.attributes], len(columns["row"]))
    extras = _rows([columns[f"x{place}"] for place in range(len(notes.extra))], len(columns["row"]))
    raises, lowers = _reasons(columns, RAISES), _reasons(columns, LOWERS)
    customers = []
    rows = zip(values, extras, _inputs(columns, notes), raises, lowers, strict=True)
    for place, (cells, extra, inputs, up, down) in enumerate(rows):
        probability = columns["probability"][place]
        customer_id, row = CustomerId(columns["id"][place]), columns["row"][place]
        customers.append(
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
                inputs=inputs,
            )
        )
    return customers


def _inputs(columns: Cells, notes: ResultNotes) -> Iterator[tuple[InputCell, ...] | None]:
    """For each row, the cells of the file in its order; None where the notes do not have it."""
    rows = len(columns["row"])
    if notes.inputs is None:
        return repeat(None, rows)
    cells = [
        map(InputCell, repeat(own.header), columns[own.column], columns.get(written_column(place)) or repeat(None))
        for place, own in enumerate(notes.inputs)
    ]
    return zip(*cells, strict=False) if cells else repeat((), rows)


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Python values, None for null. Converted with NumPy, which is ten times faster than Arrow's conversion."""
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if pa.types.is_dictionary(array.type):
        if len(array.dictionary) > len(array):
            decoded: list[Any] = array.dictionary_decode().to_pylist()
            return decoded
        texts = [*array.dictionary.to_numpy(zero_copy_only=False).tolist(), None]
        codes = array.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False).tolist()
        return [texts[code] for code in codes]
    values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()
    if array.null_count and pa.types.is_floating(array.type):
        return [None if value != value else value for value in values]
    return values


def _rows(columns: list[list[Any]], rows: int) -> Iterator[tuple[Any, ...]]:
    return zip(*columns, strict=True) if columns else iter([()] * rows)


def _reasons(columns: Cells, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """For each row: position, value, position, value …, strongest first."""
    return zip(*(columns[name + part] for name in names for part in ("", VALUE)), strict=True)


def _named(cells_of_reasons: tuple[Any, ...], names: list[str], cells: tuple[Value, ...]) -> tuple[Reason, ...]:
    pairs = zip(cells_of_reasons[0::2], cells_of_reasons[1::2], strict=True)
    return tuple(Reason(names[place], cells[place], value) for place, value in pairs if place >= 0)
