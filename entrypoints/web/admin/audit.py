"""The audit log: list it, filter it by person, action and time, and export it as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request

from application.queries import AuditEntry, AuditQuery
from domain.account import Permission
from domain.csv_text import csv_pieces
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.area import area
from entrypoints.web.admin.forms import AuditFilterForm
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.formats import policy
from entrypoints.web.htmx import render_page, wants_fragment

A_PAGE = 50
HEADER = ("When", "Who", "What", "On what", "From where")


@area.get("/audit")
@allow(Permission.ADMINISTER)
def audit() -> Response:
    filters = _filters()
    number = page_number()
    entries = application().administration.read_audit(_query(offset=(number - 1) * A_PAGE, limit=A_PAGE), by=person())
    return render_page(
        "admin/audit.html",
        fragment="entries",
        in_place=wants_fragment(),
        log=entries,
        filters=filters,
        page=Page(number, A_PAGE, entries.total, "admin.audit", filters),
    )


@area.get("/audit.csv")
@allow(Permission.ADMINISTER)
def export_audit() -> Response:
    chunks = application().administration.export_audit(_query(), by=actor())
    zone = ZoneInfo(policy().time_zone)
    return csv_file(csv_pieces(HEADER, _rows(chunks, zone), csv_style()), "audit-log")


def _filters() -> dict[str, str]:
    return {key: request.args[key][:200] for key in ("q", "action", "since", "until") if request.args.get(key)}


def _query(*, offset: int = 0, limit: int = A_PAGE) -> AuditQuery:
    form, zone = AuditFilterForm(request.args), ZoneInfo(policy().time_zone)
    form.validate()
    since, until = form.since.data, form.until.data
    return AuditQuery(
        search=(form.q.data or "")[:200],
        action=(form.action.data or "")[:200],
        since=None if since is None else datetime.combine(since, time.min, zone),
        until=None if until is None else datetime.combine(until, time.min, zone) + timedelta(days=1),
        offset=offset,
        limit=limit,
    )


def _rows(chunks: Iterable[Sequence[AuditEntry]], zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for chunk in chunks:
        for entry in chunk:
            at = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
            yield at, entry.actor, entry.action, entry.subject, entry.address
