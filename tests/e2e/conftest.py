"""One real server for all browser tests, people who may log in, and a watched browser context for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from domain.account import Role, system_account
from domain.actor import Actor
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings
from tests.e2e.chromium import FLAGS, chromium_of
from tests.e2e.site import Site, serving
from tests.e2e.visitor import PASSWORD, Person, Visitor
from tests.real_data import ibm_telco

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files = {path: HERE in path.parents for path in {item.path for item in items}}
    for item in items:
        if files[item.path]:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = chromium_of(playwright)
        if chromium is None:
            pytest.skip("There is no Chromium on this machine: run `make chromium`, or `playwright install chromium`.")
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(browser: Browser, with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running installation with a starter model, and nobody who could log in yet."""
    with serving(tmp_path_factory.mktemp("site"), copy_of=with_starter) as running:
        yield running


@pytest.fixture(scope="session")
def application(site: Site) -> Application:
    """The same installation from the inside, to make people quickly."""
    return build_inline(Settings(data_dir=site.data, bcrypt_cost=4))


@pytest.fixture(scope="session")
def troubles_of_fixtures() -> list[str]:
    """What went wrong in browsers of fixtures. One test looks at it; here it would fail every test that needs them."""
    return []


@pytest.fixture(scope="session")
def administrator(browser: Browser, site: Site, troubles_of_fixtures: list[str]) -> Person:
    """Created by the one-time link, through the browser."""
    person = Person("Branch Manager", "branch@telco.example.com")
    context = browser.new_context(reduced_motion="reduce")
    visitor = Visitor(site, context)
    visitor.page.goto(site.set_up_link)
    visitor.page.get_by_label("Full name").fill(person.name)
    visitor.page.get_by_label("Email").fill(person.email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_label("Confirm password").fill(PASSWORD)
    visitor.page.get_by_label("Time zone").select_option("Africa/Harare")
    visitor.press("Create account")
    visitor.page.wait_for_url("**/dashboard")
    visitor.leave()
    troubles_of_fixtures.extend(visitor.troubles)
    return person


@pytest.fixture(scope="session")
def new_person(application: Application, administrator: Person) -> Callable[..., Person]:
    """Makes a person with a role, an analyst if none is given; the link's administrator was there before."""
    assert administrator
    numbers = itertools.count(1)

    def make(role: Role = Role.ANALYST) -> Person:
        number = next(numbers)
        person = Person(f"{role.value.title()} {number}", f"{role.value}{number}@telco.example.com")
        application.administration.add_account(
            person.name, person.email, person.password, role, by=Actor(system_account(application.now()))
        )
        return person

    return make


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Opens watched contexts, logged in as a person if one is given; the test fails if anything went wrong in them.

    Without a graphics card, each picture of a transition or a spinner costs processor time: nothing moves, as for
    people who prefer that, unless the test asks for it.
    """
    opened: list[Visitor] = []

    def make(
        person: Person | None = None,
        *,
        theme: str = "light",
        width: int = 1440,
        moving: bool = False,
        scripts: bool = True,
        at: Site = site,
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            accept_downloads=True,
            reduced_motion="no-preference" if moving else "reduce",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(30_000)
        visitor = Visitor(at, context)
        opened.append(visitor)
        return visitor.take_session(person) if person else visitor

    yield make
    for visitor in opened:
        visitor.leave()
    assert [trouble for visitor in opened for trouble in visitor.troubles] == []


@pytest.fixture
def analyst(new_person: Callable[..., Person]) -> Person:
    """Somebody new, with no prediction yet."""
    return new_person()


@pytest.fixture(scope="session")
def customers(site: Site) -> Path:
    """A small file of made-up customers, 110 rows, without the answer."""
    file = site.folder / "customers.csv"
    made = site.command("sample", "--out", str(file), "--rows", "110", "--seed", "7", "--unlabelled")
    assert made.returncode == 0, made.stderr
    return file


@dataclass(frozen=True)
class Finished:
    """Somebody's prediction of the small file."""

    owner: Person
    run: str


@pytest.fixture(scope="session")
def finished(
    browser: Browser, site: Site, new_person: Callable[..., Person], customers: Path, troubles_of_fixtures: list[str]
) -> Finished:
    """A prediction for the tests that only look at one."""
    owner = new_person()
    context = browser.new_context(reduced_motion="reduce")
    visitor = Visitor(site, context).take_session(owner)
    run = visitor.predict(customers)
    visitor.leave()
    troubles_of_fixtures.extend(visitor.troubles)
    return Finished(owner, run)


@pytest.fixture(scope="session")
def labelled(site: Site) -> Path:
    """Made-up customers with the answer, enough to train on."""
    file = site.folder / "labelled.csv"
    made = site.command("sample", "--out", str(file), "--rows", "600", "--seed", "8")
    assert made.returncode == 0, made.stderr
    return file


@pytest.fixture(scope="session")
def real_file() -> Path:
    return ibm_telco()
