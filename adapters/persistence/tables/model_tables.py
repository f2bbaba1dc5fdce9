"""Tables of model versions and their promotions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from adapters.persistence.tables.metadata import Moment, metadata

model_versions = Table(
    "model_versions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("algorithm", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("schema", Text, nullable=False),
    Column("evaluation", Text, nullable=False),
    Column("threshold", Float(53), nullable=False),
    Column("threshold_strategy", Text, nullable=False),
    Column("trained_at", Moment, nullable=False),
    Column("trained_by", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("data_sha256", String(64), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("churned", BigInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("starter", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("horizon", Text, nullable=False),
    Column("left_out", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("libraries", Text, nullable=False),
    Column("label", Text),
)
Index(
    "uq_model_versions_one_champion",
    model_versions.c.stage,
    unique=True,
    sqlite_where=model_versions.c.stage == "champion",
    postgresql_where=model_versions.c.stage == "champion",
)

# All version numbers ever reserved or used, including those of removed versions. Runs still refer to them, so a number
# is never used twice. `used` is false while a number is only reserved.
model_numbers = Table(
    "model_numbers",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("used", Boolean, nullable=False),
)

promotions = Table(
    "promotions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", String(16), nullable=False),
    Column("previous", String(16)),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("why", Text, nullable=False),
)
