"""A person's saved views of the list of customers, above it for every prediction."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from domain.account import Permission
from domain.run import RunId
from entrypoints.web.access import allow, application, person
from entrypoints.web.htmx import go
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.result import address_of
from entrypoints.web.predictions.searching import search_of


@area.post("/<run_id>/views")
@allow(Permission.READ)
def save_view(run_id: str) -> Response:
    """Save the filters, the order and the grouping of the page under a name."""
    view = application().predictions.view_run(RunId(run_id), by=person())
    address = address_of(view, request.form, search_of(request.form))
    saved = application().predictions.save_view(request.form.get("name", ""), address.query, address.group, by=person())
    flash(f"The view “{saved.name}” is saved. You find it above the customers of every prediction.")
    return go(address.to())


@area.post("/<run_id>/views/<view_id>/remove")
@allow(Permission.READ)
def remove_view(run_id: str, view_id: str) -> Response:
    application().predictions.remove_view(view_id, by=person())
    flash("The saved view was removed.")
    return go(url_for("predictions.show", run_id=run_id))
