"""Set-up, registration, log-in and log-out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.accounts.sessions import Admitted
from domain.account import MAX_PASSWORD_LENGTH, LinkPurpose, RegistrationPolicy
from domain.errors import (
    Busy,
    CredentialsRefused,
    DomainError,
    InvalidInput,
    LogInExpired,
    StorageProblem,
    TooManyAttempts,
)
from domain.policy import Place
from entrypoints.web import access, formats
from entrypoints.web.access import application, enrolling, public
from entrypoints.web.accounts.forms import CodeForm, LogInForm, NewAccountForm, RecoveryCodeForm, ResetForm, SetUpForm
from entrypoints.web.form_errors import show_error
from entrypoints.web.htmx import render_page

area = Blueprint("accounts", __name__)

MAX_PERSONAL = 254
"""Maximum characters of a name or email that a password is compared with."""

REGISTERED = "registered_email"
"""In the browser's session: the email that was just registered, for the log-in form."""

POLICY_NOTES = {
    RegistrationPolicy.OPEN: "New accounts have the role analyst and see their own predictions.",
    RegistrationPolicy.DOMAINS: "Addresses of your company’s domains can be registered.",
    RegistrationPolicy.APPROVAL: "An administrator approves new accounts before the first log-in.",
    RegistrationPolicy.INVITATION: "New accounts are by invitation only: ask an administrator for a link.",
}


PAGES = {
    "dashboard": "the dashboard",
    "predictions": "a prediction",
    "history": "the history",
    "campaigns": "campaigns",
    "insights": "insights",
    "models": "models",
    "admin": "administration",
    "profile": "your profile",
    "help": "the help",
}
"""The names of pages by the first part of their paths."""


def _name_of(target: str) -> str:
    """The name of the page that a person is led to after logging in; empty without one."""
    return PAGES.get(urlsplit(target).path.split("/")[1], "the page you asked for") if target else ""


@area.route("/login", methods=["GET", "POST"])
@public
def login() -> Response | WerkzeugResponse:
    if access.must_enrol():
        return access.to_enrolment()
    if access.me() and request.method == "GET":
        return redirect(access.safe_next(request.args.get("next")), code=303)
    email = session.pop(REGISTERED, "") if request.method == "GET" else ""
    form = LogInForm(next=request.args.get("next", ""), email=email)
    status = 200
    if request.method == "GET" and "expired" in request.args:
        flash("Your session has ended. Log in to continue where you were.", "warning")
    if form.validate_on_submit():
        try:
            admitted = application().accounts.log_in(
                form.email.data or "", form.password.data or "", address=access.address(), browser=access.browser()
            )
        except (CredentialsRefused, TooManyAttempts) as error:
            status = show_error(form, error)
        else:
            return _admit(admitted, form.next.data or "")
    elif form.is_submitted():
        status = 422
    target = access.safe_next(form.next.data) if form.next.data else ""
    return render_page("accounts/login.html", status=status, form=form, next_label=_name_of(target))


def _admit(admitted: Admitted, target: str) -> WerkzeugResponse:
    """Redirect to the requested page, or to the second step of the log-in."""
    if admitted.session is not None:
        access.sign_in(admitted.account, admitted.session)
        return redirect(access.safe_next(target), code=303)
    access.hold_log_in(admitted.pending or "")
    return redirect(url_for("accounts.login_code", next=access.safe_next(target)), code=303)


@area.route("/login/code", methods=["GET", "POST"])
@public
def login_code() -> Response | WerkzeugResponse:
    """The second step: a code of the authenticator app, or with ?recovery=1 a recovery code."""
    target = access.safe_next(request.values.get("next"))
    recovery = "recovery" in request.args
    form: CodeForm = RecoveryCodeForm(next=target) if recovery else CodeForm(next=target)
    pending, status = access.held_log_in(), 422 if form.is_submitted() else 200
    try:
        application().second_factor.check_pending_log_in(pending or "")
        if form.validate_on_submit():
            passed = application().second_factor.pass_second_factor(
                pending or "", form.code.data or "", address=access.address(), browser=access.browser()
            )
            access.sign_in(passed.account, passed.session)
            _say_codes_left(passed.codes_left)
            return redirect(target, code=303)
    except LogInExpired as error:
        flash(str(error), "warning")
        return redirect(url_for("accounts.login", next=target), code=303)
    except (InvalidInput, TooManyAttempts) as error:
        status = show_error(form, error)
    return render_page(
        "accounts/login_code.html", status=status, form=form, target=target, recovery=recovery, clock=formats.clock()
    )


def _say_codes_left(left: int | None) -> None:
    """Show how many recovery codes are left after one was used."""
    if left is not None:
        words = f"You used a recovery code; {formats.plural(left, 'code')} left. Get new ones in your profile."
        flash(words, "warning")


@area.post("/logout")
@enrolling
def logout() -> WerkzeugResponse:
    application().accounts.log_out(access.token(), by=access.entrant_actor())
    access.sign_out()
    flash("You are logged out.")
    return access.forget_browser(redirect(url_for("accounts.login"), code=303))


@area.route("/register", methods=["GET", "POST"])
@public
def register() -> Response | WerkzeugResponse:
    form = NewAccountForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            done = application().accounts.register(
                form.name.data or "", form.email.data or "", form.password.data or "", address=access.address()
            )
        except StorageProblem:
            raise
        except DomainError as error:
            status = show_error(form, error)
        else:
            flash(
                "Thank you. An administrator has to approve a new account before its first log-in."
                if done.waits_for_approval
                else "Your account is ready, if this address was new here. Log in with your password."
            )
            session[REGISTERED] = (form.email.data or "")[:MAX_PERSONAL]
            return redirect(url_for("accounts.login"), code=303)
    note = POLICY_NOTES[formats.policy().registration]
    return render_page("accounts/register.html", status=status, form=form, policy_note=note)


@area.post("/register/strength")
@public
def password_strength() -> Response:
    """Rate the password that a user is typing. It is not stored. Answers 204 when the server is too busy to measure it;
    the password is checked again when the form is sent."""
    password = next((request.form[key] for key in ("password", "new_password") if request.form.get(key)), "")
    personal = (request.form.get("name", "")[:MAX_PERSONAL], request.form.get("email", "")[:MAX_PERSONAL])
    try:
        strength, checks = application().accounts.password_rules.measure(
            password[:MAX_PASSWORD_LENGTH], personal=personal, address=access.address()
        )
    except Busy:
        return Response(status=204)
    return render_page(
        "accounts/_strength.html",
        score=strength.score if password else 0,
        advice=strength.advice,
        checks=[(check.ok, check.text) for check in checks],
    )


@area.route("/setup/<token>", methods=["GET", "POST"])
@public
def setup(token: str) -> Response | WerkzeugResponse:
    """Create the administrator account with the one-time link that the first start prints."""
    return _join(token, LinkPurpose.SET_UP)


@area.get("/setup")
@public
def setup_without_link() -> Response:
    return render_page("accounts/setup_without_link.html")


@area.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> Response | WerkzeugResponse:
    return _join(token, LinkPurpose.INVITE)


def _join(token: str, purpose: LinkPurpose) -> Response | WerkzeugResponse:
    link = application().accounts.check_link(token, purpose, address=access.address())
    policy = formats.policy()
    form = (
        SetUpForm(currency=policy.currency, time_zone=policy.time_zone)
        if purpose is LinkPurpose.SET_UP
        else NewAccountForm(email=link.email or "")
    )
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            account = application().accounts.join_by_link(
                token,
                purpose,
                form.name.data or "",
                form.email.data or "",
                form.password.data or "",
                address=access.address(),
                place=_place(form),
            )
        except StorageProblem:
            raise
        except DomainError as error:
            status = show_error(form, error)
        else:
            secret = application().accounts.open_session(account, address=access.address(), browser=access.browser())
            access.sign_in(account, secret)
            return redirect(url_for("dashboard.show"), code=303)
    template = "accounts/setup.html" if purpose is LinkPurpose.SET_UP else "accounts/register.html"
    note = "You are invited. Choose a password to create your account."
    return render_page(template, status=status, form=form, policy_note=note)


def _place(form: NewAccountForm) -> Place | None:
    if not isinstance(form, SetUpForm):
        return None
    return Place((form.currency.data or "").upper(), form.time_zone.data or "")


@area.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> Response | WerkzeugResponse:
    """Set a new password with the reset link from an administrator."""
    link = application().accounts.check_link(token, LinkPurpose.RESET, address=access.address())
    form = ResetForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            application().accounts.reset_password(token, form.new_password.data or "", address=access.address())
        except StorageProblem:
            raise
        except DomainError as error:
            status = show_error(form, error)
        else:
            flash("Your password was changed. Log in with the new one.")
            return redirect(url_for("accounts.login"), code=303)
    return render_page("accounts/reset.html", status=status, form=form, email=link.email or "")
