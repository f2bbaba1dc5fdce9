"""Tables of gradings, and of offers to grade."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, Text

from adapters.persistence.tables.metadata import Moment, id_column, metadata

# A run has at most one grading, which outlives the run of the later file: the document names the file, not this run.
gradings = Table(
    "gradings",
    metadata,
    id_column(),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("month", String(7), nullable=False, index=True),
    Column("model_version", String(16), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by_run", ForeignKey("runs.id", ondelete="SET NULL"), index=True),
    Column("grading", Text, nullable=False),
)

grading_offers = Table(
    "grading_offers",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("by_run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("reason", Text, nullable=False),
    Column("possible", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)
