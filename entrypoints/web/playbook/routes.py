"""Pages of the playbook: the actions, one action with its preview, versions, and the playbook as a file."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.playbook.read_playbook import PlaybookView
from domain.account import Permission
from domain.errors import Conflict, InvalidInput
from domain.playbook import Action
from domain.playbook_document import NotAPlaybook, action_from
from domain.playbook_versions import PlaybookVersion
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.form_errors import renew, show_error
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.playbook.forms import ActionForm, ImportForm, blank, id_of, shown
from entrypoints.web.playbook.words import attribute_choices, change_rows, offer_words

area = Blueprint("playbook", __name__, url_prefix="/admin/playbook")


@area.get("")
@allow(Permission.EDIT_PLAYBOOK)
def index() -> Response:
    return _index(ImportForm())


def _index(form: ImportForm, status: int = 200) -> Response:
    view = application().playbooks.read_playbook(by=person())
    renew(form.based_on, view.latest)
    whole = person().can(Permission.ADMINISTER)
    return render_page("playbook/index.html", view=view, form=form, whole=whole, offer_words=offer_words, status=status)


@area.post("/confirm")
@allow(Permission.EDIT_PLAYBOOK)
def confirm() -> Response:
    change = application().playbooks.change_playbook
    return _changed(
        lambda: change.confirm(request.form.getlist("action"), based_on=_based_on(), by=actor()),
        lambda saved: f"{saved.note}.",
    )


def _changed(change: Callable[[], PlaybookVersion], words: Callable[[PlaybookVersion], str]) -> Response:
    """The playbook after a change; as it is now, with the reason, where somebody else changed it first."""
    try:
        flash(words(change()))
    except Conflict as error:
        flash(str(error), "error")
    return go(url_for("playbook.index"))


@area.route("/actions/new", methods=["GET", "POST"])
@allow(Permission.EDIT_PLAYBOOK)
def add() -> Response | WerkzeugResponse:
    view = application().playbooks.read_playbook(by=person())
    form = ActionForm(data=blank(view.latest))
    if form.is_submitted():
        return _save(form, view, id_of(form.name.data or "", {action.id for action in view.playbook.actions}))
    return _edit(form, view, None)


@area.route("/actions/<action_id>", methods=["GET", "POST"])
@allow(Permission.EDIT_PLAYBOOK)
def edit(action_id: str) -> Response | WerkzeugResponse:
    view = application().playbooks.read_playbook(by=person())
    action = view.action(action_id)
    form = ActionForm(data=shown(action, view.latest))
    if form.is_submitted():
        return _save(form, view, action_id, action)
    return _edit(form, view, action)


@area.post("/preview")
@allow(Permission.EDIT_PLAYBOOK)
def preview() -> Response:
    """What the form's action would change, while it is being edited. It is a part of the page alone."""
    if not wants_fragment():
        return go(url_for("playbook.index"))
    view = application().playbooks.read_playbook(by=person())
    form = ActionForm()
    action_id = request.args.get("action") or "new-action"
    action = _entered(form, view, action_id)
    seen = application().playbooks.preview_playbook.with_action(action, by=person()) if action else None
    return render_page(
        "playbook/edit.html",
        fragment="preview",
        preview=seen,
        entered=action,
        form=form,
        unknown=view.unknown_names(action) if action else (),
    )


@area.route("/actions/<action_id>/remove", methods=["GET", "POST"])
@allow(Permission.EDIT_PLAYBOOK)
def remove(action_id: str) -> Response | WerkzeugResponse:
    view = application().playbooks.read_playbook(by=person())
    action = view.action(action_id)
    if request.method == "POST":
        change = application().playbooks.change_playbook
        return _changed(
            lambda: change.remove(action_id, based_on=_based_on(), by=actor()),
            lambda saved: f"{saved.note}. Restore an earlier version to bring it back.",
        )
    seen = application().playbooks.preview_playbook.without_action(action_id, by=person())
    return render_page("playbook/remove.html", view=view, action=action, preview=seen)


@area.get("/versions")
@allow(Permission.EDIT_PLAYBOOK)
def versions() -> Response:
    read = application().playbooks.read_playbook
    listed = read.versions(by=person())
    latest = listed[0].number
    after = request.args.get("after", default=latest, type=int)
    before = request.args.get("before", default=max(1, after - 1), type=int)
    changes = change_rows(read.compare(before, after, by=person()))
    return render_page(
        "playbook/versions.html",
        fragment="differences",
        versions=listed,
        before=before,
        after=after,
        latest=latest,
        changes=changes,
        whole=person().can(Permission.ADMINISTER),
    )


@area.post("/versions/<int:number>/restore")
@allow(Permission.EDIT_PLAYBOOK)
def restore(number: int) -> Response:
    change = application().playbooks.change_playbook
    return _changed(
        lambda: change.restore(number, based_on=_based_on(), by=actor()),
        lambda saved: f"{saved.note}. It is version {saved.number} now.",
    )


@area.get("/export.yaml")
@allow(Permission.EDIT_PLAYBOOK)
def export() -> Response:
    number, text = application().playbooks.export_playbook(request.args.get("version", type=int), by=person())
    headers = {"Content-Disposition": f'attachment; filename="playbook-{number}.yaml"'}
    return Response(text, mimetype="application/yaml", headers=headers)


@area.post("/import")
@allow(Permission.EDIT_PLAYBOOK)
def take_in() -> Response | WerkzeugResponse:
    form = ImportForm()
    file = form.file.data
    try:
        if not file:
            raise InvalidInput("Choose a file.", field="file")
        saved, changes = application().playbooks.import_playbook(file.read(), based_on=_based_on(), by=actor())
    except (Conflict, InvalidInput) as error:
        if isinstance(error, NotAPlaybook):
            form.file.errors = [f"{where}: {what}" if where else what for where, what in error.problems]
            return _index(form, 422)
        return _index(form, show_error(form, error))
    flash(f"The playbook was imported as version {saved.number}: {len(changes)} of its actions differ.")
    return go(url_for("playbook.versions"))


def _save(
    form: ActionForm, view: PlaybookView, action_id: str, action: Action | None = None
) -> Response | WerkzeugResponse:
    entered = _entered(form, view, action_id, action)
    if entered is None:
        return _edit(form, view, action, 422)
    try:
        saved = application().playbooks.change_playbook.save(
            entered, based_on=_based_on(), by=actor(), why=form.why.data or ""
        )
    except InvalidInput as error:
        return _edit(form, view, action, show_error(form, error))
    except Conflict as error:
        now = application().playbooks.read_playbook(by=person())
        renew(form.based_on, now.latest)
        again = Conflict(
            f"{error} What you entered is still in the form: saving puts it in the place of what is there."
        )
        return _edit(form, now, action, show_error(form, again))
    flash(f"{saved.note}. New predictions use version {saved.number} of the playbook.")
    return go(url_for("playbook.index"))


def _entered(form: ActionForm, view: PlaybookView, action_id: str, action: Action | None = None) -> Action | None:
    """The action of the form; None where something is wrong with it, which the form then shows."""
    valid = form.validate()
    try:
        entered = action_from(form.document(action_id, bool(action and action.confirmed)), view.columns)
    except NotAPlaybook as wrong:
        form.show(wrong)
        return None
    return entered if valid else None


def _edit(form: ActionForm, view: PlaybookView, action: Action | None, status: int = 200) -> Response:
    return render_page(
        "playbook/edit.html",
        form=form,
        view=view,
        action=action,
        attributes=attribute_choices(view.columns.schema),
        status=status,
    )


def _based_on() -> int:
    number = request.form.get("based_on", type=int)
    return number if number is not None else abort(400)
