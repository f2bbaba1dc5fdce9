"""The user's own account: name, password, sessions, theme and data."""

from __future__ import annotations

import json

from flask import Blueprint, Response, flash, make_response, request, url_for

from domain.account import Permission
from domain.csv_style import CsvStyle
from domain.errors import DomainError, InvalidInput, StorageProblem
from entrypoints.web import access
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.accounts.forms import CurrentPasswordForm, DeleteAccountForm, PasswordForm, ProfileForm
from entrypoints.web.downloads import own_style, proposed_style
from entrypoints.web.form_errors import show_error
from entrypoints.web.formats import plural
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.profile.browsers import browser_words

area = Blueprint("profile", __name__, url_prefix="/profile")


@area.get("")
@allow(Permission.READ)
def show() -> Response:
    return _shown()


def _shown(
    fragment: str = "profile_page",
    *,
    profile: ProfileForm | None = None,
    password: PasswordForm | None = None,
    asks_password: bool = False,
    status: int = 200,
) -> Response:
    account = person()
    return render_page(
        "profile/show.html",
        fragment=fragment,
        status=status,
        account=account,
        profile_form=profile or ProfileForm(prefix="account", name=account.name, email=account.email),
        password_form=password or PasswordForm(),
        asks_password=asks_password,
        sessions=application().accounts.list_sessions(access.token(), by=account),
        factor=application().second_factor.view_second_factor(by=account),
        tokens=len(application().accounts.list_tokens(by=account)),
        browser_words=browser_words,
        csv_styles=list(CsvStyle),
        own_style=own_style(),
        proposed_style=proposed_style(),
    )


@area.post("")
@allow(Permission.READ)
def edit() -> Response:
    """Save name and email. A changed email requires the current password."""
    account, form, status = person(), ProfileForm(prefix="account"), 422
    moves = (form.email.data or "").strip().lower() != account.email
    if form.validate_on_submit():
        try:
            _save(form)
        except StorageProblem:
            raise
        except DomainError as error:
            status = show_error(form, error)
        else:
            if moves:
                access.renew_session()
            flash("Your profile was saved.")
            return go(url_for("profile.show"))
    return _shown("profile_form", profile=form, asks_password=moves, status=status)


def _save(form: ProfileForm) -> None:
    application().accounts.edit_profile(
        form.name.data or "",
        form.email.data or "",
        by=actor(),
        current_password=form.current_password.data or "",
    )


@area.post("/csv")
@allow(Permission.READ)
def choose_csv_style() -> Response:
    """Remember how CSV files are written for this person, and return to the page with the choice."""
    asked = request.form.get("style", "")
    if asked not in set(CsvStyle):
        raise InvalidInput("Choose one of the ways to write CSV files.", field="style")
    style = CsvStyle(asked)
    application().accounts.choose_csv_style(style, by=actor())
    flash(f"From now on, your downloads are {style.noun}.")
    return go(access.safe_next(request.form.get("back")) if request.form.get("back") else url_for("profile.show"))


@area.post("/password")
@allow(Permission.READ)
def change_password() -> Response:
    form, status = PasswordForm(), 422
    if form.validate_on_submit():
        try:
            application().accounts.change_password(
                form.current_password.data or "",
                form.new_password.data or "",
                by=actor(),
                token=access.token(),
            )
        except StorageProblem:
            raise
        except DomainError as error:
            status = show_error(form, error)
        else:
            access.renew_session()
            flash("Your password was changed. All your other sessions have ended.")
            return go(url_for("profile.show"))
    return _shown("password_form", password=form, status=status)


@area.route("/sessions/end-others", methods=["GET", "POST"])
@allow(Permission.READ)
def end_other_sessions() -> Response:
    """Ask for the password and end the user's other sessions."""
    form = CurrentPasswordForm(prefix="sessions")
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            ended = application().accounts.end_other_sessions(
                form.current_password.data or "", by=actor(), token=access.token()
            )
        except DomainError as error:
            status = show_error(form, error)
        else:
            access.renew_session()
            flash(f"{plural(ended, 'other session')} ended." if ended else "No other session was open.")
            return go(url_for("profile.show"))
    return render_page(
        "profile/end_sessions.html", fragment="end_sessions", status=status, form=form, in_place=wants_fragment()
    )


@area.get("/my-data.json")
@allow(Permission.READ)
def my_data() -> Response:
    """Download all stored data about the user as JSON."""
    data = application().accounts.download_my_data(access.token(), by=actor())
    response = make_response(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="netone-churn-my-data.json"'
    return response


@area.route("/delete", methods=["GET", "POST"])
@allow(Permission.READ)
def delete() -> Response:
    """Show what will be deleted, ask for the password, and delete the account."""
    form = DeleteAccountForm(prefix="delete")
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            application().accounts.delete_account(form.current_password.data or "", by=actor())
        except StorageProblem:
            raise
        except DomainError as error:
            status = show_error(form, error)
        else:
            access.sign_out()
            flash("Your account was deleted.")
            response = go(url_for("accounts.login"))
            access.forget_browser(response)
            return response
    return render_page(
        "profile/delete.html",
        fragment="delete_account",
        status=status,
        form=form,
        plan=application().accounts.plan_account_deletion(by=person()),
        in_place=wants_fragment(),
    )
