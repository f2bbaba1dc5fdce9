"""Export or erase one customer's data. Customer ids are sent only in forms, because URLs end up in logs."""

from __future__ import annotations

import json

from flask import Response, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import NotFound
from entrypoints.web.access import actor, allow, application
from entrypoints.web.admin.area import area
from entrypoints.web.admin.confirmations import Question, ask
from entrypoints.web.admin.forms import CustomerForm
from entrypoints.web.admin.responses import done
from entrypoints.web.formats import plural
from entrypoints.web.htmx import render_page


@area.get("/customers")
@allow(Permission.ADMINISTER)
def customers() -> Response:
    return _form(CustomerForm())


def _form(form: CustomerForm, status: int = 200) -> Response:
    response = render_page("admin/customers.html", fragment="one_customer", form=form, status=status)
    if status != 200:
        response.headers["HX-Retarget"] = "#one_customer"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


@area.post("/customers/export")
@allow(Permission.ADMINISTER)
def export_customer() -> Response:
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form(form, 422)
    data = application().privacy.export_customer(form.customer_id.data or "", by=actor())
    if not data["found"]:
        raise NotFound("No prediction, list or upload contains this customer.")
    response = Response(json.dumps(data, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=customer.json"
    return response


@area.post("/customers/erase")
@allow(Permission.ADMINISTER)
def ask_erase_customer() -> Response:
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form(form, 422)
    customer_id = (form.customer_id.data or "").strip()
    return ask(
        Question(
            title=f"Erase customer {customer_id}?",
            words="All rows of this customer will be permanently deleted: from results, contact lists, uploaded files "
            "and lists of rejected rows. Totals of finished predictions, figures of campaigns and models stay. "
            "Existing backups still contain the customer.",
            button="Erase customer",
            action=url_for("admin.erase_customer"),
            back=url_for("admin.customers"),
            part="one_customer",
            hidden=(("customer_id", customer_id),),
        )
    )


@area.post("/customers/erase/confirmed")
@allow(Permission.ADMINISTER)
def erase_customer() -> Response | WerkzeugResponse:
    form = CustomerForm()
    if not form.validate_on_submit():
        return _form(form, 422)
    erased = application().privacy.erase_customer(form.customer_id.data or "", by=actor())
    stays = " The do-not-contact list keeps the id, so that nobody contacts them." if erased.stays_listed else ""
    message = (
        f"Erased: {plural(erased.results, 'scored row')}, {plural(erased.contacts, 'entry', 'entries')} of contact "
        f"lists, {plural(erased.campaigns, 'membership')} of campaigns; {plural(erased.files, 'file')} rewritten."
        if erased.anything
        else "No stored data of this customer was found."
    )
    return done(message + stays, url_for("admin.customers"), "one_customer")
