"""SQL statements that all repositories share. Database errors are raised as domain errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, insert, update
from sqlalchemy.exc import IntegrityError

from adapters.persistence.engine import ACCESS, Access
from domain.errors import Conflict

Row = Mapping[str, Any]
ESCAPE = "\\"


def add_rows(connection: Connection, table: Table, rows: Sequence[Row], *, clash: str) -> None:
    """Insert rows. Raises Conflict with the text `clash` if a row exists already or violates a foreign key."""
    if not rows:
        return
    try:
        connection.execute(insert(table), list(rows))
    except IntegrityError as error:
        raise Conflict(clash) from error


def add_many(connection: Connection, table: Table, rows: Sequence[Row], *, clash: str) -> None:
    """Like `add_rows`, for thousands of rows whose values are text, numbers, booleans or None.

    Passes the values directly to the driver: SQLAlchemy's handling of each value takes longer than the database.
    """
    compiled = insert(table).compile(dialect=connection.dialect)
    if not rows or not compiled.positiontup:
        add_rows(connection, table, rows, clash=clash)
        return
    in_order = itemgetter(*compiled.positiontup)
    try:
        connection.exec_driver_sql(str(compiled), [in_order(row) for row in rows])
    except IntegrityError as error:
        raise Conflict(clash) from error


def add_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose key does not exist yet. Returns how many were inserted.

    Like `add_many`, it passes the values directly to the driver, so times are converted here, each distinct one once.
    """
    compiled = insert(table).compile(dialect=connection.dialect)
    names = compiled.positiontup or []
    columns = [_as_bound(connection, table.c[name], [row[name] for row in rows]) for name in names]
    if not rows:
        return 0
    return connection.exec_driver_sql(f"{compiled} ON CONFLICT DO NOTHING", list(zip(*columns, strict=True))).rowcount


def _as_bound(connection: Connection, column: Column[Any], values: list[Any]) -> list[Any]:
    """The values as the driver takes them for this column."""
    convert = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return list(map(cache(convert), values)) if convert else values


def change_row(
    connection: Connection, table: Table, row: Row, *where: ColumnElement[bool], clash: str = "The row already exists."
) -> bool:
    """Update the matching rows; returns whether there were any. Raises Conflict with the text `clash`."""
    try:
        return connection.execute(update(table).where(*where).values(row)).rowcount > 0
    except IntegrityError as error:
        raise Conflict(clash) from error


def contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """The condition that a case-folded column contains the text. % and _ are matched literally."""
    folded = text.casefold()
    for special in (ESCAPE, "%", "_"):
        folded = folded.replace(special, ESCAPE + special)
    return column.like(f"%{folded}%", escape=ESCAPE)


def select_for_update(connection: Connection, statement: Select[Any]) -> Select[Any]:
    """In a writing transaction, lock the selected rows until it ends, so that nobody changes them before they are
    saved.

    SQLite ignores FOR UPDATE; there a writing transaction locks the whole database.
    """
    if connection.get_execution_options().get(ACCESS) is Access.READING:
        return statement
    return statement.with_for_update()
