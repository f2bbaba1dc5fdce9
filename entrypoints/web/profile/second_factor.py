"""The user's second factor: set up, recovery codes, turn off. Also open to users who must set one up first."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import DomainError
from entrypoints.web import access, formats
from entrypoints.web.access import actor, allow, application, enrolling, entrant, entrant_actor
from entrypoints.web.accounts.forms import CurrentPasswordForm, EnrolmentForm
from entrypoints.web.form_errors import show_error
from entrypoints.web.htmx import render_page

area = Blueprint("second_factor", __name__, url_prefix="/profile/second-factor")


@area.get("")
@enrolling
def show() -> Response:
    return _shown()


@area.post("/begin")
@enrolling
def begin() -> WerkzeugResponse:
    """Create a key and show it."""
    application().second_factor.begin_enrolment(by=entrant())
    return redirect(url_for("second_factor.show"), code=303)


@area.post("/confirm")
@enrolling
def confirm() -> Response:
    form = EnrolmentForm()
    if form.validate_on_submit():
        try:
            codes = application().second_factor.confirm_enrolment(
                form.current_password.data or "",
                form.code.data or "",
                by=entrant_actor(),
                token=access.token(),
            )
        except DomainError as error:
            return _shown(enrolment=form, status=show_error(form, error))
        access.renew_session()
        return _codes_shown(codes, "Your second factor is on. All your other sessions have ended.")
    return _shown(enrolment=form, status=422)


@area.post("/codes")
@allow(Permission.READ)
def renew_codes() -> Response:
    form = CurrentPasswordForm(prefix="codes")
    if form.validate_on_submit():
        try:
            codes = application().second_factor.renew_recovery_codes(form.current_password.data or "", by=actor())
        except DomainError as error:
            return _shown(renewal=form, status=show_error(form, error))
        access.renew_session()
        return _codes_shown(codes, "These codes replace all earlier ones.")
    return _shown(renewal=form, status=422)


@area.post("/disable")
@allow(Permission.READ)
def disable() -> Response | WerkzeugResponse:
    form = CurrentPasswordForm(prefix="disable")
    if form.validate_on_submit():
        try:
            application().second_factor.disable_second_factor(
                form.current_password.data or "", by=actor(), token=access.token()
            )
        except DomainError as error:
            return _shown(disabling=form, status=show_error(form, error))
        access.renew_session()
        flash("Your second factor is off. All your other sessions have ended.")
        return redirect(url_for("profile.show"), code=303)
    return _shown(disabling=form, status=422)


def _shown(
    *,
    enrolment: FlaskForm | None = None,
    renewal: FlaskForm | None = None,
    disabling: FlaskForm | None = None,
    status: int = 200,
) -> Response:
    return render_page(
        "profile/second_factor.html",
        status=status,
        layout=_layout(),
        alone=access.must_enrol(),
        factor=application().second_factor.view_second_factor(by=entrant()),
        enrolment=enrolment or EnrolmentForm(formdata=None),
        renewal=renewal or CurrentPasswordForm(prefix="codes", formdata=None),
        disabling=disabling or CurrentPasswordForm(prefix="disable", formdata=None),
        clock=formats.clock(),
    )


def _codes_shown(codes: tuple[str, ...], words: str) -> Response:
    return render_page(
        "profile/recovery_codes.html",
        layout=_layout(),
        codes=codes,
        words=words,
        file=_as_text(codes),
    )


def _as_text(codes: tuple[str, ...]) -> str:
    """The codes as a text file with the URL of the site."""
    lines = [
        "NetOne Churn recovery codes",
        access.link_to("public.home"),
        "Each works once, instead of a code of the app.",
        "",
    ]
    return "\n".join([*lines, *codes, ""])


def _layout() -> str:
    """The layout without the menu for users who must set up a second factor first."""
    return "alone.html" if access.must_enrol() else "shell.html"
