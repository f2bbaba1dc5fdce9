"""Every route asked by every role and by nobody, and every object asked for by somebody whose it is not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from bench.ports import ports_of
from domain.account import Role
from domain.campaign import CampaignId, CampaignState
from domain.customer_query import CustomerQuery
from domain.grading import GradingId, GradingSource
from domain.run import RunId
from domain.saved_view import SavedView
from domain.training import TrainingId
from entrypoints.web.access import required_by
from tests.builders import a_campaign, a_finished_run, a_member, a_model_version, a_token, a_training
from tests.builders.gradings import a_grading
from tests.integration.web.conftest import Browser, Office

TABLE = Path(__file__).with_name("permission_matrix.csv")
ASKERS = ("anonymous", *(role.value for role in Role))
ASSETS = {"static", "vendor_file", "script_module", "stylesheet"}
LAST = ("accounts.logout",)
"""Asked at the end, because they end the session that asks."""
NOBODYS = {
    "token": "no-such-token",
    "run_id": "no-such-run",
    "version": "v999",
    "row": "1",
    "account_id": "nobody",
    "campaign_id": "no-such-campaign",
    "grading_id": "no-such-grading",
}
ADMINISTRATORS_OBJECTS = {"rule_id", "account_id", "upload_id", "token_hash", "action_id", "number"}
"""Only administrators, and managers for the playbook, reach these routes at all; the matrix holds them."""
FILLED_IN = {"threshold": "0.4", "name": "mine now", "shared": "yes", "status": "reached", "version": "1"}
"""What forms about one object hold, so that none is refused before its object is looked for."""
SHARED_BY_ALL = {"version", "token", "filename", "path", "attribute", "match_id", "slug", "name"}
"""Models and remembered matches are everybody’s, and a one-time link's secret is its own proof."""


def table() -> dict[tuple[str, str], dict[str, str]]:
    """(endpoint, method) → asker → what happens: open, login, yes or no."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["endpoint"], row["method"]): row for row in csv.DictReader(file)}


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Each rule with each of its methods that browsers send."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in ASSETS:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address_of(app: Flask, rule: Rule, **values: str) -> str:
    """The rule's address; ids that are not given are nobody's."""
    filled = {name: values.get(name, NOBODYS.get(name, "1")) for name in rule.arguments}
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, filled)


def outcome(answer: TestResponse, *, signed_in: bool) -> str:
    """What a permission check did; everything after it counts as let in. Logging out leads to the log-in page too.

    An operation of the API asks for a token, whatever session a browser has; `test_api` has its scopes.
    """
    if answer.status_code == 401:
        return "token"
    if answer.headers.get("Location", "").partition("?")[0] == "/login":
        return "yes" if signed_in and answer.request.path == "/logout" else "login"
    return "no" if answer.status_code == 403 else "yes"


def test_every_route_declares_its_roles(office: Office) -> None:
    forgotten = {
        rule.endpoint for rule in office.app.url_map.iter_rules() if required_by(office.app, rule.endpoint) is None
    }

    assert not forgotten, f"decorate with @allow(...) or @public: {sorted(forgotten)}"


def test_the_table_names_every_route_and_no_other(office: Office) -> None:
    there = {(rule.endpoint, method) for rule, method in routes(office.app)}

    assert sorted(there - table().keys()) == [], f"add these routes to {TABLE.name}"
    assert sorted(table().keys() - there) == [], f"take these routes out of {TABLE.name}"


@pytest.mark.parametrize("asker", ASKERS)
def test_each_route_allows_the_roles_of_the_table(office: Office, asker: str) -> None:
    browser = office.browser(None if asker == "anonymous" else Role(asker))
    token = browser.token()
    wrong: list[str] = []
    for rule, method in sorted(routes(office.app), key=lambda pair: pair[0].endpoint in LAST):
        expected = table().get((rule.endpoint, method))
        if expected is None:
            continue  # the test above names it
        answer = browser.client.open(address_of(office.app, rule), method=method, headers={"X-CSRFToken": token})
        got = (
            "yes"
            if expected[asker] == "open" and answer.status_code != 403
            else outcome(answer, signed_in=asker != "anonymous")
        )
        if got != expected[asker].replace("open", "yes"):
            wrong.append(f"{method} {rule} ({rule.endpoint}): {expected[asker]} expected, but {got}")
        if answer.status_code >= 500 and rule.endpoint not in ("health.readyz",):
            wrong.append(f"{method} {rule} ({rule.endpoint}): {answer.status_code}")

    assert not wrong, "\n".join(wrong)


ONLY_FOR_MANAGERS = frozenset({"campaigns.adopt_save_rate"})
"""Routes with an object of somebody else that refuse analysts before they look for it."""


@pytest.mark.parametrize("asker", [Role.VIEWER, Role.ANALYST])
def test_objects_of_other_people_are_not_found(office: Office, asker: Role) -> None:
    run_id, training_id = _private_things(office)
    browser = office.browser(asker)
    token = browser.token()
    leaks: list[str] = []
    asked = 0
    for url, method, name in _addresses_of_objects(office, run_id, training_id):
        answer = browser.client.open(url, method=method, headers={"X-CSRFToken": token}, data=FILLED_IN)
        asked += 1
        refused = asker is Role.VIEWER or name in ONLY_FOR_MANAGERS
        hidden = answer.status_code == 404 or (answer.status_code == 403 and refused)
        if not hidden:
            leaks.append(f"{method} {url} ({name}): {answer.status_code}, not 404")
        if b"secret-name" in answer.data:
            leaks.append(f"{method} {url} ({name}): names the file")

    assert not leaks, "\n".join(leaks)
    assert asked >= 15
    _must_be_untouched(office, run_id, training_id)


def test_the_owner_can_open_every_object(office: Office) -> None:
    run_id, training_id = _private_things(office, owner=Role.ANALYST)
    browser = office.browser(Role.ANALYST)
    lost = []
    for url, method, name in _addresses_of_objects(office, run_id, training_id):
        if method != "GET":
            continue
        with browser.get(url) as answer:
            gone = answer.status_code == 404
        if gone and not any(part in url for part in ("/customers/", "rejected", "/exports/")):
            lost.append(f"{url} ({name})")

    assert lost == [], "the test of strangers would prove nothing for these"


def test_a_shared_object_can_be_read_but_not_changed_by_others(office: Office) -> None:
    run_id, _ = _private_things(office, shared=True)
    browser = office.browser(Role.ANALYST)

    assert browser.get(f"/predictions/{run_id}").status_code != 404
    for url in (f"/predictions/{run_id}/delete", f"/history/{run_id}/rename", f"/history/{run_id}/share"):
        assert browser.post(url, {"name": "mine"}).status_code == 403, url


def test_runs_of_the_command_line_are_visible_to_managers_and_administrators_only(office: Office) -> None:
    run = a_finished_run(id=RunId("of-the-system"), owner="system")
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(run)
        uow.commit()

    seen = {role: b"/predictions/of-the-system" in office.browser(role).get("/history").data for role in Role}

    assert seen == {Role.VIEWER: False, Role.ANALYST: False, Role.MANAGER: True, Role.ADMIN: True}


def _private_things(office: Office, *, owner: Role = Role.MANAGER, shared: bool = False) -> tuple[str, str]:
    """A run and a training of another person."""
    person = office.people[owner]
    with ports_of(office.application).new_uow() as uow:
        uow.models.add(a_model_version(id="v1"))
        for run_id in ("private-run", "second-private-run"):
            uow.runs.add(
                a_finished_run(id=RunId(run_id), owner=str(person.id), file_name="secret-name.csv", shared=shared)
            )
        uow.campaigns.add(
            a_campaign(
                id=CampaignId("private-campaign"),
                owner=str(person.id),
                name="secret-name",
                shared=shared,
                state=CampaignState.RUNNING,
            )
        )
        uow.campaigns.add_members(CampaignId("private-campaign"), [a_member(1, customer_id="secret-name")])
        uow.trainings.add(
            a_training(id=TrainingId("private-training"), owner=str(person.id), file_name="secret-name.csv")
        )
        source = GradingSource("secret-name.csv", "0" * 64, "2026-11")
        uow.gradings.add(a_grading(id=GradingId("private-grading"), run_id=RunId("private-run"), source=source))
        uow.saved_views.save(SavedView("private-view", person.id, "secret-name", CustomerQuery(0.5)))
        uow.api_tokens.add(a_token(id="private-token", account_id=person.id, name="secret-name"))
        uow.commit()
    return "private-run", "private-training"


def _addresses_of_objects(office: Office, run_id: str, training_id: str) -> Iterator[tuple[str, str, str]]:
    """Every route that takes an object's id in its path, and those known to take one in the query or form."""
    mine = {
        "run_id": run_id,
        "training_id": training_id,
        "campaign_id": "private-campaign",
        "grading_id": "private-grading",
        "view_id": "private-view",
        "token_id": "private-token",
    }
    for rule, method in routes(office.app):
        if rule.endpoint.startswith("api."):
            continue  # `test_api` asks for its objects
        strange = rule.arguments - mine.keys() - ADMINISTRATORS_OBJECTS - SHARED_BY_ALL - {"row", "export_id", "number"}
        assert not strange, f"say in this test what {sorted(strange)} of {rule} is, and whose"
        if rule.arguments & mine.keys():
            yield address_of(office.app, rule, **mine), method, rule.endpoint
    yield f"/history/delete?run={run_id}", "GET", "history.ask_delete"
    yield f"/history/compare?a={run_id}&b=second-{run_id}", "GET", "history.compare"
    yield f"/history/compare/why.csv?a={run_id}&b=second-{run_id}", "GET", "history.why_csv"
    for part in ("", "/attribute", "/segments", "/together"):
        yield f"/insights{part}?run={run_id}&attribute=Contract&by=tenure", "GET", f"insights{part}"


def _must_be_untouched(office: Office, run_id: str, training_id: str) -> None:
    with ports_of(office.application).new_reading() as uow:
        run, training = uow.runs.get(RunId(run_id)), uow.trainings.get(TrainingId(training_id))
        campaign = uow.campaigns.get(CampaignId("private-campaign"))
        member = uow.campaigns.member(CampaignId("private-campaign"), 1)
    assert run.file_name == training.file_name == "secret-name.csv"
    assert campaign.version == member.version == 1
    assert not run.shared
    assert not run.cancel_requested
    assert not training.cancel_requested


def test_a_posted_list_of_other_peoples_runs_deletes_none(office: Office) -> None:
    run_id, training_id = _private_things(office)
    own = a_finished_run(id=RunId("own-run"), owner=str(office.people[Role.ANALYST].id))
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(own)
        uow.commit()
    browser: Browser = office.browser(Role.ANALYST)

    assert browser.post("/history/delete", {"run": ["own-run", run_id]}).status_code == 404

    _must_be_untouched(office, run_id, training_id)
    with ports_of(office.application).new_reading() as uow:
        assert uow.runs.get(RunId("own-run")) == own, "all or nothing"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_nobody_is_offered_a_page_that_they_may_not_open(office: Office, role: Role) -> None:
    visitor = office.browser(role)
    paths = ("/dashboard", "/history", "/insights", "/models", "/campaigns", "/profile", "/notifications")
    pages = "".join(visitor.get(path).get_data(as_text=True) for path in paths)
    offered = set(re.findall(r'<a\b[^>]*?href="(/[^"#?]*)', pages)) - {"/"}
    assert {"/dashboard", "/history", "/profile"} <= offered
    statuses = {}
    for link in sorted(offered):
        with visitor.get(link) as answer:
            statuses[link] = answer.status_code
    assert [link for link, status in statuses.items() if status == 403] == []
