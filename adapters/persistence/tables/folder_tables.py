"""Tables of watched folders: rules, and the files that were claimed by them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text
from sqlalchemy.schema import UniqueConstraint

from adapters.persistence.tables.metadata import Moment, id_column, metadata

# The owner is not a foreign key: a rule outlives the account. `looker` is the process that looks at the folder.
folder_rules = Table(
    "folder_rules",
    metadata,
    id_column(),
    Column("folder", Text, nullable=False),
    Column("folder_folded", Text, nullable=False, unique=True),
    Column("then", String(16), nullable=False),
    Column("owner", String(64), nullable=False, index=True),
    Column("results", Text, nullable=False),
    Column("expected", Text),
    Column("paused", Boolean, nullable=False),
    Column("by_command", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("problem", Text, nullable=False),
    Column("looked_at", Moment),
    Column("last_file_at", Moment),
    Column("waiting", Integer, nullable=False),
    Column("looker", Text),
    Column("looker_seen_at", Moment),
)

# One row for each content of a rule, so that nothing is done twice. Names are bytes: file systems allow any.
folder_files = Table(
    "folder_files",
    metadata,
    id_column(),
    Column("rule_id", ForeignKey("folder_rules.id", ondelete="CASCADE"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("written_ns", BigInteger, nullable=False),
    Column("claimed_at", Moment, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("job_id", String(64)),
    Column("target", LargeBinary),
    Column("words", Text, nullable=False),
    Column("ended_at", Moment),
    Column("settled", Boolean, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    UniqueConstraint("rule_id", "sha256"),
)
