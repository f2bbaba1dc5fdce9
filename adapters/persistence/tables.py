"""Every table, in one MetaData. The migrations build them; a test holds the two to each other.

What is searched or sorted is a column of its own; deep values are JSON text (see `documents`). A `…_folded` column
repeats a text case-folded, so that search and order are the same on every database, beyond ASCII too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import BigInteger, TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time: UTC in the database, aware in Python.

    SQLite gets ISO text of one fixed width, which sorts and compares as time does; others their own type.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


def _id(**options: Any) -> Column[str]:
    return Column("id", String(64), primary_key=True, **options)


accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("last_login_at", Moment),
    Column("password_changed_at", Moment),
)

login_sessions = Table(
    "login_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)

one_time_links = Table(
    "one_time_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), index=True),
    Column("email", String(320)),
    Column("role", String(16)),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("key_mark", String(32), nullable=False),
    Column("seed", String(64)),
    Column("enabled_at", Moment),
    Column("last_step", BigInteger, nullable=False),
    Column("pending_seed", String(64)),
    Column("pending_since", Moment),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("used_at", Moment),
)

pending_log_ins = Table(
    "pending_log_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
)

# What people typed to find customers: the key stands in addresses, the text nowhere else.
customer_searches = Table(
    "customer_searches",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Index(None, "account_id", "at"),
)

# Owner and model version are no foreign keys: a run outlives both, and "system" is no account.
# `customers`, `leaving` and `mean_probability` repeat the summary's, for lists and sums.
runs = Table(
    "runs",
    metadata,
    _id(),
    Column("owner", String(64), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_name_folded", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("model_version", String(16), nullable=False, index=True),
    Column("threshold", Float(53), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("playbook_version", Integer),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("heartbeat_at", Moment),
    Column("worker", Text),
    Column("progress", Text, nullable=False),
    Column("customers", BigInteger, nullable=False),
    Column("leaving", BigInteger, nullable=False),
    Column("mean_probability", Float(53)),
    Column("summary", Text),
    Column("error", Text),
    Column("delete_previous", Boolean, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("matches", Text, nullable=False),
    Column("written", Text),
    Column("stopped", Text),
    Index(None, "created_at", "id"),
    Index(None, "owner", "created_at"),
    Index(None, "state", "created_at"),
    Index(None, "file_name_folded"),
    Index(None, "customers"),
    Index(None, "leaving"),
)

trainings = Table(
    "trainings",
    metadata,
    _id(),
    Column("owner", String(64), nullable=False, index=True),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("request", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("sample", Boolean, nullable=False),
    Column("starter", Boolean, nullable=False),
    Column("promote", Boolean, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("heartbeat_at", Moment),
    Column("worker", Text),
    Column("progress", Text, nullable=False),
    Column("version", String(16)),
    Column("error", Text),
    Column("cancel_requested", Boolean, nullable=False),
)

# The contact lists. Model and playbook version are the run's, which never change once it is done.
contacts = Table(
    "contacts",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("customer_id", Text, nullable=False, index=True),
    Column("attributes", Text, nullable=False),
    Column("month", String(7)),
    Column("monthly_revenue", Float(53)),
    Column("probability", Float(53), nullable=False),
    Column("likely_to_leave", Boolean, nullable=False),
    Column("band", String(16), nullable=False),
    Column("raises", Text, nullable=False),
    Column("lowers", Text, nullable=False),
    Column("action_id", Text, nullable=False),
    Column("action_name", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("value", Float(53), nullable=False),
    Column("offer_cost", Float(53), nullable=False),
    Column("contact_cost", Float(53), nullable=False),
    Column("save_rate", Float(53), nullable=False),
    Column("expected_gain", Float(53), nullable=False),
    Index(None, "run_id", "position"),
)

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
)
Index(
    "uq_model_versions_one_champion",
    model_versions.c.stage,
    unique=True,
    sqlite_where=model_versions.c.stage == "champion",
    postgresql_where=model_versions.c.stage == "champion",
)

# Every number ever reserved or given to a version, removed ones included: runs go on naming them, so none is given
# twice. `used` is false while a number is reserved only.
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

playbooks = Table(
    "playbooks",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("actions", Text, nullable=False),
)

# One row: the policy that somebody saved. None while nobody has.
settings = Table(
    "settings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
)

# Append-only: triggers refuse UPDATE and DELETE (see the first migration).
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

workers = Table(
    "workers",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("seen_at", Moment, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    _id(),
    Column("owner", String(64), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

# Grows by one transaction per ended job; no row is ever deleted.
job_totals = Table(
    "job_totals",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Index(None, "key", "at"),
)

# One row: which installation this database belongs to. `sequence` only rises; the data directory notes it, so that an
# older copy of the database is recognised.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("installation_id", String(64), nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

# Files that are to be deleted. A record is written in the transaction that deletes the row, and removed when the files
# are gone. `until`: the files could be written again by a job that was under way, so they are deleted until then.
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

# SHA-256 that a file may have. A result has one, two while it is being rewritten; an upload, whose hash stands in its
# record, has one here only while it is being rewritten.
file_hashes = Table(
    "file_hashes",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
)

# Backups that were begun. `night` is the local date of a nightly one, and unique: one per night is made.
backups = Table(
    "backups",
    metadata,
    _id(),
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
