"""Markup in all that a person or a file can say: in a browser no script runs, and the policy reports nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from domain.account import Account, Role, system_account
from domain.run import Run, RunState
from domain.training import TrainingRequest
from entrypoints.desk import Desk
from tests.e2e.visitor import Person, Visitor

RAN = "window.ran = (window.ran || 0) + 1"
IMAGE = f"<img src=x onerror='{RAN}'>"
SCRIPT = f'"><script>{RAN}</script>'
ATTRIBUTE = f"' onmouseover='{RAN}' autofocus onfocus='{RAN}"
TEMPLATE = f"</template></textarea><svg onload='{RAN}'>{{{{ 7 * 7 }}}}"


@pytest.fixture(scope="module")
def attacker(desk: Desk) -> Account:
    return desk.add_account(
        f"{IMAGE} {SCRIPT}"[:100],
        "attacker@telco.example.com",
        "correct horse battery staple 9",
        Role.MANAGER,
        by=system_account(desk.clock.now()),
    )


@pytest.fixture(scope="module")
def scored(desk: Desk, attacker: Account) -> Iterator[Run]:
    """A shared prediction whose file name, column names, ids, levels, numbers and broken row are markup."""
    run = desk.submit_scoring(io.BytesIO(_file(labelled=False)), f"{IMAGE}.csv", by=attacker)
    desk.score_run(run.id)
    desk.share_run(run.id, shared=True, by=attacker)
    yield _finished(desk, run)
    desk.delete_runs([run.id], by=attacker)


@pytest.fixture(scope="module")
def learned(desk: Desk, attacker: Account) -> Iterator[str]:
    """A model version with columns and levels of markup; the starter model is in charge again after it."""
    request = TrainingRequest(target="Churn", positive="Yes", horizon=SCRIPT[:60])
    training = desk.submit_training(io.BytesIO(_file(labelled=True)), f"{SCRIPT}.csv", request, by=attacker)
    desk.train_model(training.id)
    training = desk.view_training(training.id, by=attacker)
    assert training.state is RunState.DONE, training.error
    assert training.version
    yield training.version
    desk.promote_model("v0", by=attacker)


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
        _harmless(visitor, path)


def test_markup_in_names_and_emails_is_text_in_the_admin_area(
    visit: Callable[..., Visitor], administrator: Person, attacker: Account, scored: Run
) -> None:
    visitor = visit(administrator)

    for path in (
        *("/admin/users", "/admin/predictions", "/admin/uploads", "/admin/audit", "/admin/settings", "/admin/health"),
        *(f"/admin/users/{attacker.id}/delete", f"/admin/users/{attacker.id}/role"),
        f"/admin/predictions?owner={attacker.id}",
    ):
        _harmless(visitor, path)


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
def test_what_is_asked_for_comes_back_as_text(
    visit: Callable[..., Visitor], administrator: Person, scored: Run, markup: str
) -> None:
    visitor, asked = visit(administrator), quote(markup)

    for path in (
        *(f"/history?q={asked}", f"/history?state={asked}&model={asked}&sort={asked}&page={asked}"),
        *(f"/predictions/{scored.id}?q={asked}", f"/admin/users?q={asked}", f"/admin/audit?q={asked}&since={asked}"),
        *(f"/admin/predictions?q={asked}&owner={asked}&age={asked}", f"/admin/uploads?q={asked}"),
    ):
        _harmless(visitor, path)


def test_markup_typed_into_forms_comes_back_as_text(visit: Callable[..., Visitor], administrator: Person) -> None:
    visitor = visit(administrator)
    for path, label, button in (
        ("/profile", "Full name", None),
        ("/admin/settings", "Currency", "Save settings"),
        ("/admin/settings", "Domains", "Save settings"),
        ("/admin/customers", "Customer’s id", "Erase customer"),
    ):
        visitor.open(path)
        visitor.page.get_by_label(label).first.fill(TEMPLATE)
        if button:
            visitor.page.get_by_role("button", name=button).click()
            visitor.page.wait_for_load_state("networkidle")
        assert visitor.page.evaluate("window.ran") is None, path


def _harmless(visitor: Visitor, path: str) -> None:
    answer = visitor.open(path)
    visitor.page.wait_for_load_state("networkidle")
    assert answer.status < 500, path
    assert visitor.page.evaluate("window.ran") is None, f"a script ran on {path}"
    planted = visitor.page.evaluate(
        "document.querySelectorAll('main img[src=x], main script, main svg[onload]').length"
    )
    assert planted == 0, f"markup became elements on {path}"


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
    writer.writerow([IMAGE, SCRIPT, TEMPLATE])  # too short: set aside with its text
    return text.getvalue().encode()


def _finished(desk: Desk, run: Run) -> Run:
    with desk.new_reading() as uow:
        found = uow.runs.get(run.id)
    assert found.state is RunState.DONE, found.error
    return replace(found)
