"""Query parameters and result records that entrypoints use.

The ports define them, because the adapters run the queries. Entrypoints import them from here and never import a port.
"""

from __future__ import annotations

from application.ports.audit import AuditEntry, AuditQuery
from application.ports.campaign_records import MemberPage, MemberQuery
from application.ports.exports import ExportRecord, ExportState
from application.ports.job_records import JobTotal
from application.ports.models import Explanation
from application.ports.predictions import Contact
from application.ports.results import Contribution, CustomerPage, Group, ScoredCustomer, ThresholdFigures
from application.ports.runs import RunQuery
from application.ports.system import StorageUse
from domain.customer_query import AttributeFilter, CustomerGroup, CustomerQuery

__all__ = [
    "AttributeFilter",
    "AuditEntry",
    "AuditQuery",
    "Contact",
    "Contribution",
    "CustomerGroup",
    "CustomerPage",
    "CustomerQuery",
    "Explanation",
    "ExportRecord",
    "ExportState",
    "Group",
    "JobTotal",
    "MemberPage",
    "MemberQuery",
    "RunQuery",
    "ScoredCustomer",
    "StorageUse",
    "ThresholdFigures",
]
