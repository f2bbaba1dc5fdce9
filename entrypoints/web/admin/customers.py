"""One customer's data: to hand out, or to erase everywhere. Ids travel in forms alone: addresses end up in logs."""

from __future__ import annotations

import json

from flask import Response, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import NotFound
from entrypoints.web.access import address, allow, desk, person
from entrypoints.web.admin.answers import done
from entrypoints.web.admin.area import area
from entrypoints.web.admin.forms import CustomerForm
from entrypoints.web.admin.questions import Question, ask
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
    data = desk().export_customer(form.customer_id.data or "", by=person(), address=address())
    if not data["found"]:
        raise NotFound("No prediction, contact list or upload holds this customer.")
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
            words="Every row of theirs goes for good: from results, contact lists, uploaded files and rejected rows. "
            "Sums of finished predictions stay, and so do models. Backups made before still hold the customer.",
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
    erased = desk().erase_customer(form.customer_id.data or "", by=person(), address=address())
    message = (
        f"Erased: {plural(erased.results, 'scored row')}, {plural(erased.contacts, 'entry', 'entries')} of contact "
        f"lists; {plural(erased.files, 'file')} rewritten."
        if erased.anything
        else "Nothing here holds this customer any more."
    )
    return done(message, url_for("admin.customers"), "one_customer")
