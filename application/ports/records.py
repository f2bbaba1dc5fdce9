"""Customers that a program sends as records, one value per column, instead of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.results import ScoredCustomer
from domain.header_matching import HeaderMatch
from domain.playbook import Playbook
from domain.prediction import BandLimits
from domain.records import RecordProblem
from domain.schema import CustomerSchema

Record = Mapping[str, str | int | float | bool | None]
"""A customer's cells by the name of their column. A missing column and None are both a missing value."""


class CustomerRecords(Protocol):
    """Records, read exactly as the same cells of a CSV file are."""

    def write(self, records: Sequence[Record], header: Sequence[str], path: Path) -> None:
        """Write a CSV file in UTF-8 with commas and decimal points, for the reader of files."""

    def problems(self, rejected: Path, records: Sequence[Record], header: Sequence[str]) -> tuple[RecordProblem, ...]:
        """The rows that the reader of files rejected, as records. `rejected` is its list of them."""

    def batch(
        self, records: Sequence[Record], header: Sequence[str], *, schema: CustomerSchema, match: HeaderMatch
    ) -> CustomerBatch | None:
        """The customers without a file; None where only the reader of files can say what a cell means.

        That is so for dates, months, units, percentages, and text where the schema has a number.
        """

    def customers(
        self,
        batch: CustomerBatch,
        scored: ScoredBatch,
        recommended: RecommendedBatch,
        *,
        schema: CustomerSchema,
        playbook: Playbook,
        threshold: float,
        bands: BandLimits,
    ) -> list[ScoredCustomer]:
        """The scored customers one by one, as a result has them."""
