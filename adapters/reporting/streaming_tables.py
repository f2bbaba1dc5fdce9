"""Writes tables while customers are scored. They are in the file's order, so nothing has to be read again or sorted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from adapters.reporting.columnar import CsvLines, cut
from adapters.reporting.parquet_table import ParquetFile
from application.ports.columns import CustomerBatch, CustomerColumns, InputColumn, RecommendedBatch, ScoredBatch
from application.ports.reports import TableForm
from domain.prediction import REASONS_KEPT


class StreamingCsv:
    """Implements `application.ports.reports.StreamingTable`."""

    def __init__(self, form: TableForm) -> None:
        self._form, self._lines, self._begun = form, CsvLines(form), False

    def pieces(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> Iterator[bytes]:
        columns = columns_of_batch(self._form, batch, scored, recommended)
        if not self._begun:
            self._begun = True
            yield self._lines.header(columns)
        if columns.rows:
            yield from map(self._lines.bytes_of, cut([columns]))

    def end(self) -> Iterator[bytes]:
        yield from ()


class StreamingParquet:
    """Implements `application.ports.reports.StreamingTable`."""

    def __init__(self, form: TableForm) -> None:
        self._form, self._file = form, ParquetFile(form)

    def pieces(self, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> Iterator[bytes]:
        for part in cut([columns_of_batch(self._form, batch, scored, recommended)]):
            yield from self._file.add(part)

    def end(self) -> Iterator[bytes]:
        yield from self._file.end()


def columns_of_batch(
    form: TableForm, batch: CustomerBatch, scored: ScoredBatch, recommended: RecommendedBatch
) -> CustomerColumns:
    """The batch in the form that a result store returns."""
    data = batch.data
    present, names = set(data.schema.names), form.schema.names
    extra = [name for name in data.schema.names if name.startswith("x:")] if form.with_input else []
    columns: dict[str, Any] = {
        "id": data.column("id"),
        "month": data.column("month") if "month" in present else pa.nulls(scored.rows, pa.string()),
        "actual": data.column("actual") if "actual" in present else pa.nulls(scored.rows, pa.bool_()),
        "probability": np.asarray(scored.probability, np.float64),
        "action": np.asarray(recommended.action, np.int16),
        "gain": np.asarray(recommended.gain, np.float64),
        "revenue": np.asarray(recommended.revenue, np.float64),
    }
    for place in range(REASONS_KEPT):
        columns[f"raise_{place + 1}"] = np.ascontiguousarray(scored.raises[:, place])
        columns[f"lower_{place + 1}"] = np.ascontiguousarray(scored.lowers[:, place])
    columns |= {f"a{place}": data.column(f"a:{name}") for place, name in enumerate(names)}
    columns |= {f"x{place}": data.column(name) for place, name in enumerate(extra)}
    columns |= {f"w{name[2:]}": data.column(name) for name in data.schema.names if name.startswith("w:")}
    return CustomerColumns(
        rows=scored.rows,
        data=pa.table(columns),
        attributes=names,
        extra=tuple(name.split(":", 2)[2] for name in extra),
        actions=tuple(action.id for action in form.playbook.actions),
        inputs=_stored_names(batch, names, extra),
    )


def _stored_names(batch: CustomerBatch, attributes: Sequence[str], extra: Sequence[str]) -> tuple[InputColumn, ...]:
    """The batch's inputs with the names that columns have in a result store."""
    stored = {f"a:{name}": f"a{place}" for place, name in enumerate(attributes)}
    stored |= {name: f"x{place}" for place, name in enumerate(extra)}
    return tuple(InputColumn(own.header, stored.get(own.column, own.column)) for own in batch.inputs)
