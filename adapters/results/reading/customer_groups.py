"""Groups of a run's customers by action or by reasons, and how common each reason is in each band."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.results.files.layout import LOWERS, RAISES, ResultNotes, StoredAttribute, position_of
from adapters.results.reading.duckdb_queries import SCAN, Database, conditions_of, search_conditions, shown_reason
from adapters.results.reading.stored_run import StoredRun
from domain.customer_query import CustomerGroup, CustomerQuery, Grouping
from domain.prediction import REASONS_KEPT, BandLimits, RiskBand
from domain.reason_rarity import MISSING, ReasonCounts, ReasonKey, number_edges
from domain.recommendation import LEAVE_ALONE_GAIN

BANDS = tuple(RiskBand)
_SHOWN = [f"r{place}" for place in range(REASONS_KEPT)]


def grouped(
    database: Database, stored: StoredRun, query: CustomerQuery, by: Grouping, bands: BandLimits
) -> tuple[CustomerGroup, ...]:
    """As `CustomerGroups.customer_groups`."""
    where = conditions_of(query, stored.notes, bands)
    for condition in search_conditions(where, query.search):
        with database.cursor() as cursor:
            sql = _statement(by, condition.sql, query.threshold)
            rows = cursor.execute(sql, [stored.path, *condition.parameters]).fetchall()
        if rows:
            break
    groups = [_group(by, row, stored.notes) for row in rows]
    merged = _merged(groups) if by is Grouping.REASONS else groups
    return tuple(sorted(merged, key=lambda own: (-own.expected_gain, -own.customers, own.action or "", own.reasons)))


def _statement(by: Grouping, where: str, threshold: float) -> str:
    """One row per group: its keys, then customers, those worth contacting, and their gain."""
    if by is Grouping.ACTION:
        keys, grouping = "action", "action"
    else:
        shown = [f"{shown_reason(place, threshold)} AS {name}" for place, name in enumerate(_SHOWN)]
        keys, grouping = ", ".join([f"probability >= {threshold!r} AS likely", *shown]), f"likely, {', '.join(_SHOWN)}"
    worth = f"FILTER (gain > {LEAVE_ALONE_GAIN!r})"
    return (
        f"SELECT {keys}, count(*), count(*) {worth}, coalesce(sum(gain) {worth}, 0.0) "  # noqa: S608 - our own names
        f"FROM {SCAN}{where} GROUP BY {grouping}"
    )


def _group(by: Grouping, row: Sequence[Any], notes: ResultNotes) -> CustomerGroup:
    *keys, customers, worth, gain = row
    if by is Grouping.ACTION:
        return CustomerGroup(customers, worth, gain, action=notes.action_id(keys[0]))
    names = {position_of(own.column): own.name for own in notes.attributes}
    positions = sorted(place for place in keys[1:] if place >= 0)
    reasons = tuple(names[place] for place in positions)
    return CustomerGroup(customers, worth, gain, reasons=reasons, likely=bool(keys[0]))


def _merged(groups: Sequence[CustomerGroup]) -> list[CustomerGroup]:
    """The same reasons in another order of strength are one group."""
    together: dict[tuple[bool | None, tuple[str, ...]], CustomerGroup] = {}
    for own in groups:
        key = own.likely, own.reasons
        known = together.get(key, CustomerGroup(0, 0, 0.0, reasons=own.reasons, likely=own.likely))
        together[key] = CustomerGroup(
            known.customers + own.customers,
            known.worth_contacting + own.worth_contacting,
            known.expected_gain + own.expected_gain,
            reasons=own.reasons,
            likely=own.likely,
        )
    return list(together.values())


def count_reasons(stored: StoredRun, typical: Mapping[str, float], bands: BandLimits) -> ReasonCounts:
    """As `CustomerGroups.reason_counts`. Reads the reasons and the attributes once, in pieces."""
    limits = np.array([bands.range_of(band)[1] for band in BANDS[:-1]])
    customers = np.zeros(len(BANDS), np.int64)
    counts: Counter[ReasonKey] = Counter()
    names = ["probability", *RAISES, *LOWERS, *(own.column for own in stored.notes.attributes)]
    for table in stored.slices(0, stored.notes.rows, columns=names):
        band = np.searchsorted(limits, table.column("probability").to_numpy(), side="right")
        customers += np.bincount(band, minlength=len(BANDS))
        for raises, places in ((True, RAISES), (False, LOWERS)):
            shown = np.stack([table.column(name).to_numpy() for name in places])
            for own in stored.notes.attributes:
                rows = np.flatnonzero((shown == position_of(own.column)).any(axis=0))
                if len(rows):
                    values = table.column(own.column).take(pa.array(rows))
                    _count(counts, raises, own, band[rows], values, typical.get(own.name))
    return ReasonCounts(dict(zip(BANDS, customers.tolist(), strict=True)), dict(counts), typical)


def _count(
    counts: Counter[ReasonKey],
    raises: bool,
    own: StoredAttribute,
    band: NDArray[np.int64],
    values: pa.ChunkedArray,
    typical: float | None,
) -> None:
    kinds, codes = _kinds(own, values, typical)
    cells = np.bincount(band * len(kinds) + codes, minlength=len(BANDS) * len(kinds)).reshape(len(BANDS), len(kinds))
    for place, code in zip(*np.nonzero(cells), strict=True):
        counts[BANDS[place], raises, own.name, kinds[code]] += int(cells[place, code])


def _kinds(
    own: StoredAttribute, values: pa.ChunkedArray, typical: float | None
) -> tuple[list[str | int], NDArray[np.int64]]:
    """The kinds of values, missing ones last, and the place of each value's kind among them."""
    if own.numeric:
        edges = () if typical is None else number_edges(typical)
        numbers = values.to_numpy().astype(np.float64)
        codes = np.searchsorted(np.array(edges), numbers, side="right")
        kinds: list[str | int] = [*range(len(edges) + 1), MISSING]
        return kinds, np.where(np.isnan(numbers), len(kinds) - 1, codes)
    encoded = values.combine_chunks()
    encoded = encoded if pa.types.is_dictionary(encoded.type) else encoded.dictionary_encode()
    kinds = [*encoded.dictionary.to_pylist(), MISSING]
    return kinds, pc.fill_null(encoded.indices, len(kinds) - 1).to_numpy().astype(np.int64)
