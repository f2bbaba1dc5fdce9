"""The factory of the web application: registers the blueprint of each area and the access control."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, abort, request, url_for
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from domain.account import SESSION_ABSOLUTE, Permission
from entrypoints.application import Application
from entrypoints.settings import Settings
from entrypoints.web import (
    access,
    compression,
    counting,
    errors,
    formats,
    markdown,
    refusals,
    request_log,
    rules,
    script_modules,
    stylesheets,
    vendor,
)
from entrypoints.web.access import application, me
from entrypoints.web.accounts.routes import area as accounts
from entrypoints.web.admin.routes import area as admin
from entrypoints.web.api import access as api_access
from entrypoints.web.api.routes import area as api
from entrypoints.web.campaigns.routes import area as campaigns
from entrypoints.web.charts import specification, tables
from entrypoints.web.cookies import Sha256Sessions
from entrypoints.web.dashboard.routes import area as dashboard
from entrypoints.web.do_not_contact.routes import area as do_not_contact
from entrypoints.web.grading.routes import area as grading
from entrypoints.web.health.routes import area as health
from entrypoints.web.help import terms
from entrypoints.web.help.routes import area as help_pages
from entrypoints.web.history.routes import area as history
from entrypoints.web.hosts import KnownHosts
from entrypoints.web.insights.routes import area as insights
from entrypoints.web.labels.routes import area as labels
from entrypoints.web.metrics.routes import area as metrics
from entrypoints.web.metrics.routes import register as register_metrics
from entrypoints.web.models.routes import area as models
from entrypoints.web.notices.routes import area as notices
from entrypoints.web.playbook.routes import area as playbook
from entrypoints.web.predictions.exports import area as exports
from entrypoints.web.predictions.routes import area as predictions
from entrypoints.web.profile.routes import area as profile
from entrypoints.web.profile.second_factor import area as second_factor
from entrypoints.web.profile.tokens import area as tokens
from entrypoints.web.public.routes import area as public
from entrypoints.web.search.routes import area as search

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
FIELD_LIMIT = 500_000
"""Maximum bytes of a form's fields apart from its file."""
JSON_LIMIT = 4_000_000
"""Maximum bytes of a JSON body: 1,000 records of 4 kB."""
TAKING_FILES = frozenset(
    (
        "predictions.create",
        "predictions.check",
        "models.train",
        "models.check",
        "do_not_contact.check",
        "campaigns.check_list",
        "labels.add_files",
        "api.create_run",
        "api.create_training",
    )
)
"""Endpoints whose forms hold a file of customers."""


KEYS = {
    "dashboard": "d",
    "history": "h",
    "campaigns": "c",
    "insights": "i",
    "models": "m",
    "admin": "a",
    "playbook": "p",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None
    key: str = ""
    """The key that leads there after "g"."""


def make_app(settings: Settings, secret_key: str) -> Flask:
    """Create the Flask application with its settings; `mount` adds the use cases and pages."""
    app = Flask("entrypoints.web", static_folder=str(Path(__file__).parent / "static"))
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="__Host-netone" if settings.https else "netone",  # only this host can set it, over TLS
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=SESSION_ABSOLUTE.total_seconds()),
        SESSION_REFRESH_EACH_REQUEST=False,  # the cookie lasts as long as its session on the server can
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.https,
        MAX_FORM_MEMORY_SIZE=FIELD_LIMIT,
        MAX_CONTENT_LENGTH=None,
        NETONE_HOSTS=settings.allowed_hosts,
        TESTING=settings.test,
    )
    app.session_interface = Sha256Sessions()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.logger.setLevel(logging.INFO)
    app.wsgi_app = KnownHosts(  # type: ignore[method-assign]  # the way that Flask documents
        app.wsgi_app, settings.allowed_hosts, _security_headers(settings)
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the way that Flask documents
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    return app


def mount(app: Flask, ready: Application, settings: Settings) -> Flask:
    """Add the use cases and pages to the application."""
    app.extensions["netone"] = ready
    app.before_request(_limit_body)  # must run first, because later functions read the form
    app.before_request(_refuse_odd)
    CSRFProtect(app).exempt(api)  # a program sends a token in a header, never a cookie
    access.guard(app, settings, api_access.check)
    api_access.register(app, settings)
    templates = (formats, rules, terms, counting, specification, tables, markdown)
    for part in (errors, refusals, vendor, stylesheets, compression, script_modules, *templates):
        part.register(app)
    for area in (
        public,
        accounts,
        dashboard,
        predictions,
        exports,
        history,
        insights,
        grading,
        labels,
        models,
        profile,
        second_factor,
        tokens,
        admin,
        campaigns,
        playbook,
        do_not_contact,
        help_pages,
        search,
        notices,
        health,
        metrics,
        api,
    ):
        app.register_blueprint(area)
    app.context_processor(_everywhere)
    app.after_request(_headers(settings))
    request_log.register(app, settings, register_metrics(app, ready))
    return app


def _everywhere() -> dict[str, object]:
    """Variables of every template."""
    account = me()
    signed_in = account is not None
    return {
        "me": account,
        "nav": _nav() if signed_in else [],
        "has_worker": application().jobs.worker_lives() if signed_in else True,
        "in_help": request.blueprint == "help",
        "starter_model": False,
    }


STARTING = ("predictions.new", "predictions.columns")
"""Pages of a new prediction, which is no part of the history."""


def _nav() -> list[NavItem]:
    account = me()
    here = (request.endpoint or "").split(".")[0]
    items = [
        ("dashboard", "Dashboard", "dashboard.show", "layout-dashboard", Permission.READ),
        ("history", "History", "history.index", "history", Permission.READ),
        ("campaigns", "Campaigns", "campaigns.index", "target", Permission.READ),
        ("insights", "Insights", "insights.index", "chart-histogram", Permission.READ),
        ("models", "Models", "models.index", "cpu", Permission.READ),
        ("admin", "Admin", "admin.index", "settings", Permission.ADMINISTER),
    ]
    if account is not None and not account.can(Permission.ADMINISTER):
        items.append(("playbook", "Playbook", "playbook.index", "list-check", Permission.EDIT_PLAYBOOK))
        items.append(("admin", "Economics", "admin.economics", "coins", Permission.SET_ECONOMICS))
    if account is not None and not account.can(Permission.EDIT_DO_NOT_CONTACT):
        items.append(("do_not_contact", "Do not contact", "do_not_contact.look_up", "ban", Permission.PREDICT))
    current = "history" if here == "predictions" and request.endpoint not in STARTING else here
    if here == "grading":
        current = "insights" if request.endpoint == "grading.index" else "history"
    if account is not None and account.can(Permission.EDIT_DO_NOT_CONTACT) and here in ("playbook", "do_not_contact"):
        current = "admin" if account.can(Permission.ADMINISTER) else "playbook"  # both are tabs there
    return [
        NavItem(label, url_for(endpoint), icon, current=area == current, key=KEYS.get(area, ""))
        for area, label, endpoint, icon, permission in items
        if account is not None and account.can(permission)
    ]


def _limit_body() -> None:
    """Limit the request body: for uploads to the installation's limit, otherwise to the size of a form."""
    takes_file = request.endpoint in TAKING_FILES
    usual = JSON_LIMIT if request.blueprint == "api" else FIELD_LIMIT
    request.max_content_length = formats.policy().upload_limit + FIELD_LIMIT if takes_file else usual


def _refuse_odd() -> None:
    """Reject bodies that are not forms, and NUL characters, which some databases do not accept in text."""
    if request.is_json and request.blueprint != "api":
        abort(415)
    submitted_texts = (text for name, texts in request.values.lists() for text in (name, *texts))
    if "\0" in request.path or any("\0" in text for text in submitted_texts):
        abort(400)


def _security_headers(settings: Settings) -> dict[str, str]:
    """The security headers of every response."""
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    if settings.https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def _headers(settings: Settings) -> Callable[[Response], Response]:
    security = _security_headers(settings)

    def add(response: Response) -> Response:
        for name, value in security.items():
            response.headers.setdefault(name, value)
        if request.endpoint not in access.UNGUARDED:
            response.headers["Cache-Control"] = "no-store"  # overrides the view and Flask's send_file
        return response

    return add
