"""Finds the customers of a run that match a query, and their positions in its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from adapters.results.reading.customer_ids import Ids, places_of
from adapters.results.reading.customer_rows import Cells, cells_of
from adapters.results.reading.duckdb_queries import SCAN, Database, conditions_of, order_of, search_conditions
from adapters.results.reading.lru_cache import LruCache
from adapters.results.reading.stored_run import StoredRun
from domain.customer_query import CustomerQuery
from domain.errors import CustomerNotFound
from domain.prediction import BandLimits, RiskBand

WIDE = 300
"""Number of columns from which rows are not read with DuckDB."""


@dataclass(frozen=True, slots=True)
class CustomerLocator:
    """Sorted by risk and without most filters, matches are a contiguous range of the file.

    Otherwise DuckDB finds them.
    """

    database: Database
    probabilities: LruCache
    ids: Ids

    def page(self, stored: StoredRun, query: CustomerQuery, bands: BandLimits) -> tuple[Cells, int]:
        """One page of matching customers, and the total number of matches."""
        span = self.span(stored, query, bands)
        offset, limit = max(0, query.offset), max(0, query.limit)
        if span is None:
            positions, total = self._page_of(stored, query, bands, offset=offset, limit=limit)
            return self._rows_at(stored, positions), total
        start = min(span[0] + offset, span[1])
        return cells_of(stored.slice(start, min(start + limit, span[1]))), span[1] - span[0]

    def stretches(
        self, stored: StoredRun, query: CustomerQuery, names: list[str], bands: BandLimits
    ) -> Iterator[tuple[pa.Table, NDArray[np.int64] | None]]:
        """All matches, reading each row group once, with their positions in the requested order (None: this order)."""
        by_row = query.sort == "row" and not query.descending
        if by_row:
            query = replace(query, sort="risk", descending=True)
        span = self.span(stored, query, bands)
        if span is not None:
            for table in stored.slices(*span, columns=names):
                yield table, table.column("row").to_numpy() if by_row else None
            return
        positions = self.positions(stored, query, bands)
        order = np.argsort(positions, kind="stable")
        in_order = bool((order[1:] > order[:-1]).all())
        for table, inside in stored.picked(positions[order], names):
            places = None if in_order else order[inside]
            yield table, table.column("row").to_numpy() if by_row else places

    def rising(self, stored: StoredRun) -> NDArray[np.float64]:
        """All probabilities in ascending order (n)."""
        probabilities: NDArray[np.float64] = self.probabilities.get((stored.mark,), stored.probabilities)
        return probabilities

    def place(self, stored: StoredRun, row: int) -> int:
        """Position in order of risk, from 0. Raises CustomerNotFound."""
        with self.database.cursor() as cursor:
            result = cursor.execute(
                f"SELECT file_row_number FROM {SCAN} WHERE row = ?",  # noqa: S608
                [stored.path, row],
            ).fetchone()
        if result is None:
            raise CustomerNotFound(row)
        return int(result[0])

    def latest_of(self, stored: StoredRun, customer_id: str) -> int | None:
        """Position of a customer's row of the latest month, and in it of the highest risk; None if there is none."""
        with self.database.cursor() as cursor:
            result = cursor.execute(
                f"SELECT file_row_number FROM {SCAN} WHERE id = ? "  # noqa: S608
                "ORDER BY month DESC NULLS LAST, file_row_number LIMIT 1",
                [stored.path, customer_id],
            ).fetchone()
        return None if result is None else int(result[0])

    def span(self, stored: StoredRun, query: CustomerQuery, bands: BandLimits) -> tuple[int, int] | None:
        """The range of the file with all matches, if they are contiguous and in the requested order; None otherwise."""
        if query.search.strip() or query.action is not None or query.worth_contacting is not None:
            return None
        if query.attributes or query.reasons:
            return None
        if query.sort != "risk" or not query.descending:
            return None
        low, high = 0.0, 2.0
        if query.bands:
            chosen = sorted(list(RiskBand).index(band) for band in set(query.bands))
            if chosen[-1] - chosen[0] + 1 != len(chosen):
                return None
            low, high = bands.range_of(list(RiskBand)[chosen[0]])[0], bands.range_of(list(RiskBand)[chosen[-1]])[1]
        if query.likely is not None:
            low, high = (max(low, query.threshold), high) if query.likely else (low, min(high, query.threshold))
        if (low, high) == (0.0, 2.0):
            return 0, stored.notes.rows
        rising = self.rising(stored)
        start = len(rising) - int(np.searchsorted(rising, high, side="left"))
        return start, max(start, len(rising) - int(np.searchsorted(rising, low, side="left")))

    def positions(
        self, stored: StoredRun, query: CustomerQuery, bands: BandLimits, *, limit: int | None = None
    ) -> NDArray[np.int64]:
        """Positions in the file of the matches, in the requested order."""
        where = conditions_of(query, stored.notes, bands)
        most, order = stored.notes.rows if limit is None else limit, order_of(query, stored.notes)
        text = query.search.strip()
        if text and not where.conditions and (query.sort, query.descending) == ("risk", True):
            ids = self.ids.kept(stored)
            if ids is not None:
                return places_of(ids, text)[:most]
        places_found = np.empty(0, np.int64)
        for condition in search_conditions(where, query.search):
            with self.database.cursor() as cursor:
                sql = f"SELECT file_row_number AS place FROM {SCAN}{condition.sql}{order} LIMIT ?"  # noqa: S608
                places = cursor.execute(sql, [stored.path, *condition.parameters, most]).fetchnumpy()["place"]
            places_found = np.asarray(places, np.int64)
            if len(places_found):
                break
        return places_found

    def _page_of(
        self, stored: StoredRun, query: CustomerQuery, bands: BandLimits, *, offset: int, limit: int
    ) -> tuple[NDArray[np.int64], int]:
        """The positions of one page, and the total number of matches."""
        end = offset + limit
        if query.search.strip():
            positions = self.positions(stored, query, bands)
            return positions[offset:end], len(positions)
        positions = self.positions(stored, query, bands, limit=end)
        where = conditions_of(query, stored.notes, bands)
        total = stored.notes.rows
        if where.conditions:
            with self.database.cursor() as cursor:
                sql = f"SELECT count(*) FROM {SCAN}{where.sql}"  # noqa: S608
                (total,) = cursor.execute(sql, [stored.path, *where.parameters]).fetchone() or (0,)
        return positions[offset:end], total

    def _rows_at(self, stored: StoredRun, positions: NDArray[np.int64]) -> Cells:
        """A few scattered rows, in the given order. DuckDB decodes only these rows, not whole row groups.

        With many columns, DuckDB would use too much memory; then row groups are small and are read as a whole.
        """
        if not len(positions) or stored.metadata.num_columns > WIDE:
            return cells_of(stored.rows(positions))
        placeholders = ", ".join("?" * len(positions))
        sql = f"SELECT * FROM {SCAN} WHERE file_row_number IN ({placeholders})"  # noqa: S608
        with self.database.cursor() as cursor:
            result = cursor.execute(sql, [stored.path, *positions.tolist()])
            names = [column[0] for column in result.description or ()]
            rows = result.fetchall()
        place = names.index("file_row_number")
        by_position = {row[place]: row for row in rows}
        ordered = [by_position[position] for position in positions.tolist()]
        return {name: [row[column] for row in ordered] for column, name in enumerate(names)}
