"""The real application on a temporary database, and browsers to ask it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple
from unittest import mock

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import BadSignature
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from adapters.persistence.tables.account_tables import login_sessions
from application.ports.audit import AuditQuery
from bench.ports import ports_of
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.run import RunId
from domain.task import TaskId
from domain.training import TrainingId
from entrypoints.application import Application
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings

PASSWORD = "correct horse battery staple 9"
NOWHERE = "/no-such-page"


class CompiledTemplates(BytecodeCache):
    """What templates compile to, kept for every application of the test run: each test opens a new one."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = CompiledTemplates()


class CompiledRoutes:
    """What the texts of routes compile to, kept likewise: compiling them takes half of an application's start.

    It depends on a route's text and defaults. The functions that write its addresses are given the route itself.
    """

    PARTS = ("_parts", "_trace", "_converters", "arguments")

    def __init__(self) -> None:
        self.kept: dict[tuple[object, ...], tuple[dict[str, Any], Any, Any]] = {}
        self.compile = Rule.compile

    def __call__(self, rule: Rule) -> None:
        key = (rule.rule, repr(rule.defaults), rule.subdomain, rule.merge_slashes)
        if key in self.kept:
            parts, build, build_unknown = self.kept[key]
            vars(rule).update(parts)
            rule._build, rule._build_unknown = build.__get__(rule, None), build_unknown.__get__(rule, None)
        else:
            self.compile(rule)
            parts = {name: getattr(rule, name) for name in self.PARTS}
            self.kept[key] = parts, rule._build.__func__, rule._build_unknown.__func__  # type: ignore[attr-defined]


ROUTES = CompiledRoutes()


class JobsLeftAlone:
    """A queue that nobody reads."""

    def score(self, run_id: RunId) -> None: ...
    def train(self, training_id: TrainingId) -> None: ...
    def report(self, run_id: RunId, report_id: str) -> None: ...
    def task(self, task_id: TaskId) -> None: ...


BLOCKS = (
    "aside|body|button|caption|dd|dialog|div|dl|dt|fieldset|footer|form|h[1-6]|head|header|hr|html|label|legend|li|link"
    "|main|meta|nav|noscript|ol|option|p|script|section|select|svg|table|tbody|td|template|th|thead|title|tr|ul"
)
AROUND_BLOCKS = re.compile(rf"\s*(</?(?:{BLOCKS})(?=[\s/>])[^>]*>)\s*")


def as_displayed(page: str) -> str:
    """Without the white space that a browser ignores: line breaks within text, and any space next to a block."""
    text = re.sub(r"\s+", " ", page)
    text = re.sub(r"\s+(/?>)", r"\1", text)
    return AROUND_BLOCKS.sub(r"\1", text)


class DisplayedResponse(TestResponse):
    """An answer whose text, where it is a page, is as a browser displays it."""

    def get_data(self, as_text: bool = False) -> Any:
        data = super().get_data(as_text)
        return as_displayed(data) if as_text and self.mimetype == "text/html" else data


class Browser:
    """A browser with its cookies, which sends the CSRF token along as pages do."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self._tokens: dict[str, str] = {}
        self.client.response_wrapper = type("Displayed", (DisplayedResponse, self.client.response_wrapper), {})

    def get(self, url: str, **options: Any) -> TestResponse:
        answer = self.client.get(url, **options)
        if "buffered" not in options and answer.mimetype == "text/html":
            self._note_token(answer.data)
        return answer

    def htmx(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, headers={"HX-Request": "true"}, **options)

    def post(self, url: str, data: dict[str, Any] | None = None, *, htmx: bool = False, **options: Any) -> TestResponse:
        headers = {
            "X-CSRFToken": self.token(),
            **({"HX-Request": "true"} if htmx else {}),
            **options.pop("headers", {}),
        }
        return self.client.post(url, data=data or {}, headers=headers, **options)

    def send(self, method: str, url: str, **options: Any) -> TestResponse:
        return self.post(url, **options) if method == "POST" else self.client.open(url, method=method, **options)

    def token(self) -> str:
        """The CSRF token of this browser's session, read once from a page as a person's browser would."""
        if self._session_id() not in self._tokens:
            self._note_token(self.client.get(NOWHERE).data)
        session = self._session_id()
        assert session in self._tokens, "every page carries a CSRF token"
        return self._tokens[session]

    def _note_token(self, page: bytes) -> None:
        session = self._session_id()
        if session not in self._tokens and (field := re.search(rb'X-CSRFToken": "([^"]+)"', page)):
            self._tokens[session] = field[1].decode()

    def _session_id(self) -> str:
        """What the tokens of a session are made from; nothing before there is a session."""
        interface = self.app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        serializer = interface.get_signing_serializer(self.app)
        assert serializer is not None
        try:
            return str(serializer.loads(self.session_cookie()).get("csrf_token", ""))
        except BadSignature:
            return ""

    def log_in(self, email: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/login", {"email": email, "password": password, **fields})

    def register(self, email: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/register", {"name": "Shop", "email": email, "password": password, "confirm": password})

    def session_cookie(self) -> str:
        cookie = self.client.get_cookie("netone")
        return cookie.value if cookie else ""

    def session(self) -> Session:
        token = self.token()  # the page that holds it may renew the cookie
        return Session(self.session_cookie(), token)

    def go_on(self, session: Session) -> None:
        """Use a session that was begun in the installation of which this one is a copy."""
        self.client.set_cookie("netone", session.cookie)
        self._tokens[self._session_id()] = session.token


class Session(NamedTuple):
    """A logged-in browser's cookie and CSRF token."""

    cookie: str
    token: str


class Office:
    """An installation with one person of each role."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.people: dict[Role, Account] = {}
        self.sessions: dict[str, Session] = {}
        """By account. A browser that finds none logs in."""

    @property
    def application(self) -> Application:
        return self.app.extensions["netone"]  # type: ignore[no-any-return]

    def settle(self) -> None:
        for role in Role:
            self.people[role] = self.add(f"{role.value}@telco.example.com", role)

    def find_people(self) -> None:
        with ports_of(self.application).new_reading() as uow:
            self.people = {account.role: account for account in uow.accounts.all()}

    def take_sessions(self) -> None:
        """The log-ins of the copied installation, as used a moment ago: the next use of an old one is noted."""
        self.sessions = dict(SESSIONS)
        with ports_of(self.application).new_uow() as uow:
            uow.sessions.connection.execute(update(login_sessions).values(seen_at=self.application.now()))
            uow.commit()

    def add(self, email: str, role: Role) -> Account:
        name = email.partition("@")[0].title()
        return self.application.administration.add_account(
            name, email, PASSWORD, role, by=Actor(system_account(self.application.now()))
        )

    def browser(self, role: Role | None = None) -> Browser:
        browser = Browser(self.app)
        if role is not None and (session := self.sessions.pop(self.people[role].id, None)):
            browser.go_on(session)
        elif role is not None:
            answer = browser.log_in(self.people[role].email)
            assert answer.status_code == 303, answer.get_data(as_text=True)
        return browser

    def replace_everywhere(self, name: str, part: object) -> None:
        """Give every use case another clock, hasher … by its field's name, and those that use cases are made of.

        Sessions that were begun before may not hold with it.
        """
        self.sessions = {}
        areas = {area.name: getattr(self.application, area.name) for area in fields(self.application)}
        changed = {area: _with_part(use_cases, name, part) for area, use_cases in areas.items()}
        self.app.extensions["netone"] = replace(self.application, **changed)

    def audit(self) -> list[str]:
        """What was done, latest first."""
        with ports_of(self.application).new_reading() as uow:
            entries, _ = uow.audit.find(AuditQuery(limit=1000))
        return [entry.action for entry in entries]


def _with_part(case: Any, name: str, part: object) -> Any:
    changed: dict[str, object] = {}
    for field in fields(case):
        value = getattr(case, field.name)
        if field.name == name:
            changed[name] = part
        elif is_dataclass(value) and type(value).__module__.startswith(("application.use_cases", "entrypoints.wiring")):
            changed[field.name] = _with_part(value, name, part)
    return replace(case, **changed)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory after the first start, people included, to be copied."""
    folder = tmp_path_factory.mktemp("installed")
    office = Office(_application(folder), folder)
    office.settle()
    SESSIONS.update({account.id: office.browser(role).session() for role, account in office.people.items()})
    _close(office)
    return folder


SESSIONS: dict[str, Session] = {}
"""Of the people in `installed`, by account. Logging in takes a fifth of a small test."""


def furnished(installed: Path, folder: Path, furnish: Callable[[Office], None]) -> Path:
    """The data directory `folder`, furnished once and for all, to be copied."""
    shutil.copytree(installed, folder)
    office = Office(_application(folder), folder)
    office.find_people()
    furnish(office)
    _close(office)
    return folder


@pytest.fixture
def new_office(installed: Path, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Opens a new installation for this test, the copy of another one if that is given; settings by name."""
    opened: list[Office] = []

    def make(*, copy_of: Path = installed, **settings: Any) -> Office:
        folder = tmp_path / f"data-{len(opened)}"
        shutil.copytree(copy_of, folder)
        office = Office(_application(folder, **settings), folder)
        office.find_people()
        if not settings:
            office.take_sessions()
        opened.append(office)
        return office

    yield make
    for office in opened:
        _close(office)


@pytest.fixture
def office(new_office: Callable[..., Office]) -> Office:
    return new_office()


def _application(folder: Path, **settings: Any) -> Flask:
    with mock.patch.object(Rule, "compile", lambda rule: ROUTES(rule)):
        app = create_application(Settings(data_dir=folder, bcrypt_cost=4, test=True, **settings), jobs=JobsLeftAlone())
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


def _close(office: Office) -> None:
    with office.app.app_context():
        office.app.extensions["sqlalchemy"].engine.dispose()
