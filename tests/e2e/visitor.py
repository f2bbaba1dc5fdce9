"""A person at a browser: a separate context, in which nothing that goes wrong stays unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Download, Locator, Page, Request, Response, WebError
from playwright.sync_api import expect as expect_that

from tests.e2e.site import Site

PASSWORD = "correct horse battery staple 9"
REPORT_VIOLATIONS = """
document.addEventListener("htmx:targetError", (event) =>
  console.error(`no place for an answer: ${event.detail.target}`));
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
CHECK = re.compile(r"/(predictions|models/new)/check$")
RUN_PAGE = re.compile(r"/predictions/([0-9a-f-]{36})")
REFUSAL = re.compile(
    r"^(Failed to load resource: the server responded with a status of|Response Status Error Code) 4\d\d"
)
"""What Chromium and htmx say of every answer that is a refusal: meant where a test provokes one."""

expect_that.set_options(timeout=15_000)  # on a busy machine a first answer takes seconds


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    password: str = PASSWORD


@dataclass
class Visitor:
    """One browser context on the site. `troubles` is empty at the end of a good test."""

    site: Site
    context: BrowserContext
    page: Page = field(init=False)
    troubles: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(REPORT_VIOLATIONS)
        self.context.on("console", self._hear)
        self.context.on("weberror", self._fell)
        self.context.on("request", self._asks)
        self.context.on("response", self._answered)
        self.page = self.context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSAL.match(message.text):
            self.troubles.append(f"console: {message.text}")

    def _fell(self, error: WebError) -> None:
        self.troubles.append(f"script: {error.error.stack or error.error}")

    def _asks(self, request: Request) -> None:
        self.asked.append(request.url)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != f"127.0.0.1:{self.site.port}":
            self.troubles.append(f"a request to {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} for {response.url}")

    def leave(self) -> None:
        """Close the context. Requests that this ends are no trouble of the page; what came before is still heard."""
        self.context.cookies()  # the answer arrives after all messages that were sent before
        self.context.remove_listener("console", self._hear)
        self.context.close()

    # ── Going about ──

    def open(self, path: str) -> Response:
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        return answer

    def log_in(self, person: Person) -> Visitor:
        """By the log-in page, as a person does."""
        self.open("/login")
        self.fill_in_log_in(person)
        self.page.wait_for_url("**/dashboard")
        return self

    def fill_in_log_in(self, person: Person) -> None:
        self.page.get_by_label("Email").fill(person.email)
        self.page.get_by_label("Password", exact=True).fill(person.password)
        self.page.get_by_role("button", name="Log in").click()

    def take_session(self, person: Person) -> Visitor:
        """Logged in without looking at the log-in page: the same request, sent from the same context."""
        request = self.context.request
        page = request.get(f"{self.site.url}/login").text()
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert token is not None
        fields = {"csrf_token": token[1], "email": person.email, "password": person.password, "next": ""}
        answer = request.post(f"{self.site.url}/login", form=fields, max_redirects=0)
        assert answer.status == 303, answer.text()
        return self

    # ── The main job ──

    def choose(self, file: Path) -> None:
        """Choose a customer file on the page for a prediction or a training, and wait until it was looked at."""
        with self.checked():
            self.page.get_by_label("Customer file").set_input_files(file)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Wait until the chosen file was looked at again and the answer is on the page."""
        with self.page.expect_response(CHECK):
            yield
        expect_that(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def predict(self, file: Path) -> str:
        """Upload, wait for the result in place, and give the run's id."""
        self.open("/predictions/new")
        self.choose(file)
        self.press("Predict churn")
        return self.wait_for_result()

    def wait_for_result(self) -> str:
        self.page.locator("#result").wait_for(timeout=120_000)
        return self.run_id

    @property
    def run_id(self) -> str:
        expect_that(self.page).to_have_url(RUN_PAGE)
        address = RUN_PAGE.search(self.page.url)
        assert address, self.page.url
        return address[1]

    @property
    def answer(self) -> str:
        return words(self.page.locator(".answer").first)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def rest(self) -> None:
        """Wait until the page, its pictures and all that htmx asks for are loaded.

        A lazy picture is not waited for: the browser loads it only once it is near the visible part.
        """
        self.page.wait_for_function(
            "() => document.readyState === 'complete'"
            " && [...document.images].every(image => image.complete || image.loading === 'lazy')"
            " && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
        )

    def mark(self) -> None:
        """Leave something in the window that a reload would take away."""
        self.page.evaluate("window.stillTheSamePage = true")

    @property
    def same_page(self) -> bool:
        return bool(self.page.evaluate("window.stillTheSamePage === true"))

    @contextmanager
    def refreshed(self, selector: str) -> Iterator[None]:
        """Wait until htmx has put another element in this one's place and settled."""
        self.page.locator(selector).evaluate("element => { element.stale = true; }")
        yield
        self.page.wait_for_function(
            "selector => { const element = document.querySelector(selector);"
            " return element && !element.stale"
            " && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling') }",
            arg=selector,
        )

    def download(self, link: str | re.Pattern[str]) -> bytes:
        with self.page.expect_download() as started:
            self.page.get_by_role("link", name=link, exact=isinstance(link, str)).click()
        return content_of(started.value)


def content_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def words(locator: Locator) -> str:
    """The text as read: blanks run together."""
    return " ".join(locator.inner_text().split())


def table_rows(table: Locator) -> list[list[str]]:
    """The cells of a table's body, blanks run together."""
    rows: list[list[Any]] = table.evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return [[" ".join(str(cell).split()) for cell in row] for row in rows]


__all__ = ["PASSWORD", "Person", "Visitor", "content_of", "expect_that", "table_rows", "words"]
