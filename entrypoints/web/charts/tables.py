"""A drawn chart as a table in HTML, for browsers without JavaScript. For others `static/js/charts/tables.js` does it.

A line with many points has only some of them in the table.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from entrypoints.web.charts.specification import XY, BarSet, Line, Number, Point, Table
from entrypoints.web.formats import NOTHING, number

MAX_ROWS = 24
UNIT_DECIMALS = {"%": 1, "×": 2}


def register(app: Flask) -> None:
    """Give templates the filter ``chart_table``."""
    app.add_template_filter(table_of, "chart_table")


def table_of(spec: XY) -> Table:
    shown = [own for own in spec.series if not (isinstance(own, Line) and own.silent)]
    head = spec.x_name or spec.name or ("Month" if spec.months else "Range" if spec.titles else "Name")
    columns = [head]
    for own in shown:
        columns += [own.name, "95% interval"] if own.lo else [own.name]
    places: Sequence[Number | str] = spec.labels or sorted({point[0] for own in shown for point in _points(own.data)})
    every = max(1, -(-len(places) // MAX_ROWS))
    rows = [[_place(spec, place, at), *_cells(spec, shown, place, at)] for at, place in enumerate(places)]
    return Table(columns=columns, rows=rows[::every])


def _points(data: Sequence[Number | None] | Sequence[Point]) -> list[Point]:
    return [point for point in data if isinstance(point, Sequence)]


def _place(spec: XY, place: Number | str, at: int) -> str:
    if spec.titles:
        return spec.titles[at]
    if isinstance(place, str):
        return place
    return _with_unit(place, spec.x.unit, 0 if float(place).is_integer() else 2)


def _cells(spec: XY, shown: Sequence[Line | BarSet], place: Number | str, at: int) -> list[str]:
    cells = []
    for own in shown:
        index: int | None = at
        if not isinstance(place, str):
            index = next((number for number, point in enumerate(_points(own.data)) if point[0] == place), None)
        cells.append(_value(spec, own.data, index))
        if own.lo:
            ends = [_value(spec, side, index) for side in (own.lo, own.hi)]
            cells.append(NOTHING if NOTHING in ends else "–".join(ends))
    return cells


def _value(spec: XY, data: Sequence[object], index: int | None) -> str:
    value = None if index is None or index >= len(data) else data[index]
    y = value[1] if isinstance(value, Sequence) else value
    if not isinstance(y, int | float):
        return NOTHING
    return ("+" if spec.signed and y > 0 else "") + _with_unit(y, spec.unit, spec.decimals)


def _with_unit(value: Number, unit: str, decimals: int | None) -> str:
    """As `withUnit` in formats.js: "%" and "×" follow the number, a currency's sign precedes it."""
    usual = 0 if unit or float(value).is_integer() else 3
    text = number(abs(value), UNIT_DECIMALS.get(unit, usual) if decimals is None else decimals)
    sign = "−" if value < 0 and any(digit in text for digit in "123456789") else ""
    if unit in UNIT_DECIMALS or unit[-1:].isalpha():
        return f"{sign}{text}{unit if unit in UNIT_DECIMALS else f' {unit}'}"
    return f"{sign}{unit}{text}"
