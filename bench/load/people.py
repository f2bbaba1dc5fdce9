"""Simulates people: a mix of pages with pauses, as used by a retention team."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.load.client import Browser

Act = Callable[["Person"], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """The data for the people: shared finished runs, and a small file for each person."""

    runs: tuple[str, ...]
    small_file: Path


@dataclass
class Person:
    """One person in a browser. `think` is the range of pauses in seconds."""

    email: str
    browser: Browser
    stage: Stage
    chance: random.Random
    think: tuple[float, float]
    uploads: bool = False
    """Whether this person also scores small files."""
    comes_after: float = 0.0
    """Seconds before this person logs in, so that people do not log in within the same second."""

    def work(self, stop: threading.Event) -> None:
        """Log in, then act and pause until `stop` is set."""
        if stop.wait(self.comes_after):
            return
        self.browser.log_in(self.email)
        while not stop.is_set():
            acts, weights = zip(*MIX, strict=True)
            self.chance.choices(acts, weights)[0](self)
            stop.wait(self.chance.uniform(*self.think))
        self.browser.close()

    @property
    def run(self) -> str:
        return self.chance.choice(self.stage.runs)


def dashboard(person: Person) -> None:
    person.browser.get("dashboard", "/dashboard")


def result(person: Person) -> None:
    person.browser.get("result", f"/predictions/{person.run}")


def filtered(person: Person) -> None:
    band = person.chance.choice(("low", "medium", "high", "critical"))
    person.browser.get("filter", f"/predictions/{person.run}?band={band}", htmx=True)


def sorted_page(person: Person) -> None:
    page = person.chance.randint(2, 40)
    person.browser.get("page", f"/predictions/{person.run}?page={page}&sort=gain", htmx=True)


def customer(person: Person) -> None:
    person.browser.get("customer", f"/predictions/{person.run}/customers/{person.chance.randint(1, 900)}")


def history(person: Person) -> None:
    person.browser.get("history", "/history")


def insights(person: Person) -> None:
    person.browser.get("insights", f"/insights?run={person.run}")


def attribute(person: Person) -> None:
    person.browser.get("attribute", f"/insights/attribute?run={person.run}&attribute=Contract", htmx=True)


def models(person: Person) -> None:
    person.browser.get("models", "/models")


def log_in_again(person: Person) -> None:
    person.browser.post("logout", "/logout")
    person.browser.log_in(person.email)


def small_upload(person: Person) -> None:
    if not person.uploads:
        return history(person)
    answer = person.browser.upload("upload", "/predictions", person.stage.small_file)
    if re.match("/predictions/", answer.location):
        person.browser.get("progress", answer.location)
    return None


MIX: tuple[tuple[Act, float], ...] = (
    (dashboard, 15),
    (result, 20),
    (filtered, 15),
    (sorted_page, 12),
    (customer, 10),
    (history, 10),
    (insights, 6),
    (attribute, 4),
    (models, 5),
    (log_in_again, 2),
    (small_upload, 1),
)
"""Actions with their frequency in percent."""
PAGES = frozenset(
    {
        *("login page", "login", "logout", "dashboard", "result", "filter", "page", "customer", "history", "insights"),
        *("attribute", "models", "progress"),
    }
)
"""Requests that count as pages. Uploads and exports are reported separately."""
