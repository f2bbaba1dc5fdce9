"""Tables of what was learned about files."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from adapters.persistence.tables.metadata import Moment, id_column, metadata

# `confirmed_by` is no foreign key: a match outlives the account, which then has no name any more.
remembered_matches = Table(
    "remembered_matches",
    metadata,
    id_column(),
    Column("header", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("confirmed_by", String(64), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("file_name", Text, nullable=False),
    Column("used", Integer, nullable=False),
    Column("used_at", Moment),
    Column("unit", Text, nullable=False, server_default=""),
)
