"""The dashboard in each of its states."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.formatting.babel_formats import formats_of
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.campaign import CampaignId
from domain.campaign_members import Side
from domain.model import ModelStage
from domain.prediction import Reason
from domain.progress import JobStage, Progress, ScoringStage
from domain.run import MonthSummary, Run, RunId
from entrypoints.web.dashboard.page import _contacts, _same_action
from tests.builders import a_contact, a_finished_run, a_model_version, a_run, a_summary
from tests.integration.web.conftest import Office
from tests.integration.web.measured_campaign import Part, measured_campaign

NOVEMBER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def keep(office: Office, *runs: Run, contacts: bool = False, **model: Any) -> None:
    """Runs, the champion that made them, and the latest run's contact list."""
    with ports_of(office.application).new_uow() as uow:
        if not uow.models.all():
            uow.models.add(a_model_version(**({"id": "v1", "stage": ModelStage.CHAMPION} | model)))
        for run in runs:
            uow.runs.add(run)
        if contacts:
            uow.predictions.add(runs[-1].id, [a_contact()])
        uow.commit()


def month(text: str, *, expected: float = 0.25, observed: float | None = None) -> MonthSummary:
    return MonthSummary(text, 2000, expected, 500, 10_000.0, observed)


def run_of(office: Office, number: int, **given: Any) -> Run:
    """A finished run of the analyst; the higher its number, the later."""
    filled = {
        "id": RunId(f"run-{number}"),
        "owner": str(office.people[Role.ANALYST].id),
        "created_at": NOVEMBER + timedelta(hours=number),
        "file_name": f"customers-{number}.csv",
    }
    return a_finished_run(**(filled | given))


def page_of(office: Office, role: Role = Role.ANALYST) -> str:
    answer = office.browser(role).get("/dashboard")
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def plain(page: str) -> str:
    """What a person reads: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)).strip()


def chart(page: str, name: str) -> dict[str, Any]:
    template = re.search(rf'<template id="{name}">(.*?)</template>', page, re.S)
    assert template, f"the page holds the data of {name}"
    return json.loads(template[1])


def test_an_empty_dashboard_offers_three_ways_to_begin(office: Office) -> None:
    keep(office)
    page = page_of(office)
    for words in ("Try it with sample data", "Choose a customer file", "Train a model"):
        assert words in page


def test_while_the_starter_model_is_trained_the_sample_waits_and_the_page_asks_again(office: Office) -> None:
    page = page_of(office)
    assert "The starter model is being trained" in page
    assert re.search(r'hx-trigger="every 2s"', page)
    assert re.search(r"<button[^>]* disabled>Try it with sample data", page)


def test_a_viewer_without_predictions_is_offered_only_permitted_actions(office: Office) -> None:
    page = page_of(office, Role.VIEWER)
    assert "Nothing is shared with you yet" in page
    assert "Try it with sample data" not in page


def test_the_answer_says_who_leaves_what_is_at_risk_and_what_acting_earns(office: Office) -> None:
    keep(office, run_of(office, 1), horizon="the next quarter")
    text = plain(page_of(office))
    assert "22 of 98 customers are likely to leave within the next quarter; $1,810 a month is at risk." in text
    assert "Contacting the 17 for whom an offer pays is expected to earn $512." in text
    assert text.count("Gains are expected, assuming save rates of 11.5% to 42%; none measured yet.") == 1


def test_without_a_revenue_column_the_answer_and_the_figures_do_without_money_at_risk(office: Office) -> None:
    summary = a_summary(revenue_likely=None, revenue_total=None, money_at_risk=None)
    keep(office, run_of(office, 1, summary=summary))
    text = plain(page_of(office))
    assert "likely to leave within the next quarter." in text
    assert "at risk" not in text
    assert "17 customers worth contacting" in text


def test_changes_are_shown_relative_to_the_previous_month(office: Office) -> None:
    before = a_summary(months=(month("2026-10"),), likely_to_leave=20)
    now = a_summary(months=(month("2026-11"),), rows=101, scored=99, likely_to_leave=30)
    keep(office, run_of(office, 1, summary=before), run_of(office, 2, summary=now))
    text = plain(page_of(office))
    assert "1 more than in Oct 2026" in text
    assert "9.9 points more than in Oct 2026" in text


def test_the_trend_has_a_point_a_month_its_interval_and_what_was_observed(office: Office) -> None:
    runs = [
        run_of(office, 1, summary=a_summary(months=(month("2026-09", expected=0.24, observed=0.25),))),
        run_of(office, 2, summary=a_summary(months=(month("2026-10", expected=0.27, observed=0.26),))),
        run_of(office, 3, summary=a_summary(months=(month("2026-11", expected=0.26),))),
    ]
    keep(office, *runs)
    page = page_of(office)
    spec = chart(page, "trend")
    expected, observed = spec["series"]
    assert spec["labels"] == ["Sep 2026", "Oct 2026", "Nov 2026"]
    assert expected["data"] == [24.0, 27.0, 26.0]
    assert all(low < value < high for low, value, high in zip(expected["lo"], expected["data"], expected["hi"]))  # noqa: B905
    assert observed["data"] == [25.0, 26.0, None]
    assert "Expected churn rose from 24.0% in Sep 2026 and is 26.0% in Nov 2026" in page
    assert "Observed (known up to Oct 2026)" in page


def test_a_single_point_draws_no_line_and_the_panel_says_why(office: Office) -> None:
    keep(office, run_of(office, 1, summary=a_summary(months=(month("2026-11"),))))
    page = plain(page_of(office))
    assert "A line needs two months. So far there is one, Nov 2026, with 25.0% expected" in page
    assert "trend" not in re.findall(r'<template id="([^"]+)"', page_of(office))


def test_the_axis_takes_round_ends_around_everything_that_is_drawn(office: Office) -> None:
    months = (month("2026-10", expected=0.2413, observed=0.3), month("2026-11", expected=0.26))
    keep(office, run_of(office, 1, summary=a_summary(months=months)))
    spec = chart(page_of(office), "trend")
    assert spec["yMin"] <= 22.5
    assert spec["yMax"] >= 30
    assert (spec["yMax"] - spec["yMin"]) / spec["yStep"] == pytest.approx(
        round((spec["yMax"] - spec["yMin"]) / spec["yStep"])
    )


def test_the_next_contacts_link_to_the_customer(office: Office) -> None:
    keep(office, run_of(office, 1), contacts=True)
    page = page_of(office)
    assert "/predictions/run-1/customers/1" in page
    assert "One-year contract, 10% off" in page


def a_contact_view(*reasons: tuple[Reason, ...], actions: tuple[str, ...] = ()) -> Any:
    schema = a_model_version().schema
    contacts = [a_contact(row=row, customer_id=f"{row}") for row in range(1, len(reasons) + 1)]
    changed = [
        replace(
            own,
            prediction=replace(own.prediction, likely_to_leave=True, raises=raises),
            recommendation=replace(own.recommendation, name=name),
        )
        for own, raises, name in zip(contacts, reasons, actions or ("Call",) * len(reasons), strict=True)
    ]
    return SimpleNamespace(contacts=changed, latest_model=SimpleNamespace(schema=schema))


def test_reasons_of_the_next_contacts_differ_where_they_can() -> None:
    contract, calls = Reason("Contract", "Month-to-month", 0.9), Reason("Tickets", 9.0, 0.2)
    view = a_contact_view((contract, calls), (contract, calls), (contract,))
    assert [why for _, why in _contacts(view, formats_of("USD"))] == [
        ("Month-to-month contract", "Tickets 9"),
        ("Month-to-month contract", "Tickets 9"),
        ("Month-to-month contract",),
    ]
    view = a_contact_view((contract,), (contract, calls))
    assert [why for _, why in _contacts(view, formats_of("USD"))][1] == ("Tickets 9", "Month-to-month contract")


def test_an_action_that_is_the_same_for_all_is_said_once() -> None:
    reason = Reason("Contract", "Month-to-month", 0.9)
    assert _same_action(a_contact_view((reason,), (reason,), actions=("Call", "Call"))) == "Call"
    assert _same_action(a_contact_view((reason,), (reason,), actions=("Call", "Bonus"))) == ""
    assert _same_action(a_contact_view((reason,), actions=("Call",))) == ""


def test_tasks_name_critical_customers_outdated_predictions_and_a_candidate_to_decide_on(office: Office) -> None:
    keep(office, run_of(office, 1, shared=True), id="v1")
    with ports_of(office.application).new_uow() as uow:
        uow.models.set_stage("v1", ModelStage.RETIRED)
        champion = a_model_version(id="v2", stage=ModelStage.CHAMPION)
        uow.models.add(champion)
        uow.models.add(a_model_version(id="v3", trained_at=champion.trained_at + timedelta(days=1)))
        uow.commit()
    manager = page_of(office, Role.MANAGER)
    assert "Contact 17 customers" in manager
    assert "An offer pays, and is expected to earn $512 in all" in manager
    assert "Look at 10 critical customers" in manager
    assert "Score 1 prediction again" in manager
    assert "Decide on candidate v3" in manager
    assert "Decide on candidate" not in page_of(office)


def test_the_starter_model_is_marked_and_training_on_own_customers_is_offered(office: Office) -> None:
    keep(office, run_of(office, 1, model_version="v0"), id="v0", starter=True)
    text = plain(page_of(office))
    assert "Starter model (trained on generated customers; train on yours for real figures)" in text
    assert "Train a model on your customers" in text


def test_sample_runs_are_marked_and_can_be_removed_after_a_question(office: Office) -> None:
    keep(office, run_of(office, 1, sample=True))
    browser = office.browser(Role.ANALYST)
    page = browser.get("/dashboard").get_data(as_text=True)
    assert "Remove the sample data?" in page
    assert "These customers are generated" in page
    assert browser.post("/dashboard/sample/remove").status_code == 303
    with ports_of(office.application).new_reading() as uow:
        assert not uow.runs.unfinished()
    assert "The sample data was removed" in browser.get("/dashboard").get_data(as_text=True)


def test_own_predictions_are_listed_before_the_sample(office: Office) -> None:
    keep(office, run_of(office, 1), run_of(office, 2, sample=True))
    assert "customers-1.csv" in page_of(office).split("answer-note")[1].split("</p>")[0]


def test_while_the_sample_is_scored_the_page_counts_months_and_then_fills_in_place(office: Office) -> None:
    waiting = a_run(id=RunId("run-2"), owner=str(office.people[Role.ANALYST].id), sample=True, created_at=NOVEMBER)
    keep(office, run_of(office, 1, sample=True), waiting)
    browser = office.browser(Role.ANALYST)
    assert "1 of 2 months scored" in browser.get("/dashboard").get_data(as_text=True)
    part = browser.htmx("/dashboard/progress?part=sample")
    assert part.get_data(as_text=True).lstrip().startswith('<div id="sample_progress"')
    with ports_of(office.application).new_uow() as uow:
        started = waiting.started(worker="w", at=NOVEMBER)
        uow.runs.save(started.done(a_summary(), playbook_version=1, at=NOVEMBER))
        uow.commit()
    whole = browser.htmx("/dashboard/progress?part=sample")
    assert whole.headers["HX-Retarget"] == "#dashboard_body"
    assert "Key figures" in whole.get_data(as_text=True)


def test_while_a_run_is_under_way_its_row_shows_how_far_it_is_and_the_list_asks_again(office: Office) -> None:
    running = replace(
        a_run(id=RunId("run-2"), owner=str(office.people[Role.ANALYST].id), created_at=NOVEMBER + timedelta(days=1)),
        progress=Progress(JobStage.WAITING, 0, 400),
    ).started(worker="w", at=NOVEMBER)
    running = replace(running, progress=Progress(ScoringStage.SCORING, 164, 400))
    keep(office, run_of(office, 1), running)
    browser = office.browser(Role.ANALYST)
    page = browser.get("/dashboard").get_data(as_text=True)
    assert "Scoring and explaining each customer 41%" in page
    assert "under_way=1" in page
    assert "HX-Retarget" not in browser.htmx("/dashboard/progress?under_way=1").headers
    assert browser.htmx("/dashboard/progress?under_way=2").headers["HX-Retarget"] == "#dashboard_body"


def test_a_failed_run_says_why_in_the_list(office: Office) -> None:
    failed = run_of(office, 1)
    failed = replace(a_run(id=RunId("run-9"), owner=failed.owner), created_at=NOVEMBER).failed(
        "No tenure column.", at=NOVEMBER
    )
    keep(office, failed)
    page = page_of(office)
    assert "Failed" in page
    assert "No tenure column." in page


def test_an_analyst_does_not_see_somebody_elses_private_answer(office: Office) -> None:
    keep(office, run_of(office, 1, owner=str(office.people[Role.MANAGER].id), file_name="secret.csv"))
    assert "secret.csv" not in page_of(office)


def test_what_this_years_campaigns_gained_is_said_with_its_interval(office: Office) -> None:
    keep(office, a_finished_run())
    browser = office.browser(Role.MANAGER)
    assert "Campaigns gained" not in browser.get("/dashboard").get_data(as_text=True)
    measured_campaign(ports_of(office.application).new_uow, Part(Side.CONTACT, 360, 40), Part(Side.CONTROL, 140, 60))
    by = Actor(office.people[Role.MANAGER])
    closed = office.application.campaign_effects.close_campaign(CampaignId("spring"), based_on=1, by=by)

    page = browser.get("/dashboard").get_data(as_text=True)

    assert closed.closed_at is not None
    year = closed.closed_at.year
    assert f"Campaigns gained $24,000 in {year} after all costs, between $15,843 and $32,588 (95%)." in page
