"""Tables about customers that belong to no prediction."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from adapters.persistence.tables.metadata import Moment, metadata

# Customers whom no campaign may contact. The entry stays when the customer is erased, without `by` and `note`.
do_not_contact = Table(
    "do_not_contact",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("id_folded", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("source", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index(None, "since", "customer_id"),
)
