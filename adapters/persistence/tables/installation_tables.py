"""Tables of the installation: settings, playbooks, audit log, stored files and backups."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text

from adapters.persistence.tables.metadata import Moment, id_column, metadata

# At most one row: the saved policy. No row while the defaults apply.
settings = Table(
    "settings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
)

playbooks = Table(
    "playbooks",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("actions", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment),
)

# Append-only: triggers reject UPDATE and DELETE (see the first migration).
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("text_folded", Text, nullable=False),
)

# One row: the installation that this database belongs to. `sequence` only increases. The data directory records it too,
# so that an older copy of the database is detected.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("installation_id", String(64), nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

# Files that still have to be deleted. The transaction that deletes a row writes the record; it is removed after the
# files are deleted. `until`: a running job could write the files again, so the deletion is repeated until then.
pending_deletions = Table(
    "pending_deletions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(64), nullable=False, index=True),
    Column("parts", Text, nullable=False),
    Column("due", Moment, nullable=False, index=True),
    Column("until", Moment),
    Column("unless_listed", Boolean, nullable=False),
)

# Accepted SHA-256 of a file. A result has one, and two while it is rewritten. An upload's hash is in its own record; it
# has a second one here only while it is rewritten.
file_hashes = Table(
    "file_hashes",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
)

# Started backups. `night` is the local date of a nightly backup. It is unique, so there is one backup per night.
backups = Table(
    "backups",
    metadata,
    id_column(),
    Column("night", String(10), unique=True),
    Column("started_at", Moment, nullable=False, index=True),
    Column("seen_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("state", String(16), nullable=False),
    Column("worker", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("error", Text),
)
