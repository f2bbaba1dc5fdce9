"""Access control: the current user, and the permission that each route requires. A route without one is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Account, Permission
from domain.actor import Actor
from domain.api_token import Scope
from entrypoints.application import Application
from entrypoints.settings import Settings
from entrypoints.web.hosts import UNKNOWN_ADDRESS, is_local
from entrypoints.web.htmx import redirected, wants_fragment
from entrypoints.web.monitoring_access import may_monitor

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
MONITORING = "monitoring"
ENROLLING = "enrolling"
UNGUARDED = frozenset({"static", "vendor_file", "script_module", "stylesheet", "help.picture"})
"""Endpoints of static assets and pictures of the help, which contain no personal data."""


def public(view: View) -> View:
    """Mark a route as open to everyone."""
    return _requiring(view, PUBLIC)


def for_monitoring(view: View) -> View:
    """Mark a route as open to monitoring systems (see `monitoring_access`); everyone else gets 404."""
    return _requiring(view, MONITORING)


def enrolling(view: View) -> View:
    """Mark a route as open to every logged-in user, including those who still have to set up a second factor."""
    return _requiring(view, ENROLLING)


def for_tokens(scope: Scope) -> Callable[[View], View]:
    """Mark a route of the API as open to programs with a token that has the scope."""

    def mark(view: View) -> View:
        return _requiring(view, scope)

    return mark


def allow(permission: Permission) -> Callable[[View], View]:
    """Mark a route as open to logged-in users whose role has the permission."""

    def mark(view: View) -> View:
        return _requiring(view, permission)

    return mark


def _requiring(view: View, required: str | Permission | Scope) -> View:
    view.required = required  # type: ignore[attr-defined]  # Flask stores the function, so `required_by` can read the mark
    return view


def required_by(app: Flask, endpoint: str) -> str | Permission | Scope | None:
    """The permission or mark that a route requires; None if it has none."""
    if endpoint in UNGUARDED:
        return PUBLIC
    return getattr(app.view_functions[endpoint], "required", None)


class Person(UserMixin):
    """A logged-in user for Flask-Login. Its id is the secret of the session.

    `must_enrol`: the user has to set up a second factor first and can reach nothing else.
    """

    def __init__(self, account: Account, token: str, *, must_enrol: bool = False) -> None:
        self.account = account
        self.token = token
        self.must_enrol = must_enrol

    def get_id(self) -> str:
        return self.token


def application() -> Application:
    """The application's use cases."""
    return cast(Application, current_app.extensions["netone"])


def me() -> Account | None:
    """The logged-in account, unless it still has to set up a second factor."""
    return current_user.account if current_user.is_authenticated and not current_user.must_enrol else None


def entrant() -> Account:
    """The logged-in account, on routes that are open before a second factor is set up."""
    if not current_user.is_authenticated:
        abort(401)
    return cast(Account, current_user.account)


def must_enrol() -> bool:
    """Whether the logged-in user has to set up a second factor first."""
    return bool(current_user.is_authenticated and current_user.must_enrol)


def person() -> Account:
    """The logged-in account, on routes that require a login."""
    account = me()
    if account is None:
        abort(401)
    return account


def token() -> str:
    """The secret of the current session."""
    return str(current_user.token)


def address() -> str:
    """The client's IP address."""
    return request.remote_addr or UNKNOWN_ADDRESS


def actor() -> Actor:
    """The logged-in account and the client's IP address, for use cases that write to the audit log."""
    return Actor(person(), address())


def entrant_actor() -> Actor:
    """The same on routes that are open before a second factor is set up."""
    return Actor(entrant(), address())


def browser() -> str:
    return request.headers.get("User-Agent", "")[:200]


PENDING = "pending_log_in"


def hold_log_in(secret: str) -> None:
    """Store in this browser's cookie the secret of a log-in that waits for its second factor. Does not log in."""
    session.clear()
    session[PENDING] = secret


def held_log_in() -> str | None:
    return session.get(PENDING)


def sign_in(account: Account, secret: str) -> None:
    """Start a new browser session. Everything stored in the previous one is discarded."""
    session.clear()
    login_user(Person(account, secret))
    session.permanent = True


def renew_session() -> None:
    """Give the browser a new session secret after the user entered the password again."""
    secret = application().accounts.renew_session(token())
    if secret is not None:
        login_user(Person(entrant(), secret, must_enrol=must_enrol()))


def sign_out() -> None:
    logout_user()
    session.clear()


CLEARED_AT_LOG_OUT = '"cache"'
"""Clears cached pages, which the back button could show. Storage holds only the theme; the cookie is cleared anyway."""


def forget_browser(response: WerkzeugResponse) -> WerkzeugResponse:
    """Tell the browser to clear its cache of this site when a session ends."""
    response.headers["Clear-Site-Data"] = CLEARED_AT_LOG_OUT
    return response


def link_to(endpoint: str, **values: Any) -> str:
    """A URL to give to another person. Without configured host names it has no host, except a local one, because the
    Host header of a request is not trusted; the page completes the URL from the browser's address bar."""
    return url_for(endpoint, _external=bool(current_app.config["NETONE_HOSTS"]) or is_local(request.host), **values)


def safe_next(target: str | None) -> str:
    """The target if it is a path of this site, otherwise the dashboard; prevents open redirects."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and all(c.isprintable() for c in target):
            return target
    return url_for("dashboard.show")


def guard(app: Flask, settings: Settings, check_token: Callable[[Scope], Response | None]) -> None:
    """Check the route's permission before every request. `check_token` returns the answer that refuses a program."""
    manager = LoginManager(app)
    manager.session_protection = None  # sessions are checked on the server; a client's IP address may change

    def load(secret: str) -> Person | None:
        account = application().accounts.authenticate_session(secret)
        if account is not None:
            return Person(account, secret)
        account = application().accounts.authenticate_enrolment(secret)
        return Person(account, secret, must_enrol=True) if account else None

    manager.user_loader(load)

    @app.before_request
    def check() -> Response | WerkzeugResponse | None:
        if request.endpoint is None:
            return None
        required = required_by(app, request.endpoint)
        if required == PUBLIC:
            return None
        if isinstance(required, Scope):
            return check_token(required)
        if required == MONITORING:
            return None if may_monitor(settings) else abort(404)
        if required == ENROLLING and current_user.is_authenticated:
            return None
        if must_enrol():
            return to_enrolment()
        account = me()
        if account is None:
            return to_login()
        if not isinstance(required, Permission):
            abort(403)
        account.must_be_able_to(required)
        return None


def to_enrolment() -> Response | WerkzeugResponse:
    """Redirect to the page that sets up a second factor, because the user's role requires one."""
    target = url_for("second_factor.show")
    return redirected(target) if wants_fragment() else redirect(target, code=303)


def to_login() -> Response | WerkzeugResponse:
    """Redirect to the log-in page, which returns here; an htmx request returns to the page that sent it."""
    if wants_fragment():
        return redirected(url_for("accounts.login", next=_page_in_sight(), expired=1))
    if request.method == "GET":
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")), code=303)
    return redirect(url_for("accounts.login", next=_path_of(request.referrer), expired=1), code=303)


def _page_in_sight() -> str | None:
    """The path of the current page according to htmx; None if it is missing or invalid."""
    return _path_of(request.headers.get("HX-Current-URL"))


def _path_of(url: str | None) -> str | None:
    """Path and query of a URL; `safe_next` decides whether it is used."""
    try:
        here = urlsplit(url or "")
    except ValueError:
        return None
    return here.path + (f"?{here.query}" if here.query else "") or None
