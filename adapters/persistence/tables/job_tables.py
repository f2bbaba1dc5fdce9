"""Tables of jobs: runs with their contact lists, searches and uploads, trainings, totals, workers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from adapters.persistence.tables.metadata import Moment, id_column, metadata

# Owner and model version are not foreign keys: a run outlives both, and "system" is not an account.
# `customers`, `leaving` and `mean_probability` repeat values of the summary, for lists and sums.
runs = Table(
    "runs",
    metadata,
    id_column(),
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
    Column("recognition", Text),
    Column("question", Text),
    Column("folder", Text),
    Column("month", String(7)),
    Index(None, "created_at", "id"),
    Index(None, "owner", "created_at"),
    Index(None, "state", "created_at"),
    Index(None, "file_name_folded"),
    Index(None, "customers"),
    Index(None, "leaving"),
)

# Small: its rows are deleted after seconds. A column of `runs` would stand behind texts of many kilobytes.
deleted_runs = Table(
    "deleted_runs",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("batch", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("address", Text, nullable=False),
)

trainings = Table(
    "trainings",
    metadata,
    id_column(),
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
    Column("recognition", Text),
    Column("question", Text),
)

# The contact lists. Model and playbook version are stored in the run and never change after it is done.
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

# Texts that people typed to find customers. URLs contain only the key; the text is stored only here.
customer_searches = Table(
    "customer_searches",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Index(None, "account_id", "at"),
)

uploads = Table(
    "uploads",
    metadata,
    id_column(),
    Column("owner", String(64), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

# Each finished job adds to these totals in one transaction. Rows are never deleted.
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

workers = Table(
    "workers",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("seen_at", Moment, nullable=False),
)
