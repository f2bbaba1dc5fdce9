"""DuckDB queries on a run's Parquet file. User input is passed as parameters; column names are generated."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from adapters.results.files.folders import SPILL
from adapters.results.files.layout import LOWERS, RAISES, ResultNotes, StoredAttribute, position_of
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import InvalidInput, StorageFull
from domain.prediction import REASONS_KEPT, BandLimits
from domain.recommendation import LEAVE_ALONE_GAIN

SCAN = "read_parquet(?, file_row_number = true)"
MEMORY = "1GB"
"""DuckDB's memory limit, beyond which it spills to disk."""

ORDERS = {
    "risk": "probability {way}, row",
    "gain": "gain {way}, probability DESC, row",
    "revenue": "revenue {way} NULLS LAST, probability DESC, row",
    "action": "{action} {way}, probability DESC, row",
    "id": "id {way}, row",
    "row": "row {way}",
}


class Database:
    """An in-memory DuckDB that can read and spill only under `root`. Created on first use."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one thread."""
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            cursor = self._connection.cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            if "no space left" in str(error).lower():
                raise StorageFull from error
            raise
        finally:
            cursor.close()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        root = str(self._root.resolve())
        connection = duckdb.connect(
            config={
                "threads": 2,
                "memory_limit": MEMORY,
                "temp_directory": str(Path(root) / SPILL),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            }
        )
        folder = root.replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{folder}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection


@dataclass(slots=True)
class Where:
    """Conditions and their parameters, in order."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, condition: str, *parameters: Any) -> None:
        self.conditions.append(condition)
        self.parameters.extend(parameters)

    @property
    def sql(self) -> str:
        return " WHERE " + " AND ".join(self.conditions) if self.conditions else ""


def order_of(query: CustomerQuery, notes: ResultNotes) -> str:
    """The ORDER BY clause, ties in the customer file's order. Raises InvalidInput for an unknown sort."""
    if query.sort not in ORDERS:
        raise InvalidInput(f"Customers can be sorted by {', '.join(ORDERS)}.", field="sort")
    if query.sort == "risk" and query.descending:
        return " ORDER BY file_row_number"  # the stored order, which needs no sorting
    way = "DESC" if query.descending else "ASC"
    return " ORDER BY " + ORDERS[query.sort].format(way=way, action=_rank_of_action(notes))


def _rank_of_action(notes: ResultNotes) -> str:
    """The place of the customer's action by its name; "leave alone" counts by that name, too."""
    places = sorted(range(-1, len(notes.actions)), key=lambda place: (notes.action_name(place).casefold(), place))
    return "CASE action " + " ".join(f"WHEN {place} THEN {rank}" for rank, place in enumerate(places)) + " END"


def conditions_of(query: CustomerQuery, notes: ResultNotes, bands: BandLimits) -> Where:
    """All conditions of a query except its search."""
    where = Where()
    if query.likely is not None:
        where.add("probability >= ?" if query.likely else "probability < ?", query.threshold)
    if query.worth_contacting is not None:
        where.add("gain > ?" if query.worth_contacting else "NOT gain > ?", LEAVE_ALONE_GAIN)
    if query.bands:
        ranges = [bands.range_of(band) for band in query.bands]
        where.add(
            "(" + " OR ".join(["probability >= ? AND probability < ?"] * len(ranges)) + ")",
            *(limit for limits in ranges for limit in limits),
        )
    if query.action is not None:
        where.add("action = ?", notes.action_position(query.action))
    add_filters(where, query.attributes, notes)
    if query.reasons:
        _add_reasons(where, query, notes)
    return where


def shown_reason(place: int, threshold: float) -> str:
    """The position of the attribute of a customer's n-th shown reason, −1 if there is none."""
    return f"(CASE WHEN probability >= {float(threshold)!r} THEN {RAISES[place]} ELSE {LOWERS[place]} END)"


def _add_reasons(where: Where, query: CustomerQuery, notes: ResultNotes) -> None:
    """Customers whose shown reasons are about exactly these attributes."""
    wanted = sorted({position_of(notes.attribute(name).column) for name in query.reasons})
    shown = [shown_reason(place, query.threshold) for place in range(REASONS_KEPT)]
    for position in wanted:
        where.add(f"? IN ({', '.join(shown)})", position)
    if len(wanted) < REASONS_KEPT:  # reasons are stored from the first place on
        where.add(f"{shown[len(wanted)]} < 0")


def add_filters(where: Where, filters: Sequence[AttributeFilter], notes: ResultNotes) -> None:
    """Raises InvalidInput for an unknown attribute, or a filter that does not suit its kind."""
    for condition in filters:
        attribute = notes.attribute(condition.attribute)
        if condition.level is not None:
            _must_be(not attribute.numeric, attribute)
            where.add(f"{attribute.column} = ?", condition.level)
        elif condition.low is None and condition.high is None:
            where.add(f"{attribute.column} IS NULL")
        else:
            _must_be(attribute.numeric, attribute)
            if condition.low is not None:
                where.add(f"{attribute.column} >= ?", float(condition.low))
            if condition.high is not None:
                where.add(f"{attribute.column} < ?", float(condition.high))


def _must_be(suits: bool, attribute: StoredAttribute) -> None:
    if not suits:
        kind = "numbers" if attribute.numeric else "text"
        raise InvalidInput(f"The attribute holds {kind} and can't be filtered like that.", field="attribute")


def search_conditions(where: Where, search: str) -> Iterator[Where]:
    """Conditions in order of preference: ids that begin with the text (ignoring case), then ids that contain it."""
    text = search.strip()
    if not text:
        yield where
        return
    plain = not any(character in text for character in "%_\\")  # LIKE's special characters; it takes half the time
    alike = "LIKE" if text.lower() == text.upper() else "ILIKE"  # digits have no case, and most ids start with digits
    for test, pattern in (("starts_with", f"{text}%"), ("contains", f"%{text}%")):
        clause = Where([*where.conditions], [*where.parameters])
        if plain:
            clause.add(f"id {alike} ?", pattern)
        else:
            clause.add(f"{test}(lower(id), lower(?))", text)
        yield clause
