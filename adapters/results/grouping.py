"""Customers grouped by one attribute or by two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from adapters.results.binning import (
    MOST_BINS,
    MOST_BINS_CROSSED,
    MOST_LEVELS,
    MOST_LEVELS_CROSSED,
    OTHERS,
    Bin,
    Spread,
    number_bins,
)
from adapters.results.layout import StoredAttribute
from adapters.results.queries import SCAN, Where
from application.ports.results import Group

MISSING = -1

SUMS = (
    "count(*), avg(probability), count(*) FILTER (probability >= ?), sum(revenue), "
    "coalesce(sum(revenue) FILTER (probability >= ?), 0.0), coalesce(sum(probability * revenue), 0.0), "
    "avg(CAST(actual AS DOUBLE))"
)


@dataclass(frozen=True, slots=True)
class Axis:
    """One attribute cut into groups: SQL that gives a customer's place among the bins (−1: missing), and the bins."""

    sql: str
    parameters: tuple[Any, ...]
    bins: tuple[Bin, ...]

    def bin_at(self, place: int) -> Bin:
        return Bin("", None, None) if place == MISSING else self.bins[place]


def axis_of(
    cursor: duckdb.DuckDBPyConnection, path: str, attribute: StoredAttribute, where: Where, *, crossed: bool = False
) -> Axis:
    """The bins suit the customers that `where` selects."""
    if attribute.numeric:
        return _number_axis(cursor, path, attribute, where, most=MOST_BINS_CROSSED if crossed else MOST_BINS)
    return _level_axis(cursor, path, attribute, where, most=MOST_LEVELS_CROSSED if crossed else MOST_LEVELS)


def _level_axis(
    cursor: duckdb.DuckDBPyConnection, path: str, attribute: StoredAttribute, where: Where, *, most: int
) -> Axis:
    column = attribute.column
    known = Where([*where.conditions, f"{column} IS NOT NULL"], where.parameters)
    found = cursor.execute(
        f"SELECT {column} FROM {SCAN}{known.sql} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?",  # noqa: S608
        [path, *known.parameters, most + 1],
    ).fetchall()
    levels = [level for (level,) in found]
    return level_axis(attribute, levels, most)


def level_axis(attribute: StoredAttribute, levels: list[str], most: int) -> Axis:
    """From the levels by size, one more than `most` where there are others."""
    column = attribute.column
    shown = levels if len(levels) <= most else levels[:most]
    bins = [Bin(level, None, None) for level in shown] + ([Bin(OTHERS, None, None)] if len(levels) > most else [])
    sql = f"CASE WHEN {column} IS NULL THEN {MISSING} ELSE coalesce(list_position(?, {column}), ?) - 1 END"
    return Axis(sql, (shown, len(shown) + 1), tuple(bins))


def _number_axis(
    cursor: duckdb.DuckDBPyConnection, path: str, attribute: StoredAttribute, where: Where, *, most: int
) -> Axis:
    spread = _spread(cursor, path, attribute.column, where, most)
    bins = number_bins(spread, most=most, months=attribute.tenure) if spread else ()
    return number_axis(attribute, bins)


def number_axis(attribute: StoredAttribute, bins: Sequence[Bin]) -> Axis:
    edges = [bound.low for bound in bins[1:]]
    steps = "".join(f" + CAST({attribute.column} >= ? AS INTEGER)" for _ in edges)
    return Axis(f"CASE WHEN {attribute.column} IS NULL THEN {MISSING} ELSE 0{steps} END", tuple(edges), tuple(bins))


def _spread(cursor: duckdb.DuckDBPyConnection, path: str, column: str, where: Where, most: int) -> Spread | None:
    row = cursor.execute(
        f"SELECT min({column}), max({column}), quantile_cont({column}, [0.01, 0.99]), "  # noqa: S608
        f"bool_and({column} = floor({column})) FROM {SCAN}{where.sql}",
        [path, *where.parameters],
    ).fetchone()
    if row is None or row[0] is None:
        return None
    integers: tuple[int, ...] = ()
    if row[3]:
        known = Where([*where.conditions, f"{column} IS NOT NULL"], where.parameters)
        distinct = cursor.execute(
            f"SELECT DISTINCT {column} FROM {SCAN}{known.sql} LIMIT ?",  # noqa: S608
            [path, *known.parameters, most + 1],
        ).fetchall()
        integers = tuple(sorted(int(value) for (value,) in distinct))
    return Spread(row[0], row[1], *row[2], integers=integers)


def grouped(
    cursor: duckdb.DuckDBPyConnection, path: str, axes: tuple[Axis, ...], where: Where, *, threshold: float
) -> dict[tuple[int, ...], Group]:
    """The groups by their place on each axis; those without customers are left out."""
    places = ", ".join(axis.sql for axis in axes)
    count = len(axes)
    ordinals = ", ".join(str(place + 1) for place in range(count))
    found = cursor.execute(
        f"SELECT {places}, {SUMS} FROM {SCAN}{where.sql} GROUP BY {ordinals} ORDER BY {ordinals}",  # noqa: S608
        [*(p for axis in axes for p in axis.parameters), threshold, threshold, path, *where.parameters],
    ).fetchall()
    return {tuple(row[:count]): group_of(axes, row[:count], row[count:]) for row in found}


def group_of(axes: tuple[Axis, ...], places: tuple[int, ...], sums: tuple[Any, ...]) -> Group:
    """`sums` as SUMS has them."""
    customers, mean, likely, revenue, paid_by_likely, at_risk, observed = sums
    bins = [axis.bin_at(place) for axis, place in zip(axes, places, strict=True)]
    return Group(
        label=" · ".join(found.label for found in bins),
        customers=customers,
        mean_probability=mean,
        likely=likely,
        revenue=revenue,
        revenue_likely=None if revenue is None else paid_by_likely,
        revenue_at_risk=None if revenue is None else at_risk,
        observed=observed,
        low=bins[0].low if len(bins) == 1 else None,
        high=bins[0].high if len(bins) == 1 else None,
        missing=places == (MISSING,),
    )
