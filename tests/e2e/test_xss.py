"""Markup in all that a person or a file can say: in a browser no script runs, and the policy reports nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from bench.ports import ports_of
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.run import JobState, Run
from domain.training import TrainingRequest
from entrypoints.application import Application
from tests.e2e.visitor import Person, Visitor

RAN = "window.ran = (window.ran || 0) + 1"
IMAGE = f"<img src=x onerror='{RAN}'>"
SCRIPT = f'"><script>{RAN}</script>'
ATTRIBUTE = f"' onmouseover='{RAN}' autofocus onfocus='{RAN}"
TEMPLATE = f"</template></textarea><svg onload='{RAN}'>{{{{ 7 * 7 }}}}"


@pytest.fixture(scope="module")
def attacker(application: Application) -> Account:
    return application.administration.add_account(
        f"{IMAGE} {SCRIPT}"[:100],
        "attacker@telco.example.com",
        "correct horse battery staple 9",
        Role.MANAGER,
        by=Actor(system_account(application.now())),
    )


@pytest.fixture(scope="module")
def scored(application: Application, attacker: Account) -> Iterator[Run]:
    """A shared prediction whose file name, column names, ids, levels, numbers and broken row are markup."""
    run = application.predictions.submit_scoring(io.BytesIO(_file(labelled=False)), f"{IMAGE}.csv", by=Actor(attacker))
    application.predictions.score_run(run.id)
    application.predictions.share_run(run.id, shared=True, by=Actor(attacker))
    yield _finished(application, run)
    application.predictions.delete_runs([run.id], by=Actor(attacker))


@pytest.fixture(scope="module")
def learned(application: Application, attacker: Account) -> Iterator[str]:
    """A model version with columns and levels of markup; the starter model is in charge again after it."""
    # Both columns tell who leaves: one would be left out, and the training would ask when the other is known.
    request = TrainingRequest(target="Churn", positive="Yes", horizon=SCRIPT[:60], keep=("Contract", "MonthlyCharges"))
    training = application.models.submit_training(
        io.BytesIO(_file(labelled=True)), f"{SCRIPT}.csv", request, by=Actor(attacker)
    )
    application.models.train_model(training.id)
    training = application.models.view_training(training.id, by=attacker)
    assert training.state is JobState.DONE, training.error
    assert training.version
    yield training.version
    application.models.promote_model("v0", by=Actor(attacker))


def test_markup_from_files_is_text_on_every_page(
    visit: Callable[..., Visitor], administrator: Person, scored: Run, learned: str
) -> None:
    visitor = visit(administrator)

    for path in (
        *("/dashboard", "/history", "/models", f"/models/{learned}", f"/models/{learned}/card"),
        *(
            f"/predictions/{scored.id}",
            f"/predictions/{scored.id}?threshold=0.1",
            f"/predictions/{scored.id}/customers/1",
        ),
        *(f"/predictions/{scored.id}/customers/2", f"/insights?run={scored.id}", f"/history/{scored.id}/rename"),
        *(f"/history/delete?run={scored.id}", f"/admin/predictions/delete?run={scored.id}"),
    ):
        check_harmless(visitor, path)


def test_markup_in_names_and_emails_is_text_in_the_admin_area(
    visit: Callable[..., Visitor], administrator: Person, attacker: Account, scored: Run
) -> None:
    visitor = visit(administrator)

    for path in (
        *("/admin/users", "/admin/predictions", "/admin/uploads", "/admin/audit", "/admin/settings", "/admin/health"),
        *(f"/admin/users/{attacker.id}/delete", f"/admin/users/{attacker.id}/role"),
        f"/admin/predictions?owner={attacker.id}",
    ):
        check_harmless(visitor, path)


def test_a_question_with_markup_in_its_name_is_text_in_the_dialog_too(
    visit: Callable[..., Visitor], administrator: Person, attacker: Account
) -> None:
    visitor = visit(administrator)
    visitor.open(f"/admin/users?q={quote('attacker@')}")

    visitor.page.get_by_role("button", name="More for").click()
    visitor.page.get_by_role("link", name="Delete account").click()
    visitor.page.locator("dialog[open]").wait_for()

    assert IMAGE in visitor.page.locator("dialog[open]").inner_text()
    assert visitor.page.evaluate("window.ran") is None


@pytest.mark.parametrize("markup", [IMAGE, SCRIPT, ATTRIBUTE, TEMPLATE])
def test_markup_in_query_parameters_comes_back_as_text(
    visit: Callable[..., Visitor], administrator: Person, scored: Run, markup: str
) -> None:
    visitor, asked = visit(administrator), quote(markup)

    for path in (
        *(f"/history?q={asked}", f"/history?state={asked}&model={asked}&sort={asked}&page={asked}"),
        *(f"/predictions/{scored.id}?q={asked}", f"/admin/users?q={asked}", f"/admin/audit?q={asked}&since={asked}"),
        *(f"/admin/predictions?q={asked}&owner={asked}&age={asked}", f"/admin/uploads?q={asked}"),
    ):
        check_harmless(visitor, path)


FORMS = (
    *("/profile", "/profile/delete", "/register", "/admin/users", "/admin/users/invite", "/admin/predictions"),
    *("/admin/uploads", "/admin/settings", "/admin/economics", "/admin/customers", "/admin/audit", "/models/new"),
    *(
        "/history",
        "/history/{run}/rename",
        "/predictions/{run}",
        "/predictions/{run}/customers/1",
        "/insights?run={run}",
    ),
)
FILL_IN_AND_SEND = """
(form, [fields, markup]) => {
  for (const field of form.querySelectorAll(fields)) { field.type = "text"; field.value = markup; }
  form.noValidate = true;
  form.requestSubmit();
}
"""
TEXT_FIELDS = "input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea"


@pytest.mark.parametrize("path", FORMS)
def test_markup_typed_into_any_field_comes_back_as_text(
    visit: Callable[..., Visitor], new_person: Callable[..., Person], scored: Run, path: str
) -> None:
    """Each form of a page in turn, every field filled in, also those for numbers and dates, past all checks there."""
    visitor = visit(new_person(Role.ADMIN))
    address = path.format(run=scored.id)
    visitor.open(address)
    page = visitor.page
    forms = page.locator("main form").filter(has=page.locator(TEXT_FIELDS))
    there = forms.count()
    assert there
    for number in range(there):
        visitor.open(address)
        visitor.rest()
        visitor.mark()
        with page.expect_response(lambda answer: answer.request.resource_type in ("document", "xhr", "fetch")) as sent:
            forms.nth(number).evaluate(FILL_IN_AND_SEND, [TEXT_FIELDS, TEMPLATE])
        if sent.value.request.is_navigation_request():
            page.wait_for_function("window.stillTheSamePage === undefined")
        check_nothing_ran(visitor, f"form {number} of {path}")


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_markup_typed_in_by_a_stranger_comes_back_as_text(visit: Callable[..., Visitor], path: str) -> None:
    visitor = visit()
    visitor.open(path)
    for field in visitor.page.locator("main form input:visible").all():
        field.fill(TEMPLATE)
    with visitor.page.expect_navigation():
        visitor.page.locator("main form").evaluate("form => form.requestSubmit()")
    check_nothing_ran(visitor, path)


def check_harmless(visitor: Visitor, path: str) -> None:
    answer = visitor.open(path)
    visitor.rest()
    assert answer.status < 500, path
    check_nothing_ran(visitor, path)


def check_nothing_ran(visitor: Visitor, path: str) -> None:
    """Looked at once the page has come to rest, whichever page that is by now."""
    state = visitor.page.wait_for_function(
        """() => document.readyState === "complete" && !document.querySelector(".htmx-request") && {
          ran: window.ran || 0,
          planted: document.querySelectorAll("main img[src=x], main script, main svg[onload]").length,
        }"""
    ).json_value()
    assert state["ran"] == 0, f"a script ran on {path}"
    assert state["planted"] == 0, f"markup became elements on {path}"


def _file(*, labelled: bool) -> bytes:
    """Customers with the usual columns, and markup wherever a file can say something."""
    text = io.StringIO(newline="")
    header = ["customerID", "tenure", "MonthlyCharges", "Contract", "InternetService", IMAGE, f"{SCRIPT}2", "Churn"]
    writer = csv.writer(text)
    writer.writerow(header if labelled else header[:-1])
    for number in range(240):
        leaves = number % 3 == 0
        row = [
            f"{SCRIPT if number % 2 else IMAGE}{number}",
            f"{number % 70}",
            f"{20 + number % 90}",
            *(["Month-to-month" if leaves else TEMPLATE] if number % 5 else ["Two year"]),
            "Fiber optic" if number % 4 else ATTRIBUTE,
            SCRIPT if leaves else IMAGE,
            TEMPLATE if number % 7 else "plain",
            *(["Yes" if leaves else "No"] if labelled else []),
        ]
        writer.writerow(row)
    writer.writerow([IMAGE, SCRIPT, TEMPLATE])  # too short: rejected with its text
    return text.getvalue().encode()


def _finished(application: Application, run: Run) -> Run:
    with ports_of(application).new_reading() as uow:
        finished = uow.runs.get(run.id)
    assert finished.state is JobState.DONE, finished.error
    return replace(finished)
