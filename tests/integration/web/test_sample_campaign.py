"""When the last month of the sample data is scored, there is a closed campaign with a clear effect."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.campaign import Campaign, CampaignState
from domain.campaign_members import Status
from domain.run import Run
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.scored_file import the_file, train_and_score


@pytest.fixture(scope="module")
def scored_installation(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    return furnished(installed, folder, lambda office: train_and_score(office, file=the_file("generated")))


@pytest.fixture
def office(new_office: Callable[..., Office], scored_installation: Path) -> Office:
    return new_office(copy_of=scored_installation)


def score_sample(office: Office, folder: Path) -> list[Run]:
    """Three months of sample data, scored one after another."""
    application, by = office.application, Actor(office.people[Role.ANALYST])
    months = ports_of(application).sample.write_months(folder, rows=2_000, seed=2027, months=3, last_month="2026-10")
    submit, score = application.predictions.submit_scoring, application.predictions.score_run
    runs = [submit(io.BytesIO(path.read_bytes()), path.name, by=by, sample=True) for path in months]
    ended = [score(run.id) for run in runs]
    return [run for run in ended if run is not None]


def campaigns(office: Office) -> list[Campaign]:
    with ports_of(office.application).new_reading() as uow:
        return list(uow.campaigns.all())


def test_the_sample_data_has_a_campaign_whose_effect_is_clear(office: Office, tmp_path: Path) -> None:
    runs = score_sample(office, tmp_path)

    office.application.campaigns.make_sample(runs[-1])

    (campaign,) = campaigns(office)
    assert (campaign.state, campaign.sample, campaign.run_id) == (CampaignState.CLOSED, True, runs[0].id)
    assert "made-up" in campaign.name
    effect = campaign.effect
    assert effect is not None
    assert effect.unknown == 0
    assert effect.contacted.members + effect.control.members == 800
    assert effect.plain.low > 0.0
    assert effect.plain.value / effect.control.churn == pytest.approx(0.4, abs=0.15)
    with ports_of(office.application).new_reading() as uow:
        totals = uow.campaigns.totals(campaign.id)
        events = uow.campaigns.events(campaign.id)
        assert list(uow.campaigns.held_customers()) == []
    assert totals.count(Status.ACCEPTED) > 100
    assert any("contacts are made up" in event.before for event in events)
    measured = office.application.campaign_effects.measure_campaign(campaign.id, by=office.people[Role.MANAGER])
    assert measured.rates == ()  # made-up contacts say nothing about the playbook
    office.application.campaigns.make_sample(runs[-1])
    assert campaigns(office) == [campaign]


def test_nothing_is_made_of_other_runs_or_before_the_last_month(office: Office, tmp_path: Path) -> None:
    with ports_of(office.application).new_reading() as uow:
        (own,) = uow.runs.find(RunQuery()).runs
    assert office.application.campaigns.make_sample(own) is None
    application, by = office.application, Actor(office.people[Role.ANALYST])
    (path, other) = ports_of(application).sample.write_months(
        tmp_path, rows=200, seed=1, months=2, last_month="2026-10"
    )
    submit = application.predictions.submit_scoring
    first = submit(io.BytesIO(path.read_bytes()), path.name, by=by, sample=True)
    submit(io.BytesIO(other.read_bytes()), other.name, by=by, sample=True)
    ended = application.predictions.score_run(first.id)
    assert ended is not None
    assert application.campaigns.make_sample(ended) is None
    assert campaigns(office) == []


def test_the_campaign_goes_with_the_sample_data(office: Office, tmp_path: Path) -> None:
    runs = score_sample(office, tmp_path)
    office.application.campaigns.make_sample(runs[-1])
    office.application.predictions.remove_sample(by=Actor(office.people[Role.ANALYST]))
    assert campaigns(office) == []
