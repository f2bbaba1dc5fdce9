"""The recommendations of a prediction are computed again with a changed playbook, and only when a person asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.campaign import CampaignId, PlannedAction
from domain.campaign_members import Side
from domain.playbook import Playbook
from domain.playbook_versions import PlaybookVersion
from domain.run import JobState, Run, RunId
from tests.integration.web.campaigns import Planner
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.measured_campaign import Part, measured_campaign
from tests.integration.web.scored_file import the_file, train_and_score


@pytest.fixture(scope="module")
def scored_installation(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recomputed") / "data"
    return furnished(installed, folder, lambda office: train_and_score(office, file=the_file("generated")))


@pytest.fixture
def planner(new_office: Callable[..., Office], scored_installation: Path) -> Planner:
    return Planner.of(new_office(copy_of=scored_installation))


def run_of(planner: Planner) -> Run:
    with ports_of(planner.office.application).new_reading() as uow:
        return uow.runs.get(RunId(planner.run_id))


def switch_off_the_best(planner: Planner) -> str:
    """Save a playbook without the action that most customers get. Returns its id."""
    summary = run_of(planner).summary
    assert summary is not None
    assert summary.contacting is not None
    action_id = summary.contacting.actions[0].action_id
    with ports_of(planner.office.application).new_uow() as uow:
        latest = uow.playbooks.latest()
        actions = tuple(replace(own, switched_on=own.id != action_id) for own in latest.actions)
        at = datetime(2026, 11, 1, tzinfo=UTC)
        uow.playbooks.add(PlaybookVersion(Playbook(latest.version + 1, actions), "Somebody", "", at))
        uow.commit()
    return action_id


def test_a_prediction_keeps_its_actions_until_it_is_computed_again(planner: Planner) -> None:
    action_id = switch_off_the_best(planner)
    html = planner.page(f"/predictions/{planner.run_id}")
    assert "The playbook has changed since" in html
    before = run_of(planner)
    assert planner.browser.post(f"/predictions/{planner.run_id}/recommend").status_code == 303
    assert "Waiting for its turn" in planner.page(f"/predictions/{planner.run_id}")
    (task,) = planner.work()
    assert task.state is JobState.DONE
    after = run_of(planner)
    assert after.summary is not None
    assert before.summary is not None
    assert after.summary.contacting is not None
    assert before.playbook_version == 1
    assert after.playbook_version == 2
    assert action_id not in {total.action_id for total in after.summary.contacting.actions}
    assert replace(after.summary, contacting=before.summary.contacting) == before.summary
    with ports_of(planner.office.application).new_reading() as uow:
        contacts = uow.predictions.of_run(after.id, limit=1_000)
    assert action_id not in {contact.recommendation.action_id for contact in contacts}
    assert contacts[0].recommendation.expected_gain >= contacts[-1].recommendation.expected_gain
    html = planner.page(f"/predictions/{planner.run_id}")
    assert "The playbook has changed since" not in html
    assert "computed recommendations again" in planner.office.audit()


def test_only_who_may_change_a_prediction_can_compute_it_again(planner: Planner) -> None:
    switch_off_the_best(planner)
    with ports_of(planner.office.application).new_uow() as uow:
        uow.runs.save(replace(uow.runs.get(RunId(planner.run_id)), shared=True))
        uow.commit()
    manager = planner.office.browser(Role.MANAGER)
    assert manager.post(f"/predictions/{planner.run_id}/recommend").status_code == 403
    html = manager.get(f"/predictions/{planner.run_id}").get_data(as_text=True)
    assert f"/predictions/{planner.run_id}/recommend" not in html


def test_a_customer_is_not_erased_while_recommendations_are_computed(planner: Planner) -> None:
    planner.browser.post(f"/predictions/{planner.run_id}/recommend")
    admin = planner.office.browser(Role.ADMIN)
    answer = admin.post("/admin/customers/erase/confirmed", {"customer_id": "C-1"})
    assert answer.status_code == 409
    assert "being worked out" in answer.get_data(as_text=True)


def test_a_save_rate_that_a_campaign_measured_changes_the_next_recommendation(planner: Planner) -> None:
    summary = run_of(planner).summary
    assert summary is not None
    assert summary.contacting is not None
    best = summary.contacting.actions[0]
    action = PlannedAction(best.action_id, "The best", "phone", 0, 0, 0.0, 0.0, 0.0)
    application, manager = planner.office.application, Actor(planner.office.people[Role.MANAGER])
    useless = Part(Side.CONTACT, 1_400, 600, action=action), Part(Side.CONTROL, 1_400, 600, action=action)
    measured_campaign(ports_of(application).new_uow, *useless)
    application.campaign_effects.close_campaign(CampaignId("spring"), based_on=1, by=manager)

    view = application.campaign_effects.measure_campaign(CampaignId("spring"), by=manager.account)
    application.campaign_effects.adopt_save_rate(
        CampaignId("spring"), best.action_id, based_on=view.playbook_version, by=manager
    )
    assert planner.browser.post(f"/predictions/{planner.run_id}/recommend").status_code == 303
    planner.work()

    after = run_of(planner).summary
    assert after is not None
    assert after.contacting is not None
    customers = {own.action_id: own.customers for own in after.contacting.actions}
    assert customers.get(best.action_id, 0) < best.customers / 2
