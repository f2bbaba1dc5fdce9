"""The MetaData with every table in it. Import it from here wherever all tables have to be known."""

from __future__ import annotations

from adapters.persistence.tables import (
    account_tables,
    campaign_tables,
    customer_tables,
    folder_tables,
    grading_tables,
    installation_tables,
    job_tables,
    model_tables,
    recognition_tables,
)
from adapters.persistence.tables.metadata import metadata

__all__ = [
    "account_tables",
    "campaign_tables",
    "customer_tables",
    "folder_tables",
    "grading_tables",
    "installation_tables",
    "job_tables",
    "metadata",
    "model_tables",
    "recognition_tables",
]
