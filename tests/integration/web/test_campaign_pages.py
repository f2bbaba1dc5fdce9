"""From a prediction to a running campaign, on pages: planned first, started as it was seen, nothing created twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from application.ports.campaign_records import MemberQuery
from bench.ports import ports_of
from domain.account import Role
from domain.campaign import CampaignState, Excluded
from domain.campaign_members import Side
from domain.do_not_contact import Entry, Source
from domain.run import JobState, RunId
from tests.integration.web.campaigns import Planner
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.scored_file import the_file, train_and_score

CHANNELS = ("phone", "sms", "email", "app", "letter", "shop")


@pytest.fixture(scope="module")
def scored_installation(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaigns") / "data"
    return furnished(installed, folder, lambda office: train_and_score(office, file=the_file("generated")))


@pytest.fixture
def planner(new_office: Callable[..., Office], scored_installation: Path) -> Planner:
    return Planner.of(new_office(copy_of=scored_installation))


def limited(channel: str, most: int) -> dict[str, str]:
    """The fields of a channel's capacity, as the form has them."""
    return {"channels-0-channel": channel, "channels-0-most": str(most)}


def test_a_draft_says_whom_it_would_contact_and_what_that_proves(planner: Planner) -> None:
    address = planner.draft(customers="150", **limited("phone", 90))
    campaign = planner.campaign(address)
    plan = campaign.plan
    assert plan is not None
    assert 90 < plan.members <= 150
    assert plan.control == round(plan.members / 10)
    assert sum(action.contacted for action in plan.actions if action.channel == "phone") <= 90
    html = planner.page(address)
    assert f"<strong>{plan.contacted} customers</strong>" in html
    assert f"and {plan.control} left alone nobody will be able to say whether it worked: it takes 30 of each." in html
    assert "The next contact by phone would earn at most about $" in html
    with ports_of(planner.office.application).new_reading() as uow:
        assert list(uow.campaigns.keys(campaign.id)) == []


def test_the_form_offers_the_channels_of_the_playbook_and_the_filter_of_the_page(planner: Planner) -> None:
    html = planner.page(f"/campaigns/new?run={planner.run_id}&label=leaving&band=critical&attr=Contract&level=One+year")
    assert all(f'value="{channel}"' in html for channel in CHANNELS[:5])
    assert "Likely to leave" in html
    assert "Critical risk" in html
    assert "Contract: One year" in html


def test_the_filter_of_the_page_chooses_the_customers(planner: Planner) -> None:
    everybody = planner.campaign(planner.draft()).plan
    some = planner.campaign(planner.draft("&label=leaving")).plan
    assert everybody is not None
    assert some is not None
    assert 0 < some.matching < everybody.matching


def test_starting_creates_the_members_that_were_planned(planner: Planner) -> None:
    address = planner.draft(customers="50", control="20")
    planner.start(address)
    campaign = planner.campaign(address)
    assert campaign.state is CampaignState.RUNNING
    assert campaign.plan is not None
    with ports_of(planner.office.application).new_reading() as uow:
        members = uow.campaigns.page(campaign.id, MemberQuery(limit=0)).members
        keys = list(uow.campaigns.keys(campaign.id))
        totals = uow.campaigns.totals(campaign.id)
    assert len(keys) == len({key.customer_id for key in keys}) == 50
    assert sum(key.side is Side.CONTROL for key in keys) == campaign.plan.control == 10
    gains = [member.expected_gain for member in members]
    assert gains == sorted(gains, reverse=True)
    assert sum(gains) == pytest.approx(campaign.plan.expected_gain)
    assert totals.of(Side.CONTACT).expected_gain == pytest.approx(campaign.plan.expected_gain)
    assert all(member.message and member.reasons and member.value > 0 for member in members)
    assert "started a campaign" in planner.office.audit()
    assert "Running" in planner.page(address)


def test_a_customer_of_a_running_campaign_is_in_no_other_one(planner: Planner) -> None:
    planner.start(planner.draft(customers="40"))
    other = planner.campaign(planner.draft(customers="40")).plan
    assert other is not None
    assert dict(other.excluded)[Excluded.OTHER_CAMPAIGN] == 40


def test_whoever_must_not_be_contacted_is_left_out(planner: Planner) -> None:
    first = planner.campaign(planner.draft()).plan
    since = datetime(2026, 11, 1, tzinfo=UTC)
    with ports_of(planner.office.application).new_uow() as uow:
        uow.do_not_contact.add_many(Entry(one, since, Source.MARKED, "Somebody") for one in riskiest(planner))
        uow.commit()
    second = planner.campaign(planner.draft()).plan
    assert first is not None
    assert second is not None
    assert dict(second.excluded)[Excluded.DO_NOT_CONTACT] == 3


def test_the_dashboard_proposes_nobody_whom_a_campaign_or_the_list_holds(planner: Planner) -> None:
    application = planner.office.application
    before = application.insights.open_dashboard(by=planner.office.people[Role.ANALYST])
    first = [str(one.customer.id) for one in before.contacts]
    with ports_of(application).new_uow() as uow:
        uow.do_not_contact.add_many([Entry(first[0], datetime(2026, 11, 1, tzinfo=UTC), Source.MARKED, "Somebody")])
        uow.commit()
    planner.start(planner.draft(customers="40"))
    with ports_of(application).new_reading() as uow:
        held = set(uow.campaigns.held_customers())
    after = application.insights.open_dashboard(by=planner.office.people[Role.ANALYST])
    proposed = [str(one.customer.id) for one in after.contacts]
    assert len(proposed) == 5
    assert not set(proposed) & (held | {first[0]})
    gains = [one.recommendation.expected_gain for one in after.contacts]
    assert gains == sorted(gains, reverse=True)


def riskiest(planner: Planner) -> list[str]:
    """The three customers who earn most of those who have not left."""
    with ports_of(planner.office.application).new_reading() as uow:
        run, policy = uow.runs.get(RunId(planner.run_id)), uow.policies.get()
    found = ports_of(planner.office.application).results.best_contacts(
        run.id, 300, threshold=run.threshold, bands=policy.bands
    )
    return [one.customer.id for one in found if not one.actual][:3]


def test_what_changed_since_the_plan_is_shown_before_anything_starts(planner: Planner) -> None:
    address, other = planner.draft(customers="40"), planner.draft(customers="40")
    planner.start(other)
    planner.start(address)
    campaign = planner.campaign(address)
    assert campaign.state is CampaignState.DRAFT
    html = planner.page(address)
    assert "Since this campaign was planned" in html
    planner.start(address)
    assert planner.campaign(address).state is CampaignState.RUNNING


def test_a_second_request_to_start_changes_nothing(planner: Planner) -> None:
    address = planner.draft(customers="30")
    version = str(planner.campaign(address).version)
    for _ in range(2):
        answer = planner.browser.post(f"{address}/start", {"based_on": version, "confirmed": "yes"})
        assert answer.status_code == 303
    (task,) = planner.work()
    assert task.state is JobState.DONE
    assert planner.browser.post(f"{address}/start", {"based_on": version}).status_code == 303
    assert planner.work() == []


def test_limits_are_changed_and_worked_out_again(planner: Planner) -> None:
    address = planner.draft(customers="50")
    campaign = planner.campaign(address)
    fields = {"name": "Smaller", "control": "0", "customers": "10", "based_on": str(campaign.version)}
    assert planner.browser.post(f"{address}/plan", fields).status_code == 303
    assert "being chosen" in planner.page(address)
    planner.work()
    changed = planner.campaign(address)
    assert changed.plan is not None
    assert (changed.name, changed.plan.contacted, changed.plan.control) == ("Smaller", 10, 0)
    assert "Without a control group" in planner.page(address)
    answer = planner.browser.post(f"{address}/plan", fields)
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "This campaign was changed in the meantime" in html
    assert html.index("changed in the meantime") < html.index("<h1>")
    assert f'name="based_on" type="hidden" value="{changed.version}"' in html
    assert planner.browser.post(f"{address}/plan", fields | {"based_on": str(changed.version)}).status_code == 303


def test_the_page_of_a_draft_has_no_limits_while_it_is_planned_and_is_loaded_again_after_it(planner: Planner) -> None:
    fields = {"name": "Spring calls", "control": "10", "customers": "20"}
    address = planner.browser.post(f"/campaigns/new?run={planner.run_id}", fields).headers["Location"]
    assert "Work it out again" not in planner.page(address)
    assert 'http-equiv="refresh"' in planner.page(address)
    assert planner.browser.htmx(address).status_code == 200
    planner.work()
    answer = planner.browser.htmx(address)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, address)
    assert "Work it out again" in planner.page(address)
    assert planner.browser.get(f"{address}/plan").headers["Location"] == address


def test_starting_asks_first_with_the_numbers_of_the_plan(planner: Planner) -> None:
    address = planner.draft(customers="30")
    based_on = {"based_on": str(planner.campaign(address).version)}
    answer = planner.browser.post(f"{address}/start", based_on)
    assert answer.status_code == 200
    html = " ".join(answer.get_data(as_text=True).split())
    assert "<strong>27 customers</strong> will be contacted and <strong>3</strong> left alone" in html
    assert planner.work() == []
    planner.browser.post(f"{address}/start", based_on | {"confirmed": "yes"})
    planner.work()
    assert planner.campaign(address).state is CampaignState.RUNNING


@pytest.mark.parametrize(
    "changed", [{"customers": "5"}, {"name": "Other calls"}, {"control": "60"}, limited("phone", 3)]
)
def test_limits_that_were_not_planned_are_not_started(planner: Planner, changed: dict[str, str]) -> None:
    address = planner.draft(customers="30")
    version = str(planner.campaign(address).version)
    same = {"based_on": version, "name": "Spring calls", "control": "10", "customers": "30"}
    sent = same | changed | {"confirmed": "yes"}
    answer = planner.browser.post(f"{address}/start", sent)
    assert answer.status_code == 422
    assert "Work it out again” first" in answer.get_data(as_text=True)
    asked = planner.browser.post(f"{address}/start", sent, htmx=True)
    assert asked.status_code == 422
    assert "Start with" not in asked.get_data(as_text=True)
    assert planner.work() == []
    assert planner.browser.post(f"{address}/start", same).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Name the campaign."),
        ("control", "60", "From 0 to 50%."),
        ("control", "", "Enter a percentage."),
        ("customers", "0", "From 1 to 200,000 customers."),
        ("customers", "many", "Not a valid integer value"),
        ("offers", "-1", "Enter an amount of 0 or more."),
        ("offers", "dear", "Not a valid decimal value"),
        ("second", "51", "From 0 to 50%."),
    ],
)
def test_a_wrong_field_is_explained_at_the_field(planner: Planner, field: str, value: str, words: str) -> None:
    fields = {"name": "Calls", "control": "10", field: value}
    answer = planner.browser.post(f"/campaigns/new?run={planner.run_id}", fields)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_campaign_is_deleted_unless_it_holds_customers(planner: Planner) -> None:
    draft, running = planner.draft(customers="20"), planner.draft(customers="20")
    planner.start(running)
    assert planner.browser.post(f"{draft}/delete").status_code == 303
    assert planner.browser.get(draft).status_code == 404
    planner.browser.post(f"{running}/delete")
    assert "Close this campaign before you delete it" in planner.page(running)


def test_the_list_shows_campaigns_that_a_person_may_see(planner: Planner) -> None:
    address = planner.draft(customers="20")
    assert "Spring calls" in planner.page("/campaigns")
    assert "Spring calls" in planner.office.browser(Role.MANAGER).get("/campaigns").get_data(as_text=True)
    viewer = planner.office.browser(Role.VIEWER)
    assert "No campaigns yet" in viewer.get("/campaigns").get_data(as_text=True)
    assert viewer.get(address).status_code == 404
    version = planner.campaign(address).version
    planner.browser.post(f"{address}/share", {"shared": "yes", "based_on": str(version)})
    assert viewer.get(address).status_code == 200
    assert viewer.post(f"{address}/start", {"based_on": "3"}).status_code == 403


def test_the_stage_goes_on_and_back(planner: Planner) -> None:
    address = planner.draft(customers="20")
    planner.start(address)
    for to, state in (("measuring", CampaignState.MEASURING), ("running", CampaignState.RUNNING)):
        version = planner.campaign(address).version
        if to == "measuring":
            asked = planner.browser.post(f"{address}/stage", {"to": to, "based_on": str(version)})
            assert "<strong>18 customers</strong> are still to contact." in " ".join(asked.text.split())
            assert planner.campaign(address).state is CampaignState.RUNNING
        planner.browser.post(f"{address}/stage", {"to": to, "based_on": str(version), "confirmed": "yes"})
        assert planner.campaign(address).state is state
    assert planner.browser.post(f"{address}/stage", {"to": "draft", "based_on": "1"}).status_code == 400


def test_the_result_page_offers_a_campaign_with_its_filter(planner: Planner) -> None:
    html = planner.page(f"/predictions/{planner.run_id}?label=leaving&sort=gain")
    link = re.search(r'href="(/campaigns/new[^"]+)"', html)
    assert link is not None
    assert link[1] == f"/campaigns/new?run={planner.run_id}&amp;label=leaving"


def test_without_a_prediction_the_page_says_where_to_begin(office: Office) -> None:
    html = office.browser(Role.ANALYST).get("/campaigns/new").get_data(as_text=True)
    assert "A campaign begins with a prediction" in html


def test_a_customers_page_names_the_campaigns_that_contact_them_and_never_a_control(planner: Planner) -> None:
    address = planner.draft(customers="40")
    planner.start(address)
    campaign = planner.campaign(address)
    with ports_of(planner.office.application).new_reading() as uow:
        contacted = uow.campaigns.page(campaign.id, MemberQuery(limit=1)).members[0]
        control = next(key for key in uow.campaigns.keys(campaign.id) if key.side is Side.CONTROL)
        (_, left_alone), *_ = uow.campaigns.of_customer(control.customer_id)
    customers = f"/predictions/{planner.run_id}/customers"

    page = planner.page(f"{customers}/{contacted.row}")

    assert "Where this customer was on the list of those to contact" in page
    assert f'<a class="u" href="{address}/members/{contacted.number}">Spring calls</a>' in page
    assert "<td>To contact</td>" in page
    assert "Spring calls" not in planner.page(f"{customers}/{left_alone.row}")
    assert planner.campaign(planner.draft(customers="30")).state is CampaignState.DRAFT
    assert planner.page(f"{customers}/{contacted.row}").count("Spring calls</a>") == 1


def test_the_form_says_how_many_are_contacted_while_it_is_filled_in(planner: Planner) -> None:
    assert "Of 10, 9 contacted and 1 left alone" in planner.page("/campaigns/groups?customers=10&control=10")
    assert "Of 30, 27 contacted and 3 left alone" in planner.page(planner.draft(customers="30"))
    assert "contacted" not in planner.page("/campaigns/groups?customers=10&control=60")


def test_without_anybody_left_alone_the_effect_says_the_plain_counts(planner: Planner) -> None:
    address = planner.draft(customers="20", control="0")
    planner.start(address)
    html = planner.page(f"{address}/effect")
    assert "0 of 20 customers to contact left so far; of 20 it is not known." in html
    assert "leave at least 30 alone" in html


def test_a_draft_names_whom_it_would_contact_and_the_list_counts_its_members(planner: Planner) -> None:
    address = planner.draft(customers="40")
    html = planner.page(address)
    assert "Whom it would contact" in html
    assert "Show all" in html
    named = re.findall(rf'href="/predictions/{planner.run_id}/customers/(\d+)"', html)
    listed = re.sub(r"\s+", " ", planner.page("/campaigns"))
    assert '40 <span class="micro quiet">planned</span>' in listed
    planner.start(address)
    with ports_of(planner.office.application).new_reading() as uow:
        members = uow.campaigns.page(planner.campaign(address).id, MemberQuery(limit=0)).members
    assert [int(row) for row in named] == [member.row for member in members]
    assert len(named) == 36
    plan = planner.campaign(address).plan
    assert plan is not None
    assert plan.first == ()


def test_of_a_large_draft_the_first_hundred_are_named(planner: Planner) -> None:
    html = planner.page(planner.draft(customers="120", control="0"))
    assert html.count(f"/predictions/{planner.run_id}/customers/") == 100
    assert "20 further customers will be listed once it has started." in html
