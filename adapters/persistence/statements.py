"""The few statements that every repository shares, with the database's errors turned into the domain's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, insert, update
from sqlalchemy.exc import IntegrityError

from adapters.persistence.engine import ACCESS, Access
from domain.errors import Conflict

Row = Mapping[str, Any]
ESCAPE = "\\"


def add_rows(connection: Connection, table: Table, rows: Sequence[Row], *, clash: str) -> None:
    """Insert rows. Raises Conflict with the words `clash` when one is there already or belongs to nothing."""
    if not rows:
        return
    try:
        connection.execute(insert(table), list(rows))
    except IntegrityError as error:
        raise Conflict(clash) from error


def add_many(connection: Connection, table: Table, rows: Sequence[Row], *, clash: str) -> None:
    """`add_rows` for thousands of rows whose values the driver takes as they are: text, numbers, booleans, None.

    They go past SQLAlchemy's handling of every single value, which costs more than the database does.
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


def change_row(
    connection: Connection, table: Table, row: Row, *where: ColumnElement[bool], clash: str = "It is taken."
) -> bool:
    """Update the rows that fit; whether there were any. Raises Conflict with the words `clash`."""
    try:
        return connection.execute(update(table).where(*where).values(row)).rowcount > 0
    except IntegrityError as error:
        raise Conflict(clash) from error


def holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a case-folded column holds the text, in which % and _ mean themselves."""
    folded = text.casefold()
    for special in (ESCAPE, "%", "_"):
        folded = folded.replace(special, ESCAPE + special)
    return column.like(f"%{folded}%", escape=ESCAPE)


def to_change(connection: Connection, chosen: Select[Any]) -> Select[Any]:
    """The rows kept from others until this transaction ends, where it writes: what is read to be saved stays as read.

    SQLite leaves it out, as there a writer has the database to itself.
    """
    if connection.get_execution_options().get(ACCESS) is Access.READING:
        return chosen
    return chosen.with_for_update()
