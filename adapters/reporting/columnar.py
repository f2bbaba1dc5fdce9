"""CSV of scored customers straight from their columns: the same bytes as cell by cell, at a fiftieth of the work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.reporting.cells import SCORE_COLUMNS, input_columns, told_apart
from adapters.reporting.ordering import LinesInOrder
from adapters.reporting.phrases import AttributePhrases
from adapters.reporting.texts import as_cells, clean, float_texts, number_texts, quoted, utf8_of
from application.ports.columns import CustomerColumns
from application.ports.reports import TableContent, TableForm
from domain.prediction import REASONS_KEPT, RiskBand, is_labelled_churn
from domain.recommendation import LEAVE_ALONE
from domain.spreadsheet import spreadsheet_safe

LINE_END = "\r\n"  # as RFC 4180 has it
LABEL_AND_BAND = [f"{label},{band.value}" for label in ("No", "Yes") for band in RiskBand]
"""Two cells in one: fewer to join."""
MOST_PACKED = 2_048
"""Distinct cells of columns that are looked up together."""
BYTES_AT_ONCE = 16 * 1024**2
"""Of columns that are made into lines together, so that a file of long texts takes no more memory than others."""


def csv_pieces(content: TableContent) -> Iterator[bytes]:
    """Header first, then the customers in the order asked for."""
    chunks = (chunk for chunk in content.columns if chunk.rows)
    first = next(chunks, None)
    lines = CsvLines(content.form)
    yield lines.header(first.extra if first else ())
    if first is None:
        return
    rest = chain([first], chunks)
    yield from _sorted(rest, lines) if first.places is not None else map(lines.bytes_of, cut(rest))


def _sorted(chunks: Iterator[CustomerColumns], lines: CsvLines) -> Iterator[bytes]:
    with LinesInOrder() as ordered:
        for chunk in cut(chunks):
            ordered.add(lines.of(chunk), chunk.places)
        yield from ordered.pieces()


def cut(chunks: Iterable[CustomerColumns]) -> Iterator[CustomerColumns]:
    for chunk in chunks:
        rows = max(1, -(-chunk.rows // (1 + chunk.data.nbytes // BYTES_AT_ONCE)))
        for start in range(0, chunk.rows, rows):
            part = chunk.data.slice(start, rows)
            places = None if chunk.places is None else chunk.places[start : start + rows]
            yield CustomerColumns(part.num_rows, part, chunk.attributes, chunk.extra, chunk.actions, places)


@dataclass(slots=True)
class CsvLines:
    """Makes lines of columns; words every distinct reason once."""

    form: TableForm
    phrases: dict[str, AttributePhrases] = field(default_factory=dict)

    def header(self, extra: tuple[str, ...]) -> bytes:
        schema = self.form.schema
        names = (schema.id_column or "row", *SCORE_COLUMNS)
        if self.form.with_input:
            names = told_apart(names, input_columns(schema) + extra)
        mark = "\ufeff" if self.form.bom else ""
        return (mark + ",".join(self._texts(list(names)).to_pylist()) + LINE_END).encode("utf-8")

    def bytes_of(self, chunk: CustomerColumns) -> bytes:
        return utf8_of(self.of(chunk)).tobytes()

    def of(self, chunk: CustomerColumns) -> pa.StringArray:
        """One text per customer, with its line end."""
        cells = self._scores(chunk)
        if self.form.with_input:
            cells += packed(self._inputs(chunk))
        ended = pc.binary_join_element_wise(cells[-1], LINE_END, "", null_handling="replace", null_replacement="")
        return pc.binary_join_element_wise(*cells[:-1], ended, ",", null_handling="replace", null_replacement="")

    def _scores(self, chunk: CustomerColumns) -> list[Any]:
        probability = _numbers(chunk.data.column("probability"))
        likely = np.asarray(is_labelled_churn(probability, self.form.threshold))  # type: ignore[arg-type]
        limits = self.form.bands
        bands = np.searchsorted((limits.medium, limits.high, limits.critical), probability, side="right")
        return [
            self._cells(chunk.data.column("id")),
            float_texts(probability),
            pa.array(LABEL_AND_BAND).take(pa.array(bands + len(RiskBand) * likely)),
            *self._reasons(chunk, likely),
            self._actions(chunk),
            float_texts(_numbers(chunk.data.column("gain"))),
        ]

    def _actions(self, chunk: CustomerColumns) -> Any:
        names = {action.id: action.name for action in self.form.playbook.actions}
        names.setdefault(LEAVE_ALONE, "Leave alone")
        texts = self._texts([names.get(action_id, "") or action_id for action_id in (*chunk.actions, LEAVE_ALONE)])
        place = _whole(chunk.data.column("action")).to_numpy()
        return texts.take(pa.array(np.where(place < 0, len(chunk.actions), place)))

    def _reasons(self, chunk: CustomerColumns, likely: NDArray[np.bool_]) -> list[Any]:
        """Three columns: what raises the risk of likely leavers, what lowers that of the others."""
        shown = np.empty((REASONS_KEPT, chunk.rows), np.intp)
        for kept in range(REASONS_KEPT):
            raises, lowers = (_whole(chunk.data.column(f"{kind}_{kept + 1}")).to_numpy() for kind in ("raise", "lower"))
            shown[kept] = np.where(likely, raises, lowers)
        if (np.diff((shown < 0).astype(np.int8), axis=0) < 0).any():
            shown = np.take_along_axis(shown, np.argsort(shown < 0, axis=0, kind="stable"), axis=0)
        texts, codes = self._worded(chunk, shown)
        each = np.arange(chunk.rows)
        return [texts.take(pa.array(codes[own, each])) for own in shown]

    def _worded(self, chunk: CustomerColumns, shown: NDArray[np.intp]) -> tuple[Any, NDArray[np.int32]]:
        """All phrases that are needed, and for each attribute and customer which is theirs; the last row: none."""
        parts: list[Any] = [pa.array([""])]
        codes = np.zeros((len(chunk.attributes) + 1, chunk.rows), np.int32)
        used = 1
        for place in np.unique(shown[shown >= 0]).tolist():
            words, column = self._phrases(chunk.attributes[place]), _whole(chunk.data.column(f"a{place}"))
            if pa.types.is_floating(column.type):
                customers = np.flatnonzero((shown == place).any(axis=0))
                parts.append(words.of_numbers(_numbers(column)[customers]))
                codes[place, customers] = np.arange(used, used + len(customers))
            else:
                encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
                parts.append(words.of_levels(encoded.dictionary))
                codes[place] = used + encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
            used += len(parts[-1])
        return pa.concat_arrays(parts), codes

    def _phrases(self, attribute: str) -> AttributePhrases:
        if attribute not in self.phrases:
            form = self.form
            self.phrases[attribute] = AttributePhrases(attribute, form.schema, form.currency, form.raw)
        return self.phrases[attribute]

    def _inputs(self, chunk: CustomerColumns) -> list[Any]:
        schema = self.form.schema
        place = {name: position for position, name in enumerate(chunk.attributes)}
        cells = [self._input(chunk.data.column("month"))] if schema.month_column else []
        for name in schema.names:
            known = name in place
            cells.append(self._input(chunk.data.column(f"a{place[name]}")) if known else _nothing(chunk.rows))
        if schema.target_column:
            words = self._texts([schema.negative_value or "No", schema.positive_value or "Yes"])
            actual = _whole(chunk.data.column("actual")).cast(pa.int8()).fill_null(2)
            cells.append(Coded(actual.to_numpy(), [*words.to_pylist(), ""]))
        return cells + [self._cells(chunk.data.column(f"x{position}")) for position in range(len(chunk.extra))]

    def _input(self, column: Any) -> Any:
        whole = _whole(column)
        if pa.types.is_floating(whole.type):
            return number_texts(_numbers(whole))
        if not pa.types.is_dictionary(whole.type) or len(whole.dictionary) > MOST_PACKED:
            return self._cells(whole)
        codes = whole.indices.fill_null(len(whole.dictionary)).to_numpy(zero_copy_only=False)
        return Coded(codes, [*self._cells(whole.dictionary).to_pylist(), ""])

    def _cells(self, column: Any) -> Any:
        return as_cells(column, raw=self.form.raw)

    def _texts(self, texts: list[str]) -> pa.StringArray:
        made = texts if self.form.raw else [spreadsheet_safe(text) for text in texts]
        return quoted(pa.array([clean(text) for text in made], pa.string()))


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of few distinct cells: which one each customer has."""

    codes: NDArray[Any]
    texts: list[str | None]

    def beside(self, other: Coded) -> Coded:
        """Both columns as one, with the comma between."""
        codes = self.codes.astype(np.int32) * len(other.texts) + other.codes
        return Coded(codes, [f"{one or ''},{two or ''}" for one in self.texts for two in other.texts])

    def cells(self) -> Any:
        return pa.array(self.texts, pa.string()).take(pa.array(self.codes))


def packed(columns: list[Any]) -> list[Any]:
    """Neighbours with few distinct cells become one column: there is less to look up and to join."""
    found: list[Any] = []
    for column in columns:
        last = found[-1] if found else None
        if isinstance(last, Coded) and isinstance(column, Coded) and len(last.texts) * len(column.texts) <= MOST_PACKED:
            found[-1] = last.beside(column)
        else:
            found.append(column)
    return [column.cells() if isinstance(column, Coded) else column for column in found]


def _whole(column: Any) -> Any:
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()


def _numbers(column: Any) -> NDArray[np.float64]:
    """NaN where null."""
    return np.asarray(_whole(column).to_numpy(zero_copy_only=False), np.float64)


def _nothing(rows: int) -> Any:
    return pa.nulls(rows, pa.string())
