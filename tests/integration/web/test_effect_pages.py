"""Whether a campaign worked, on its page: read, closed, groups left alone, save rates taken over."""

from __future__ import annotations

import re

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.campaign import Campaign, CampaignId, CampaignState, PlannedAction
from domain.campaign_members import Outcome, Side, Status
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.measured_campaign import Part, measured_campaign

PAGE = "/campaigns/spring/effect"
CONTACT, CONTROL = Side.CONTACT, Side.CONTROL


class Measuring:
    """The manager's campaign, and the manager's browser."""

    def __init__(self, office: Office, *parts: Part, role: Role = Role.MANAGER) -> None:
        self.office = office
        self.ports = ports_of(office.application)
        owner = str(office.people[Role.MANAGER].id)
        measured_campaign(self.ports.new_uow, *parts, owner=owner, shared=True)
        self.browser = office.browser(role)

    def page(self, browser: Browser | None = None) -> str:
        answer = (browser or self.browser).get(PAGE)
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)

    def post(self, what: str, **fields: str) -> str:
        """Send a form. Returns the page that follows."""
        answer = self.browser.post(f"/campaigns/spring/{what}", fields)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self.page()

    def close(self) -> str:
        return self.post("close", based_on=str(self.campaign().version))

    def campaign(self) -> Campaign:
        with self.ports.new_reading() as uow:
            return uow.campaigns.get(CampaignId("spring"))


def answer_in(page: str) -> str:
    found = re.search(r'<p class="answer">(.*?)</p>', page)
    assert found
    return re.sub(r"<.*?>", "", found[1])


def test_before_outcomes_arrive_the_page_says_so(office: Office) -> None:
    measuring = Measuring(office, Part(CONTACT, 0, 0, 90), Part(CONTROL, 0, 0, 40))

    page = measuring.page()

    assert answer_in(page) == "No outcomes have arrived yet, so there is nothing to compare."
    assert "<strong>130 members</strong> have no outcome yet, 40 of them left alone." in page
    assert 'class="forest"' not in page


def test_without_a_control_group_nobody_can_say_anything(office: Office) -> None:
    page = Measuring(office, Part(CONTACT, 90, 10)).page()

    assert answer_in(page) == "Nobody can tell whether this campaign kept anybody: it has no control group."


def test_few_controls_are_too_few(office: Office) -> None:
    page = Measuring(office, Part(CONTACT, 90, 10), Part(CONTROL, 9, 3)).page()

    assert answer_in(page) == "Too few to say: 12 customers were left alone, and it takes 30 of each."
    assert "Too few to say: needs 18 more left alone" in page


def test_a_closed_campaign_shows_for_ever_what_it_was_closed_with(office: Office) -> None:
    measuring = Measuring(office, Part(CONTACT, 360, 40, 10), Part(CONTROL, 140, 60, 5))
    assert answer_in(measuring.page()).startswith("So far contact has kept")

    page = measuring.close()

    assert answer_in(page) == (
        "Contact kept 80 customers, between 53 and 109 (95%). "
        "That is worth $24,000 after all costs, between $15,843 and $32,588."
    )
    assert "15 members had no outcome when it was closed and are in neither group, 5 of them left alone." in page
    assert measuring.campaign().state is CampaignState.CLOSED
    with measuring.ports.new_uow() as uow:
        uow.campaigns.set_outcomes(CampaignId("spring"), {1: (Outcome.LEFT, None)})
        uow.commit()
    assert answer_in(measuring.page()) == answer_in(page)
    assert "cannot become closed" in measuring.close()
    assert office.audit().count("closed a campaign") == 1


def test_a_campaign_that_changed_meanwhile_is_not_closed(office: Office) -> None:
    measuring = Measuring(office, Part(CONTACT, 36, 4), Part(CONTROL, 34, 6))

    page = measuring.post("close", based_on="7")

    assert "This campaign was changed in the meantime" in page
    assert measuring.campaign().state is CampaignState.RUNNING


def test_customers_whom_contact_harms_are_taken_off_the_list_with_one_click(office: Office) -> None:
    measuring = Measuring(office, Part(CONTACT, 60, 100, 40), Part(CONTROL, 190, 10))
    page = measuring.page()
    assert "Who should be left alone" in page
    form = re.search(r'leave-alone">.*?name="by" value="(\w+)"/?>.*?name="key" value="(\w+)"', page)
    assert form
    assert form.groups() == ("action", "call")

    page = measuring.post("leave-alone", by="action", key="call")

    assert "200 customers were taken off the list." in page
    with measuring.ports.new_reading() as uow:
        assert uow.campaigns.totals(CampaignId("spring")).of(CONTACT).count(Status.LEFT_ALONE) == 200
    assert measuring.browser.post("/campaigns/spring/leave-alone", {"by": "band", "key": "5"}).status_code == 404


def test_a_reader_sees_the_effect_and_no_button(office: Office) -> None:
    measuring = Measuring(office, Part(CONTACT, 60, 100, 40), Part(CONTROL, 190, 10))

    page = measuring.page(office.browser(Role.VIEWER))

    assert "Who should be left alone" in page
    assert "Take them off the list" not in page
    assert "Close for good" not in page


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
def test_only_those_who_edit_the_playbook_take_a_save_rate_over(office: Office, role: Role) -> None:
    measuring = Measuring(office, *_of_the_playbook(office))
    measuring.close()

    assert "Use in the playbook" not in measuring.page(office.browser(role))


def test_a_measured_save_rate_gets_into_the_playbook(office: Office) -> None:
    measuring = Measuring(office, *_of_the_playbook(office))
    page = measuring.close()
    assert "assumed 42% → measured 60%, from 58 would-be leavers" in page
    action, version = _playbook(office)

    page = measuring.post("save-rate", action=action, based_on=str(version))

    assert f"The playbook has this save rate from version {version + 1}. The next prediction uses it." in page
    assert "In the playbook" in page
    with measuring.ports.new_reading() as uow:
        changed = uow.playbooks.latest().action(action)
    assert changed is not None
    assert changed.save_rate_measured
    assert changed.measured_in.startswith("Spring calls, closed 20")
    assert changed.save_rate_weight == 78.3
    assert "not measured a save rate" in measuring.post("save-rate", action=action, based_on=str(version + 1))


def test_a_save_rate_is_not_taken_over_from_an_outdated_page(office: Office) -> None:
    measuring = Measuring(office, *_of_the_playbook(office))
    measuring.close()
    action, version = _playbook(office)

    page = measuring.post("save-rate", action=action, based_on=str(version - 1))

    assert "The playbook was changed in the meantime" in page


def _playbook(office: Office) -> tuple[str, int]:
    with ports_of(office.application).new_reading() as uow:
        latest = uow.playbooks.latest()
    return latest.actions[0].id, latest.version


def _of_the_playbook(office: Office) -> tuple[Part, Part]:
    action = PlannedAction(_playbook(office)[0], "The first", "phone", 0, 0, 0.0, 0.0, 0.0)
    return Part(CONTACT, 360, 40, action=action), Part(CONTROL, 140, 60, action=action)


def test_the_effect_is_a_table_and_a_printed_page_without_any_customer(office: Office) -> None:
    action = PlannedAction("call", "=HYPERLINK(1)", "phone", 0, 0, 0.0, 0.0, 0.0)
    measuring = Measuring(office, Part(CONTACT, 360, 40, 10, action=action), Part(CONTROL, 14, 6, action=action))

    with measuring.browser.get(f"{PAGE}.csv") as answer:
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="effect-Spring-calls-')
    assert lines[0] == (
        "comparison,name,contacted,contacted_stayed,left_alone,left_alone_stayed,difference,low,high,finding"
    )
    assert lines[1] == "all,All customers,410,370,20,14,,,,"
    assert lines[2] == "action,'=HYPERLINK(1),410,370,20,14,,,,"
    with measuring.browser.get(f"{PAGE}.pdf") as answer:
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF")
    assert "spring-1" not in "\n".join(lines)


def test_closed_campaigns_are_compared_and_the_year_is_summed_up(office: Office) -> None:
    measuring = Measuring(office, Part(CONTACT, 360, 40), Part(CONTROL, 140, 60))
    assert "Did they work?" not in measuring.browser.get("/campaigns").get_data(as_text=True)
    measuring.close()
    measured_campaign(measuring.ports.new_uow, Part(CONTACT, 9, 1), id="small", name="Small", shared=True)
    version = str(measuring.campaign().version - 1)
    assert measuring.browser.post("/campaigns/small/close", {"based_on": version}).status_code == 303

    page = measuring.browser.get("/campaigns").get_data(as_text=True)

    assert "+20.0 points, between +13.2 and +27.2" in page
    assert "could not be measured" in page
