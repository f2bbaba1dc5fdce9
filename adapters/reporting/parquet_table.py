"""Writes Parquet of scored customers from their columns, with the type of each value. Texts are exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adapters.reporting.arrow_text import clean, numbers, whole
from adapters.reporting.cells import attributes_as_written, header_of
from adapters.reporting.columnar import cut
from adapters.reporting.prediction_texts import PredictionTexts, input_names
from adapters.reporting.table_order import TablesInOrder
from application.ports.columns import CustomerColumns
from application.ports.reports import TableContent, TableForm
from domain.backup import PRODUCT
from domain.prediction import RiskBand
from domain.recommendation import is_worth_contacting
from domain.schema import ColumnKind, CustomerSchema

ROW_GROUP = 65_536
"""Customers in a row group, if their texts are short."""
BYTES_AT_ONCE = 16 * 1024**2
"""Bytes of columns in a row group, so that long texts do not need more memory."""
MONEY = frozenset(("expected_gain", "offer_cost", "contact_cost"))
CATEGORY = pa.dictionary(pa.int32(), pa.string())


def parquet_pieces(content: TableContent) -> Iterator[bytes]:
    """The bytes of the file in pieces, with the customers in the requested order."""
    file, chunks = ParquetFile(content.form), (chunk for chunk in content.columns if chunk.rows)
    first = next(chunks, None)
    if first is None:
        yield from file.end(content.inputs)
        return
    rest = cut(chain([first], chunks))
    if first.places is None:
        for chunk in rest:
            yield from file.add(chunk)
    else:
        yield from _sorted(rest, file)
    yield from file.end()


def _sorted(chunks: Iterable[CustomerColumns], file: ParquetFile) -> Iterator[bytes]:
    with TablesInOrder() as ordered:
        for chunk in chunks:
            if chunk.places is None:
                raise ValueError("customers with and without positions cannot be sorted together")
            ordered.add(file.table_of(chunk), chunk.places)
        for table in ordered.tables():
            yield from file.add_table(table)


@dataclass(slots=True)
class Written:
    """A file that keeps what is written to it until it is taken."""

    closed: bool = False
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> Iterator[bytes]:
        parts, self._parts = self._parts, []
        yield from filter(None, parts)


@dataclass(slots=True)
class ParquetFile:
    """Adds customers in row groups, and gives out the bytes as they come."""

    form: TableForm
    _texts: PredictionTexts = field(init=False)
    _written: Written = field(default_factory=Written)
    _writer: Any = None
    _waiting: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._texts = PredictionTexts(self.form, _exact)

    def add(self, chunk: CustomerColumns) -> Iterator[bytes]:
        yield from self.add_table(self.table_of(chunk))

    def add_table(self, table: Any) -> Iterator[bytes]:
        self._waiting.append(table)
        rows, size = sum(own.num_rows for own in self._waiting), sum(own.nbytes for own in self._waiting)
        if rows >= ROW_GROUP or size >= BYTES_AT_ONCE:
            self._write_group()
            yield from self._written.take()

    def end(self, inputs: tuple[str, ...] | None = None) -> Iterator[bytes]:
        """The rest. A file without any customer has the columns of one, with `inputs` as those of the file."""
        if self._waiting:
            self._write_group()
        if self._writer is None:
            self._open(self._without_customers(inputs).schema)
        self._writer.close()
        yield from self._written.take()

    def _write_group(self) -> None:
        table = pa.concat_tables(self._waiting)
        self._waiting = []
        if self._writer is None:
            self._open(table.schema)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def _open(self, schema: Any) -> None:
        own = [_described(one, self.form) for one in schema]
        self._writer = pq.ParquetWriter(self._written, pa.schema(own, metadata=_metadata(self.form)))

    def table_of(self, chunk: CustomerColumns) -> Any:
        """The columns of `netone score` as typed values."""
        probability = numbers(chunk.data.column("probability"))
        likely, gain = self._texts.likely(probability), numbers(chunk.data.column("gain"))
        offers = self._texts.offers(chunk)
        scores = [
            _exact(chunk.data.column("id")),
            pa.array(probability),
            pa.array(likely),
            _category(self._texts.bands(probability), [band.value for band in RiskBand]),
            *self._texts.reasons(chunk, likely),
            self._texts.actions(chunk).dictionary_encode(),
            pa.array(gain),
        ]
        contact = [
            pa.array(np.asarray(is_worth_contacting(gain), np.bool_)),
            *map(offers.taken, (offers.messages, offers.offer_costs, offers.contact_costs)),
        ]
        inputs = self._inputs(chunk) if self.form.with_input else []
        more = input_names(self.form.schema, chunk, None) if self.form.with_input else ()
        return pa.table([*scores, *inputs, *contact], names=self._names(more))

    def _without_customers(self, inputs: tuple[str, ...] | None) -> Any:
        more = input_names(self.form.schema, None, inputs) if self.form.with_input else ()
        texts, flag, number = pa.string(), pa.bool_(), pa.float64()
        scores = [texts, number, flag, CATEGORY, texts, texts, texts, CATEGORY, number]
        types = [*scores, *(texts for _ in more), flag, texts, number, number]
        return pa.table([pa.nulls(0, own) for own in types], names=self._names(more))

    def _names(self, more: tuple[str, ...]) -> list[str]:
        return [clean(name) for name in header_of(self.form.id_name, more)]

    def _inputs(self, chunk: CustomerColumns) -> list[Any]:
        """The file's columns as values: of a number that is written in another way, the number."""
        kinds = {column.name: column for column in self.form.schema.columns}
        attribute = {f"a{place}": kinds.get(name) for place, name in enumerate(chunk.attributes)}
        return [
            pa.nulls(chunk.rows, pa.string()) if name is None else _value(chunk.data.column(name), attribute.get(name))
            for name in _input_places(chunk, self.form.schema)
        ]


def _input_places(chunk: CustomerColumns, schema: CustomerSchema) -> list[str | None]:
    """The chunk's column with each column of the file; None for one that the chunk does not have."""
    if chunk.inputs is not None:
        return [own.column for own in chunk.inputs]
    place = {name: f"a{position}" for position, name in enumerate(chunk.attributes)}
    return [
        *(["month"] if schema.month_column else []),
        *(place.get(name) for name in attributes_as_written(schema)),
        *(["actual"] if schema.target_column else []),
        *(f"x{position}" for position in range(len(chunk.extra))),
    ]


def _value(column: Any, attribute: Any) -> Any:
    values = whole(column)
    if attribute is not None and attribute.kind is ColumnKind.BOOLEAN and len(attribute.levels) == 2:
        return _flags(values, attribute.levels)
    if attribute is not None and attribute.kind is ColumnKind.CATEGORICAL and not pa.types.is_dictionary(values.type):
        return values.dictionary_encode()
    return values


def _flags(values: Any, levels: tuple[str, ...]) -> Any:
    """True for the level that means yes, null for a text that is neither."""
    places = pc.index_in(_exact(values), value_set=pa.array(levels, pa.string()))
    return pc.equal(places, 1)


def _exact(column: Any) -> Any:
    """The texts of a column, unchanged."""
    texts = whole(column)
    return texts.dictionary_decode() if pa.types.is_dictionary(texts.type) else texts


def _category(codes: Any, texts: list[str]) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(codes, np.int32)), pa.array(texts, pa.string()))


def _described(column: Any, form: TableForm) -> Any:
    """The column with the unit of its numbers."""
    if column.name in MONEY:
        return column.with_metadata({"unit": form.currency})
    return column.with_metadata({"unit": "probability"}) if column.name == "churn_probability" else column


def _metadata(form: TableForm) -> Mapping[str, str]:
    """What the predictions are of, and how they were made."""
    facts = {"product": PRODUCT, "version": version(PRODUCT), "currency": form.currency}
    facts |= {"threshold": repr(form.threshold)}
    if form.origin is not None:
        facts |= {
            "prediction": form.origin.run_id,
            "predicted_at": form.origin.predicted_at.isoformat(),
            "file": clean(form.origin.file_name),
            "model": form.origin.model,
            "horizon": clean(form.origin.horizon),
        }
    return {f"netone.{name}": value for name, value in facts.items()}
