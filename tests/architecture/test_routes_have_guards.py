"""Every address of the site says who may ask for it, and the guard keeps to that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from domain.account import Permission
from domain.api_token import Scope
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings
from entrypoints.web.access import ENROLLING, MONITORING, PUBLIC, UNGUARDED, required_by

FOR_ANYONE = {
    *("public.home", "accounts.login", "accounts.register", "accounts.password_strength", "accounts.setup"),
    *("accounts.setup_without_link", "accounts.invitation", "accounts.reset", "health.healthz", "health.readyz"),
    *("accounts.login_code", "help.index", "help.page", "help.search", "help.search_page"),
    *("help.api_reference", "api.document"),
}


FOR_ENROLMENT = {"second_factor.show", "second_factor.begin", "second_factor.confirm", "accounts.logout"}
"""For every signed-in person, also before they have the second factor that their role requires."""
FOR_MONITORING = {"metrics.metrics"}
"""Given to a bearer token, or to a request from this machine."""


class JobsLeftAlone:
    def score(self, run_id: object) -> None: ...
    def train(self, training_id: object) -> None: ...
    def report(self, report_id: object) -> None: ...


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("guards"), bcrypt_cost=4, test=True)
    made = create_application(settings, jobs=JobsLeftAlone())
    yield made
    with made.app_context():
        made.extensions["sqlalchemy"].engine.dispose()


def test_every_route_declares_its_permission(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert len(endpoints) > 50
    forgotten = [
        endpoint
        for endpoint in endpoints
        if required_by(app, endpoint) not in (PUBLIC, MONITORING, ENROLLING)
        and not isinstance(required_by(app, endpoint), Permission | Scope)
    ]
    assert forgotten == []


def test_only_listed_pages_are_public(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {endpoint for endpoint in endpoints if required_by(app, endpoint) == PUBLIC} - UNGUARDED == FOR_ANYONE
    assert {endpoint for endpoint in endpoints if required_by(app, endpoint) == MONITORING} == FOR_MONITORING
    assert {endpoint for endpoint in endpoints if required_by(app, endpoint) == ENROLLING} == FOR_ENROLMENT


def test_a_route_that_forgot_its_guard_is_refused_to_everyone(app: Flask) -> None:
    assert required_by(app, "history.index") is Permission.READ
    forgotten = app.view_functions["history.index"]
    app.view_functions["history.index"] = lambda: "open"
    try:
        assert required_by(app, "history.index") is None
        assert app.test_client().get("/history").status_code in (303, 403)
    finally:
        app.view_functions["history.index"] = forgotten


def test_a_visitor_without_a_session_gets_only_public_pages(app: Flask) -> None:
    stranger = app.test_client()
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FOR_ANYONE | FOR_MONITORING | UNGUARDED or "GET" not in (rule.methods or ()):
            continue
        values = {
            name: 1 if converter.__class__.__name__ == "IntegerConverter" else "x"
            for name, converter in rule._converters.items()
        }
        answer = stranger.get(rule.build(values)[1])  # type: ignore[index]
        if isinstance(required_by(app, rule.endpoint), Scope):
            assert answer.status_code == 401, rule
            continue
        assert answer.status_code == 303, rule
        assert answer.headers["Location"].startswith("/login"), rule
        asked += 1
    assert asked > 30
