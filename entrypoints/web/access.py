"""Who is asking, and what each route demands. A route that demands nothing explicitly is refused to everyone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Account, Permission
from entrypoints.desk import Desk
from entrypoints.settings import Settings
from entrypoints.web.hosts import UNKNOWN_ADDRESS, is_local
from entrypoints.web.htmx import redirected, wants_fragment
from entrypoints.web.monitoring_access import may_monitor

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
MONITORING = "monitoring"
ENROLLING = "enrolling"
UNGUARDED = frozenset({"static", "vendor_file"})
"""Endpoints of plain assets; they hold nobody's data."""


def public(view: View) -> View:
    """A route for anyone."""
    view.required = PUBLIC  # type: ignore[attr-defined]
    return view


def for_monitoring(view: View) -> View:
    """A route for a monitoring system (see `monitoring_access`); for everyone else it does not exist."""
    view.required = MONITORING  # type: ignore[attr-defined]
    return view


def enrolling(view: View) -> View:
    """A route for every signed-in person, those included who have to set up a second factor first."""
    view.required = ENROLLING  # type: ignore[attr-defined]
    return view


def allow(permission: Permission) -> Callable[[View], View]:
    """A route for signed-in people whose role has the permission."""

    def mark(view: View) -> View:
        view.required = permission  # type: ignore[attr-defined]
        return view

    return mark


def required_by(app: Flask, endpoint: str) -> str | Permission | None:
    """What a route demands; None where it was forgotten."""
    if endpoint in UNGUARDED:
        return PUBLIC
    return getattr(app.view_functions[endpoint], "required", None)


class Person(UserMixin):
    """A signed-in person as Flask-Login knows them: the session's secret is the id.

    `must_enrol`: nothing but setting up a second factor is open to them yet.
    """

    def __init__(self, account: Account, token: str, *, must_enrol: bool = False) -> None:
        self.account = account
        self.token = token
        self.must_enrol = must_enrol

    def get_id(self) -> str:
        return self.token


def desk() -> Desk:
    """The application's use cases."""
    return cast(Desk, current_app.extensions["netone"])


def me() -> Account | None:
    """Who is signed in and may use the product."""
    return current_user.account if current_user.is_authenticated and not current_user.must_enrol else None


def entrant() -> Account:
    """Who is signed in, on routes that are open before a second factor is set up."""
    if not current_user.is_authenticated:
        abort(401)
    return cast(Account, current_user.account)


def must_enrol() -> bool:
    """Whether the person signed in has to set up a second factor first."""
    return bool(current_user.is_authenticated and current_user.must_enrol)


def person() -> Account:
    """Who is signed in, on routes that only signed-in people reach."""
    account = me()
    if account is None:
        abort(401)
    return account


def token() -> str:
    """The secret of the session in use."""
    return str(current_user.token)


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or UNKNOWN_ADDRESS


def browser() -> str:
    return request.headers.get("User-Agent", "")[:200]


PENDING = "pending_log_in"


def hold_log_in(secret: str) -> None:
    """Keep, in this browser alone, the secret of a log-in that waits for its second factor. Nobody is signed in."""
    session.clear()
    session[PENDING] = secret


def held_log_in() -> str | None:
    return session.get(PENDING)


def sign_in(account: Account, secret: str) -> None:
    """Begin a clean browser session: nothing of the one before log-in survives."""
    session.clear()
    login_user(Person(account, secret))
    session.permanent = True


def renew_session() -> None:
    """Give the browser a new secret, once the person has given their password again."""
    secret = desk().renew_session(token())
    if secret is not None:
        login_user(Person(entrant(), secret, must_enrol=must_enrol()))


def sign_out() -> None:
    logout_user()
    session.clear()


CLEARED_AT_LOG_OUT = '"cache"'
"""Pages that the back button could show. Storage holds the chosen theme alone, and the answer empties the cookie."""


def forget_browser(response: WerkzeugResponse) -> WerkzeugResponse:
    """Have the browser drop what it kept of this site, when a session ends."""
    response.headers["Clear-Site-Data"] = CLEARED_AT_LOG_OUT
    return response


def link_to(endpoint: str, **values: Any) -> str:
    """An address to hand over to somebody. Without configured host names it has no host, unless that is this machine:
    the page completes it from the browser's address bar, since the Host of a request may be anybody's."""
    return url_for(endpoint, _external=bool(current_app.config["NETONE_HOSTS"]) or is_local(request.host), **values)


def safe_next(target: str | None) -> str:
    """A path of this site to go on to; anything else becomes the dashboard."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and all(c.isprintable() for c in target):
            return target
    return url_for("dashboard.show")


def guard(app: Flask, settings: Settings) -> None:
    """Ask before every request whether this person may make it."""
    manager = LoginManager(app)
    manager.session_protection = None  # sessions are checked on the server, an address may change on the way

    @manager.user_loader
    def load(secret: str) -> Person | None:
        account = desk().who_is(secret)
        if account is not None:
            return Person(account, secret)
        account = desk().who_enrols(secret)
        return Person(account, secret, must_enrol=True) if account else None

    @app.before_request
    def check() -> Response | WerkzeugResponse | None:
        if request.endpoint is None:
            return None
        required = required_by(app, request.endpoint)
        if required == PUBLIC:
            return None
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
    """To the page that sets up a second factor, as the person's role needs one."""
    target = url_for("second_factor.show")
    return redirected(target) if wants_fragment() else redirect(target, code=303)


def to_login() -> Response | WerkzeugResponse:
    """To the log-in page, and back here afterwards; for htmx back to the page that asked."""
    if wants_fragment():
        return redirected(url_for("accounts.login", next=_page_in_sight(), expired=1))
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.login", next=target), code=303)


def _page_in_sight() -> str | None:
    """The path of the page that htmx says it stands on; None for anything odd."""
    try:
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return None
    return here.path + (f"?{here.query}" if here.query else "") or None
