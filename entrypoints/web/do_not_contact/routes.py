"""Pages of the do-not-contact list. Customers' ids are sent in forms only: URLs end up in logs."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import Conflict, DomainError, FileRefused, InvalidInput, StorageProblem
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.confirmations import Question, ask
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.responses import back, done, here
from entrypoints.web.do_not_contact.download import csv_of
from entrypoints.web.do_not_contact.forms import AddForm, CustomerIdForm, FileForm
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.form_errors import show_error
from entrypoints.web.formats import plural
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions.searching import Searched, search_of
from entrypoints.web.urls import url_of

area = Blueprint("do_not_contact", __name__, url_prefix="/admin/do-not-contact")
A_PAGE = 25


@area.get("")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def index() -> Response:
    searched = search_of(request.args)
    if "q" in request.args and not wants_fragment():
        return go(_address(searched))
    return _index(searched)


def _index(
    searched: Searched, *, add: AddForm | None = None, take: FileForm | None = None, status: int = 200
) -> Response:
    number = page_number()
    listed = application().do_not_contact.read(searched.text, offset=(number - 1) * A_PAGE, limit=A_PAGE, by=person())
    filters = {"s": searched.key} if searched.key else {}
    return render_page(
        "do_not_contact/index.html",
        fragment="listed",
        status=status,
        in_place=wants_fragment(),
        listed=listed,
        page=Page(number, A_PAGE, listed.matching, "do_not_contact.index", filters),
        searched=searched,
        add=add or AddForm(),
        take=take or FileForm(),
        whole=person().can(Permission.ADMINISTER),
        here=here() if request.endpoint == "do_not_contact.index" else _address(searched),
    )


def _address(searched: Searched) -> str:
    return url_of("do_not_contact.index", {"s": searched.key} if searched.key else {})


@area.post("/search")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def search() -> Response:
    """The customers of a search; the URL holds the key of the search, not its text."""
    searched = search_of(request.form)
    if not wants_fragment():
        return go(_address(searched))
    response = _index(searched)
    response.headers["HX-Push-Url"] = _address(searched)
    return response


@area.post("/add")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def add() -> Response:
    form = AddForm()
    if not form.validate_on_submit():
        return _index(Searched(), add=form, status=422)
    try:
        application().do_not_contact.change.add(form.customer_id.data or "", why=form.note.data or "", by=actor())
    except (Conflict, InvalidInput) as error:
        return _index(Searched(), add=form, status=show_error(form, error))
    flash("The customer is on the list. No campaign contacts them.")
    return go(url_for("do_not_contact.index"))


@area.post("/remove")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def ask_remove() -> Response:
    customer_id = request.form.get("customer_id", "")
    return ask(
        Question(
            title=f"Remove {customer_id} from the list?",
            words="Campaigns may contact this customer again. Remove only customers who agreed to it.",
            button="Remove",
            action=url_for("do_not_contact.remove"),
            back=back(url_for("do_not_contact.index")),
            part="listed",
            hidden=(("customer_id", customer_id),),
        )
    )


@area.post("/remove/confirmed")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def remove() -> Response | WerkzeugResponse:
    application().do_not_contact.change.remove(request.form.get("customer_id", ""), by=actor())
    return done("The customer may be contacted again.", back(url_for("do_not_contact.index")), "listed")


@area.post("/check")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def check() -> Response:
    """What a file of ids holds. Nothing is added yet."""
    form = FileForm()
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise FileRefused("Choose a file with the customers’ ids first.")
        found = application().do_not_contact.take_in.check(file.stream, file.filename, by=person())
    except StorageProblem:
        raise
    except DomainError as error:
        return _index(Searched(), take=form, status=show_error(form, error))
    return render_page("do_not_contact/check.html", check=found, whole=person().can(Permission.ADMINISTER))


@area.post("/take-in")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def take_in() -> Response:
    added = application().do_not_contact.take_in.add(
        request.form.get("sha256", ""), request.form.get("file_name", ""), by=actor()
    )
    flash(f"{plural(added, 'customer')} added to the list.")
    return go(url_for("do_not_contact.index"))


@area.post("/forget")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def forget() -> Response:
    """Delete the checked file instead of adding it."""
    application().do_not_contact.take_in.forget(by=person())
    flash("The file was deleted. Nothing was added.")
    return go(url_for("do_not_contact.index"))


@area.get("/list.csv")
@allow(Permission.EDIT_DO_NOT_CONTACT)
def download() -> Response:
    parts = application().do_not_contact.export(by=actor())
    return csv_file(csv_of(parts, csv_style()), "do-not-contact")


@area.route("/look-up", methods=["GET", "POST"])
@allow(Permission.PREDICT)
def look_up() -> Response:
    """Whether one customer may be contacted, for people who do not edit the list."""
    form = CustomerIdForm()
    entry, asked, status = None, "", 200
    if form.is_submitted():
        if form.validate():
            try:
                entry = application().do_not_contact.look_up(form.customer_id.data or "", by=person())
                asked = (form.customer_id.data or "").strip()
            except InvalidInput as error:
                status = show_error(form, error)
        else:
            status = 422
    return render_page("do_not_contact/look_up.html", form=form, entry=entry, asked=asked, status=status)
