"""Earlier months of one customer base, from which attributes of history are made."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from application.ports.columns import CustomerBatch
from domain.schema import CustomerSchema


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many of a month's customers there are, and how many of the asked ones are among them."""

    customers: int
    asked: int
    found: int


class History(Protocol):
    """The only place that makes attributes of history, for training and for scoring. A row looks back, never forward.

    Customers are compared by their whole ids; nothing is held in Python per customer. Of several rows of a customer in
    one month, the first one counts.
    """

    def add(self, batches: Iterable[CustomerBatch], *, month: str | None) -> int:
        """Keep the rows as earlier months; all have this month ("YYYY-MM"), or that of their column `month`.

        Rows without a month are not kept. Returns the rows kept.
        """

    def months(self) -> tuple[str, ...]:
        """All months with rows, ascending."""

    def drop(self, month: str) -> None:
        """Forget a month."""

    def overlap(self, batch: CustomerBatch, month: str) -> Overlap:
        """How far the customers of a batch are those of a kept month."""

    def with_columns(self, batch: CustomerBatch, *, month: str | None) -> CustomerBatch:
        """The batch with a column `a:<name>` for each attribute of history; null where an earlier month is missing."""


class HistoryStore(Protocol):
    def open(self, schema: CustomerSchema) -> AbstractContextManager[History]:
        """An empty history for the attributes of this schema. What it stores is deleted at the end of the block."""
