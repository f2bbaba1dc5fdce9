"""A campaign's list as a file: the page that chooses members, columns and their names, and the files."""

from __future__ import annotations

from flask import Response, request, send_file, url_for
from werkzeug.datastructures import MultiDict

from domain.account import Permission
from domain.campaign import CampaignId
from domain.campaign_export import DEFAULT_COLUMNS, MAX_HEADER, ListColumn, ListExport
from domain.campaign_members import Status
from domain.campaign_work import EXPORTABLE, OPEN
from domain.errors import InvalidInput
from domain.export import ExportKind
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.list_url import ListUrl
from entrypoints.web.campaigns.words import channel_words
from entrypoints.web.downloads import csv_file, csv_style, named
from entrypoints.web.htmx import render_page
from entrypoints.web.predictions.exports import MIMETYPES


@area.get("/<campaign_id>/export")
@allow(Permission.PREDICT)
def export(campaign_id: str) -> Response:
    """The address holds the whole choice, so that a bookmark keeps it."""
    address = ListUrl.read(CampaignId(campaign_id), request.args, person())
    problem, count = "", 0
    try:
        count = application().campaign_lists.export_list.count(address.campaign_id, _chosen(address), by=person())
    except InvalidInput as error:
        problem = str(error)
    head = application().campaign_lists.open_list.head(address.campaign_id, by=person())
    plan = head.context.campaign.plan
    return render_page(
        "campaigns/export.html",
        fragment="export_form",
        status=422 if problem else 200,
        campaign=head.context.campaign,
        address=address,
        problem=problem,
        count=count,
        columns=[(column, column in _columns(request.args), _name(request.args, column)) for column in ListColumn],
        statuses=[(status, status in _statuses(request.args)) for status in EXPORTABLE],
        channels=sorted({action.channel for action in plan.actions}) if plan else (),
        channel_words=channel_words,
        longest=MAX_HEADER,
        files=_files(campaign_id),
    )


def _files(campaign_id: str) -> list[tuple[str, str]]:
    """What can be downloaded with the choice of this page, and its address."""
    chosen = request.query_string.decode("ascii", "ignore")
    csv_url, xlsx_url = (url_for(f"campaigns.{kind}", campaign_id=campaign_id) for kind in ("csv", "xlsx"))
    asked = f"?{chosen}" if chosen else ""
    programs = f"{csv_url}{asked}&raw=1" if chosen else f"{csv_url}?raw=1"
    return [("CSV", csv_url + asked), ("XLSX", xlsx_url + asked), ("CSV for programs", programs)]


@area.get("/<campaign_id>/export.csv")
@allow(Permission.PREDICT)
def csv(campaign_id: str) -> Response:
    """Sent as it is read."""
    address = ListUrl.read(CampaignId(campaign_id), request.args, person())
    name, pieces = application().campaign_lists.export_list.csv(
        address.campaign_id, _chosen(address), by=actor(), style=csv_style()
    )
    return csv_file(pieces, "list", name, address.query.channel or "")


@area.get("/<campaign_id>/export.xlsx")
@allow(Permission.PREDICT)
def xlsx(campaign_id: str) -> Response:
    """The file is written as a whole and sent from the disk. It has no name any more while it is sent."""
    address, kind = ListUrl.read(CampaignId(campaign_id), request.args, person()), ExportKind.XLSX
    head = application().campaign_lists.open_list.head(address.campaign_id, by=person())
    path = application().campaign_lists.export_list(address.campaign_id, _chosen(address), kind, by=actor())
    size, file = path.stat().st_size, path.open("rb")  # closed with the response
    path.unlink()
    response = send_file(file, mimetype=MIMETYPES[kind])
    response.content_length = size
    return named(response, "list", head.context.campaign.name, address.query.channel or "", ending=kind)


def _chosen(address: ListUrl) -> ListExport:
    """Raises InvalidInput."""
    args = request.args
    return ListExport(
        columns=tuple((column, _name(args, column)) for column in ListColumn if column in _columns(args)),
        channel=address.query.channel,
        statuses=_statuses(args),
        assigned_to=address.query.assigned_to,
    )


def _columns(args: MultiDict[str, str]) -> tuple[ListColumn, ...]:
    chosen = args.getlist("column")
    if not chosen:
        return DEFAULT_COLUMNS
    return tuple(column for column in ListColumn if column.value in chosen)


def _name(args: MultiDict[str, str], column: ListColumn) -> str:
    """An empty field means the usual name."""
    return args.get(f"name-{column}", "").strip() or column.value


def _statuses(args: MultiDict[str, str]) -> tuple[Status, ...]:
    chosen = args.getlist("with")
    return tuple(status for status in EXPORTABLE if status.value in chosen) if chosen else OPEN
