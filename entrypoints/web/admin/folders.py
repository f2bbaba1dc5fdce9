"""Watched folders: the rules with their latest files, and the form of one rule."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.folders.manage_rules import RuleChoice
from domain.account import Permission
from domain.errors import InvalidInput
from domain.export import ExportKind
from domain.folders.expected import EVERY_DAY, Expectation
from domain.folders.rule import FolderRule, FolderRuleId, Then
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.area import area
from entrypoints.web.admin.confirmations import Question, ask
from entrypoints.web.admin.forms import FolderForm
from entrypoints.web.admin.responses import back, done, here
from entrypoints.web.form_errors import show_error
from entrypoints.web.htmx import go, render_page


@area.get("/folders")
@allow(Permission.ADMINISTER)
def folders() -> Response:
    view = application().folders.view(by=person())
    return render_page("admin/folders.html", fragment="folders", view=view, here=here())


@area.route("/folders/new", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def add_folder() -> Response | WerkzeugResponse:
    form = _form(FolderForm(then=Then.PREDICT.value, days=[str(day) for day in EVERY_DAY]))
    if not form.is_submitted():
        form.owner.data = person().id
        return _edit(form, None)
    if not form.validate():
        return _edit(form, None, 422)
    try:
        rule = application().folders.add(form.folder.data or "", _choice(form), by=actor())
    except InvalidInput as error:
        return _edit(form, None, show_error(form, error))
    return done(f"{rule.folder} is watched now.", url_for("admin.folders"), "folders")


@area.route("/folders/<rule_id>", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def change_folder(rule_id: str) -> Response | WerkzeugResponse:
    rule = application().folders.view.one(FolderRuleId(rule_id), by=person())
    form = _form(FolderForm(data=_shown(rule)))
    form.folder.data = rule.folder
    if not form.is_submitted():
        return _edit(form, rule)
    if not form.validate():
        return _edit(form, rule, 422)
    try:
        application().folders.change(rule.id, _choice(form), by=actor())
    except InvalidInput as error:
        return _edit(form, rule, show_error(form, error))
    return done(f"The rule of {rule.folder} was changed.", url_for("admin.folders"), "folders")


@area.post("/folders/<rule_id>/pause")
@allow(Permission.ADMINISTER)
def pause_folder(rule_id: str) -> Response | WerkzeugResponse:
    rule = application().folders.change.pause(FolderRuleId(rule_id), by=actor())
    return done(f"{rule.folder} is paused. Its files wait.", back(url_for("admin.folders")), "folders")


@area.post("/folders/<rule_id>/resume")
@allow(Permission.ADMINISTER)
def resume_folder(rule_id: str) -> Response | WerkzeugResponse:
    try:
        rule = application().folders.change.resume(FolderRuleId(rule_id), by=actor())
    except InvalidInput:  # the form says what is wrong with the account
        return go(url_for("admin.change_folder", rule_id=rule_id))
    return done(f"{rule.folder} is watched again.", back(url_for("admin.folders")), "folders")


@area.route("/folders/<rule_id>/remove", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def remove_folder(rule_id: str) -> Response | WerkzeugResponse:
    if request.method == "POST":
        rule = application().folders.remove(FolderRuleId(rule_id), by=actor())
        return done(f"{rule.folder} is no longer watched.", url_for("admin.folders"), "folders")
    rule = application().folders.view.one(FolderRuleId(rule_id), by=person())
    return ask(
        Question(
            title=f"Stop watching {rule.folder}?",
            words="The rule and its list of files are removed. All files in the folder, in done and in refused stay "
            "where they are, and so do the predictions made from them. A new rule for this folder would use the same "
            "content again.",
            button="Stop watching",
            action=url_for("admin.remove_folder", rule_id=rule_id),
            back=back(url_for("admin.folders")),
            part="folders",
        )
    )


def _form(form: FolderForm) -> FolderForm:
    owners = application().folders.view.owners(by=person())
    form.offer_owners([(str(account.id), f"{account.name} ({account.role_label.lower()})") for account in owners])
    return form


def _shown(rule: FolderRule) -> dict[str, object]:
    """The values of the form for a rule."""
    expected = rule.expected
    return {
        "then": rule.then.value,
        "owner": rule.owner,
        "results": [kind.value for kind in rule.results],
        "is_expected": expected is not None,
        "by": expected.by if expected else None,
        "days": [str(day) for day in (expected.days if expected else EVERY_DAY)],
    }


def _choice(form: FolderForm) -> RuleChoice:
    """Raises InvalidInput."""
    then = Then(form.then.data)
    expected = None
    if form.is_expected.data:
        if form.by.data is None:
            raise InvalidInput("Enter the time by which the file is expected, such as 05:00.", field="by")
        expected = Expectation(form.by.data, tuple(int(day) for day in form.days.data or ()))
    results = tuple(ExportKind(kind) for kind in form.results.data or ()) if then is Then.PREDICT else ()
    return RuleChoice(then, form.owner.data, results, expected)


def _edit(form: FolderForm, rule: FolderRule | None, status: int = 200) -> Response:
    return render_page(
        "admin/folder.html",
        form=form,
        rule=rule,
        root=application().folders.view.root(),
        choices=application().folders.view.choices(by=person()) if rule is None else (),
        status=status,
    )
