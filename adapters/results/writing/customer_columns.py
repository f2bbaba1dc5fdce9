"""The columns of a run's customers: as they are buffered in file order, and as they are written to Parquet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.files.layout import (
    CONTRIBUTIONS,
    LOWERS,
    RAISES,
    VALUE,
    WRITTEN,
    StoredAttribute,
    written_column,
)
from adapters.results.writing.contributions import packed
from adapters.results.writing.text_dictionary import TextDictionary, unlisted_of
from application.ports.columns import InputColumn, RecommendedBatch, ScoredBatch

UNLISTED_TEXT = "_text"
"""Suffix of a buffered column with an attribute's unlisted texts. Only batches with such texts have it."""
ALL_MONTHS = 12 * 10_000
MAX_ENCODED = 5_000
"""Distinct texts up to which a column is dictionary-encoded in every row group."""
_ENCODED = pa.dictionary(pa.int32(), pa.string())
_NO_REASONS = np.empty((0, len(RAISES)), np.int16)


class CustomerColumns:
    """Encodes texts and months over all batches. Call `begin` before anything else."""

    def __init__(self, attributes: tuple[StoredAttribute, ...]) -> None:
        self._attributes = attributes
        self._codes = {a.column: TextDictionary(a.levels) for a in attributes if not a.numeric}
        self._months = TextDictionary(most=ALL_MONTHS)
        self.extra: tuple[str, ...] = ()
        self.inputs: tuple[InputColumn, ...] = ()
        self._written: set[str] = set()
        self.has_month = self.has_actual = False

    def begin(self, names: list[str], inputs: tuple[InputColumn, ...]) -> None:
        """Take over which optional columns the file has. `names` are those of a batch."""
        self.inputs = inputs
        self.extra = tuple(name for name in names if name.startswith("x:"))
        self.has_month, self.has_actual = "month" in names, "actual" in names

    @property
    def extra_names(self) -> tuple[str, ...]:
        """The headers of the file's columns that are no attributes."""
        return tuple(name.split(":", 2)[2] for name in self.extra)

    def stored_inputs(self) -> tuple[InputColumn, ...]:
        """The file's columns with the names of the columns in the Parquet file."""
        stored = {f"a:{a.name}": a.column for a in self._attributes} | {
            name: f"x{place}" for place, name in enumerate(self.extra)
        }
        return tuple(InputColumn(own.header, stored.get(own.column, own.column)) for own in self.inputs)

    def months(self) -> Any:
        return self._months.texts()

    def texts(self) -> dict[str, Any]:
        """The distinct texts of each attribute with levels, by column."""
        return {name: codes.texts() for name, codes in self._codes.items()}

    def of_nobody(self) -> dict[str, Any]:
        """The buffered columns of a run without readable customers."""
        nothing = pa.RecordBatch.from_pydict(
            {
                "row": pa.array([], pa.int64()),
                "id": pa.array([], pa.string()),
                **{f"a:{a.name}": pa.array([], pa.float64() if a.numeric else pa.string()) for a in self._attributes},
            }
        )
        none = np.empty(0)
        contributions = np.empty((0, len(self._attributes)), np.float32)
        scored = ScoredBatch(0, 0.0, none, none, contributions, *[_NO_REASONS] * 2)
        return self.buffered(nothing, scored, RecommendedBatch(0, none, none, none))

    def buffered(self, data: pa.RecordBatch, scored: ScoredBatch, recommended: RecommendedBatch) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "row": data.column("row"),
            "id": data.column("id"),
            "month": self._months.of(data.column("month")) if self.has_month else np.full(scored.rows, -1, np.int32),
            "actual": _truth(data.column("actual")) if self.has_actual else np.full(scored.rows, -1, np.int8),
            "probability": np.asarray(scored.probability, np.float64),
            "action": np.asarray(recommended.action, np.int16),
            "gain": np.asarray(recommended.gain, np.float64),
            "revenue": np.asarray(recommended.revenue, np.float64),
            **_reasons(RAISES, scored.raises, scored.contributions, sign=1.0),
            **_reasons(LOWERS, scored.lowers, scored.contributions, sign=-1.0),
            CONTRIBUTIONS: packed(scored.contributions),
        }
        for attribute in self._attributes:
            column = data.column(f"a:{attribute.name}")
            if attribute.numeric:
                columns[attribute.column] = column
                continue
            codes = columns[attribute.column] = self._codes[attribute.column].of(column)
            unlisted = unlisted_of(column, codes)
            if unlisted is not None:
                columns[attribute.column + UNLISTED_TEXT] = unlisted
        for place, name in enumerate(self.extra):
            columns[f"x{place}"] = data.column(name)
        for name in (name for name in data.schema.names if name.startswith("w:")):
            columns[written_column(int(name[2:]))] = data.column(name)
        self._written.update(name for name in columns if name.startswith(WRITTEN))
        return columns

    def parquet_schema(self) -> pa.Schema:
        fields = [
            ("row", pa.int64()),
            ("id", pa.string()),
            ("month", _ENCODED),
            ("actual", pa.bool_()),
            ("probability", pa.float64()),
            ("action", pa.int16()),
            ("gain", pa.float64()),
            ("revenue", pa.float64()),
        ]
        for name in (*RAISES, *LOWERS):
            fields += [(name, pa.int16()), (name + VALUE, pa.float32())]
        fields += [(a.column, pa.float64() if a.numeric else self._text_type(a.column)) for a in self._attributes]
        fields += [(f"x{place}", pa.string()) for place in range(len(self.extra))]
        return pa.schema(fields + [(name, pa.string()) for name in sorted(self._written)])

    def _text_type(self, column: str) -> pa.DataType:
        return _ENCODED if len(self._codes[column].texts()) <= MAX_ENCODED else pa.string()

    def for_parquet(self, chunk: pa.Table, target: pa.Schema) -> pa.Table:
        columns = {name: chunk.column(name).combine_chunks() for name in chunk.column_names if name != CONTRIBUTIONS}
        columns["month"] = self._months.decoded(columns["month"].to_numpy())
        actual = columns["actual"].to_numpy()
        columns["actual"] = pa.array(actual == 1, mask=actual < 0)
        revenue = columns["revenue"].to_numpy()
        columns["revenue"] = pa.array(revenue, mask=~np.isfinite(revenue))
        for name, codes in self._codes.items():
            texts = codes.decoded(columns[name].to_numpy(), columns.get(name + UNLISTED_TEXT))
            columns[name] = texts.cast(target.field(name).type)
        for name in self._written - columns.keys():
            columns[name] = pa.nulls(chunk.num_rows, pa.string())
        return pa.table([columns[name] for name in target.names], schema=target)


def _truth(column: Any) -> NDArray[np.int8]:
    """1, 0, or −1 for unknown."""
    truth: NDArray[np.int8] = column.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False)
    return truth


def _reasons(
    names: tuple[str, ...], positions: NDArray[np.int16], contributions: NDArray[np.float32], *, sign: float
) -> dict[str, Any]:
    """Columns of positions and SHAP values. A missing reason has the position −1."""
    if contributions.shape[1] == 0:
        positions, values = np.full(positions.shape, -1, np.int16), np.zeros(positions.shape, np.float32)
    else:
        values = np.take_along_axis(contributions, np.maximum(positions, 0).astype(np.int64), axis=1)
    positions = np.where((positions >= 0) & (values * sign > 0.0), positions, -1).astype(np.int16)
    columns: dict[str, Any] = {}
    for place, name in enumerate(names):
        columns[name] = np.ascontiguousarray(positions[:, place])
        columns[name + VALUE] = np.ascontiguousarray(values[:, place], dtype=np.float32)
    return columns
