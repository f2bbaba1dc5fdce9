"""The pages of a campaign's list: filters, statuses in the row, opting out, assignments, cards and files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.campaign import CampaignId, CampaignState
from domain.campaign_members import Status
from domain.do_not_contact import Source
from tests.integration.web.conftest import Office
from tests.integration.web.workbooks import cells_of
from tests.integration.web.worked_campaign import ADDRESS, CONTROL, Campaigning, customers_in


@pytest.fixture
def campaign(office: Office) -> Campaigning:
    return Campaigning(office)


def test_the_page_answers_first_and_lists_those_to_contact(campaign: Campaigning) -> None:
    html = campaign.page()
    assert "<strong>30 customers</strong> are to be contacted" in html
    assert "$1,200" in html, "expected gain"
    assert customers_in(html) == [f"TALK-{number}" for number in range(1, 26)]
    assert "1–25 of 30" in html
    assert customers_in(campaign.page("?page=2")) == [f"TALK-{number}" for number in range(26, 31)]
    campaign.mark(1, "accepted")
    html = campaign.page()
    assert "<strong>1 of 30 customers</strong> was contacted and <strong>1</strong> accepted" in html
    assert "$6 spent so far" in html


def test_filters_and_orders_are_in_the_address(campaign: Campaigning) -> None:
    campaign.assign([2, 4], Role.ANALYST)
    campaign.mark(4, "reached")
    assert customers_in(campaign.page("?channel=sms"))[:2] == ["TALK-3", "TALK-6"]
    assert customers_in(campaign.page("?action=text"))[:2] == ["TALK-3", "TALK-6"]
    assert customers_in(campaign.page("?status=reached")) == ["TALK-4"]
    assert customers_in(campaign.page("?list=mine")) == ["TALK-2", "TALK-4"]
    assert customers_in(campaign.page("?list=mine&status=open")) == ["TALK-2"]
    assert "1 of 2 customers" in campaign.page("?list=mine")
    assert len(customers_in(campaign.page("?list=nobody"))) == 25
    assert customers_in(campaign.page(f"?list={campaign.office.people[Role.ANALYST].id}")) == ["TALK-2", "TALK-4"]
    assert customers_in(campaign.page("?sort=risk&dir=asc"))[0] == "TALK-30"
    assert customers_in(campaign.page("?due=1")) == []
    assert "No customer matches" in campaign.page("?due=1")
    assert customers_in(campaign.page("?sort=nonsense&status=nonsense&page=x"))[0] == "TALK-1"


def test_a_search_for_an_id_keeps_the_id_out_of_the_address(campaign: Campaigning) -> None:
    answer = campaign.browser.post(f"{ADDRESS}/search", {"q": "TALK-7"})
    assert answer.status_code == 303
    assert "TALK-7" not in answer.headers["Location"]
    assert customers_in(campaign.browser.get(answer.headers["Location"]).get_data(as_text=True)) == ["TALK-7"]
    answer = campaign.browser.get(f"{ADDRESS}?q=TALK-7")
    assert "TALK-7" not in answer.headers["Location"]
    control = campaign.browser.post(f"{ADDRESS}/search", {"q": f"{CONTROL}-31"}, headers={"HX-Target": "member_table"})
    found = campaign.browser.get(control.headers["Location"]).get_data(as_text=True)
    assert "No customer matches" in found


def test_a_status_changes_in_its_row_and_is_undone_there(campaign: Campaigning) -> None:
    answer = campaign.mark(3, "no_answer")
    row = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#member-3")
    assert answer.headers["HX-Trigger"] == "member-changed"
    assert row.startswith('<tr id="member-3"')
    assert row.count("<tr") == 1
    assert "data-undo" in row

    row = campaign.change(3, "undo").get_data(as_text=True)

    assert "data-undo" not in row
    assert campaign.member(3).status is Status.TO_CONTACT
    assert "“No answer” was undone" in campaign.page("/members/3")


def test_the_figures_above_the_list_are_fetched_alone(campaign: Campaigning) -> None:
    campaign.mark(3, "accepted")
    headers = {"HX-Request": "true", "HX-Target": "list_answer"}
    part = campaign.browser.client.get(ADDRESS, headers=headers).get_data(as_text=True)
    assert part.startswith('<div class="answer-block" id="list_answer"')
    assert "member_table" not in part


def test_an_outdated_row_is_not_stored_and_shows_what_it_is_now(campaign: Campaigning) -> None:
    version = str(campaign.member(3).version)
    campaign.mark(3, "accepted")

    answer = campaign.mark(3, "declined", version=version)

    row = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#member-3"
    assert "Analyst changed this entry in the meantime: it is “Accepted” now. Your change was not stored." in row
    assert '<option value="accepted" selected>' in row
    assert campaign.member(3).status is Status.ACCEPTED


def test_opting_out_is_asked_first_and_cannot_be_undone(campaign: Campaigning) -> None:
    asked = campaign.mark(3, "opted_out").get_data(as_text=True)
    assert "do-not-contact list" in asked
    assert "cannot be undone" in asked
    assert campaign.member(3).status is Status.TO_CONTACT
    assert "opted_out" in campaign.browser.htmx(f"{ADDRESS}/members/3/row").get_data(as_text=True), "a choice again"

    row = campaign.mark(3, "opted_out", confirmed="yes").get_data(as_text=True)

    assert "data-undo" not in row
    assert "<select" not in row
    assert campaign.mark(3, "reached").status_code == 409
    with ports_of(campaign.office.application).new_reading() as uow:
        entry = uow.do_not_contact.get("TALK-3")
    assert entry is not None
    assert entry.source is Source.OPTED_OUT


def test_a_customer_on_the_do_not_contact_list_is_marked_and_can_only_opt_out(campaign: Campaigning) -> None:
    campaign.block("TALK-3")
    assert re.findall(
        r'data-open>([^<]+)</a>\s*<span class="micro">\s*<span class="pill pill-critical', campaign.page()
    ) == ["TALK-3"]
    assert campaign.mark(3, "reached").status_code == 409
    assert "Do not contact this customer" in campaign.page("/members/3")
    assert campaign.mark(3, "opted_out", confirmed="yes").status_code == 200


def test_without_scripts_forms_lead_to_the_card(campaign: Campaigning) -> None:
    answer = campaign.change(3, "status", htmx=False, query="?list=mine", status="reached")
    assert answer.headers["Location"] == f"{ADDRESS}/members/3?list=mine"
    answer = campaign.change(3, "status", htmx=False, status="opted_out")
    assert answer.headers["Location"] == f"{ADDRESS}/members/3?ask=opted_out"
    answer = campaign.change(3, "status", htmx=False, query="?list=nobody", status="opted_out")
    assert answer.headers["Location"] == f"{ADDRESS}/members/3?list=nobody&ask=opted_out"
    assert 'name="confirmed"' in campaign.page("/members/3?ask=opted_out")
    answer = campaign.change(3, "status", htmx=False, status="declined", version="1")
    assert answer.status_code == 303
    assert "in the meantime" in campaign.page("/members/3")


def test_a_note_is_written_in_a_dialog_and_shown_in_the_row(campaign: Campaigning) -> None:
    dialog = campaign.browser.htmx(f"{ADDRESS}/members/3/note").get_data(as_text=True)
    assert "<dialog" in dialog
    row = campaign.change(3, "note", note="Call after <six>.").get_data(as_text=True)
    assert "Call after &lt;six&gt;." in row
    assert campaign.change(3, "note", note="x" * 1001).status_code == 422
    assert campaign.browser.get(f"{ADDRESS}/members/3/note").status_code == 303


def test_due_dates_and_people_are_set_for_ticked_rows_and_for_all(campaign: Campaigning) -> None:
    analyst, manager = (str(campaign.office.people[role].id) for role in (Role.ANALYST, Role.MANAGER))
    dialog = campaign.browser.htmx(f"{ADDRESS}/assign?what=people&member=1&member=2").get_data(as_text=True)
    assert "<strong>2 customers</strong> that you selected" in dialog
    alone = campaign.page("/assign?channel=sms")
    assert "<strong>10 customers</strong> that match the filter" in alone
    assert ("<dialog" in dialog, "hx-post" in dialog) == (True, True)
    assert "data-open-now" not in alone, "a separate page, in which nothing opens over it"
    assert 'hx-target="#dialogs"' not in alone, "its form is sent as a page"

    campaign.browser.post(f"{ADDRESS}/assign", {"person": [analyst], "member": ["1", "2"]})
    campaign.browser.post(f"{ADDRESS}/assign?channel=sms", {"person": [analyst, manager]})
    campaign.browser.post(f"{ADDRESS}/due?list=mine", {"due": "2026-11-30"})

    assert [campaign.member(n).assigned_to for n in (1, 2, 3, 4, 6, 9, 12)] == [
        *(analyst, analyst, analyst, None),
        *(manager, manager, analyst),
    ]
    assert [campaign.member(n).due for n in (1, 6)] == [date(2026, 11, 30), None]
    assert "Assigned to Manager" in campaign.page("/members/6")
    assert "assigned 10 members of a campaign" in campaign.office.audit()
    assert campaign.browser.post(f"{ADDRESS}/assign", {"person": []}).status_code == 422
    assert campaign.browser.post(f"{ADDRESS}/due", {"due": "soon"}).status_code == 422
    assert campaign.browser.post(f"{ADDRESS}/assign", {"person": [analyst], "member": ["31"]}).status_code == 404
    assert campaign.change(1, "due", htmx=False, due="").status_code == 303
    assert campaign.member(1).due is None


def test_my_lists_are_campaigns_with_customers_to_contact(campaign: Campaigning) -> None:
    assert "Nobody is on your lists" in campaign.browser.get("/campaigns/mine").get_data(as_text=True)
    campaign.assign([1, 2], Role.MANAGER)
    mine = campaign.as_(Role.MANAGER).get("/campaigns/mine").get_data(as_text=True)
    assert "<strong>2 customers</strong> on your lists are still to be contacted" in mine
    assert "/campaigns/spring?list=mine" in mine


def test_a_card_says_what_may_be_said_and_goes_to_the_next(campaign: Campaigning) -> None:
    html = campaign.page("/members/4?channel=phone")
    assert "This customer <strong>has a month-to-month contract</strong>." in html
    assert "Your contract ends soon." in html
    assert "Worth up to <strong>$5.00</strong>" in html
    assert 'href="/campaigns/spring/members/2?channel=phone"' in html
    assert 'href="/campaigns/spring/members/5?channel=phone"' in html
    assert campaign.browser.get(f"{ADDRESS}/members/31").status_code == 404
    paper = campaign.page("/members/4?print=1")
    assert paper.count("<article") == 1
    assert "has a month-to-month contract" in paper


def test_cards_of_my_list_are_printed_together(campaign: Campaigning) -> None:
    campaign.assign([1, 2, 3], Role.ANALYST)
    campaign.mark(1, "accepted")
    campaign.block("TALK-2")
    paper = campaign.page("/cards?list=mine")
    assert paper.count("<article") == 1
    assert "TALK-3" in paper
    assert campaign.browser.get(f"{ADDRESS}/cards?channel=letter").status_code == 404


def test_files_have_the_chosen_columns_names_and_customers(campaign: Campaigning) -> None:
    campaign.block("TALK-6")
    campaign.mark(9, "accepted")
    query = "?channel=sms&column=customer_id&column=reason_1&name-customer_id=Kunde"
    page = campaign.page(f"/export{query}")
    assert "<strong>8 customers</strong>" in page
    assert f"{ADDRESS}/export.csv{query.replace('&', '&amp;')}" in page

    answer = campaign.browser.get(f"{ADDRESS}/export.csv{query}")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    answer.close()
    book = campaign.browser.get(f"{ADDRESS}/export.xlsx{query}")
    with zipfile.ZipFile(io.BytesIO(book.data)) as opened:
        cells = cells_of(opened, "xl/worksheets/sheet1.xml")
    book.close()

    assert lines[0] == ["Kunde", "reason_1"]
    assert lines[1] == ["TALK-3", "has a month-to-month contract"]
    assert [line[0] for line in lines[1:]] == [f"TALK-{n}" for n in (3, 12, 15, 18, 21, 24, 27, 30)]
    assert cells == lines
    assert 'filename="list-Spring-calls-sms-2' in answer.headers["Content-Disposition"]
    assert "exported 8 members of a campaign as csv" in campaign.office.audit()
    assert not list((campaign.office.folder).rglob("*.xlsx")), "sent files do not stay"
    assert (
        campaign.browser.get(f"{ADDRESS}/export?column=customer_id&column=note&name-note=customer_id").status_code
        == 422
    )


def test_a_viewer_reads_what_is_shared_and_changes_nothing(office: Office) -> None:
    campaign = Campaigning(office, role=Role.VIEWER, shared=True)
    html = campaign.page()
    assert len(customers_in(html)) == 25
    assert '<select class="form-select" name="status" aria-label="Status of' not in html
    assert "Assign customers" not in html
    assert campaign.mark(1, "reached").status_code == 403
    assert campaign.browser.get(f"{ADDRESS}/export").status_code == 403


@pytest.mark.parametrize("state", [CampaignState.MEASURING, CampaignState.CLOSED])
def test_a_list_that_is_no_longer_worked_is_only_read(office: Office, state: CampaignState) -> None:
    campaign = Campaigning(office, state=state)
    assert "Status of TALK-1" not in campaign.page()
    assert campaign.mark(1, "reached").status_code == 409
    assert campaign.member(1).status is Status.TO_CONTACT


def test_assigned_people_see_the_campaign_of_somebody_else(office: Office) -> None:
    campaign = Campaigning(office)
    other = office.add("second@telco.example.com", Role.ANALYST)
    browser = office.browser()
    browser.log_in(other.email)
    assert browser.get(ADDRESS).status_code == 404
    with ports_of(office.application).new_uow() as uow:
        uow.campaigns.assign(CampaignId("spring"), [1], str(other.id))
        uow.commit()
    assert browser.get(ADDRESS).status_code == 200
    answer = browser.post(f"{ADDRESS}/members/2/status", {"status": "reached", "version": "1"}, htmx=True)
    assert answer.status_code == 200
    assert campaign.member(2).status is Status.REACHED
