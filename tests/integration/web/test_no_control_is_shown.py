"""No page, part of a page or file of a campaign names a customer who is left alone for comparison."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.campaign import CampaignId
from domain.campaign_export import ListColumn
from domain.campaign_members import SETTABLE
from tests.integration.web.conftest import Office
from tests.integration.web.test_permissions import address_of, routes
from tests.integration.web.worked_campaign import ADDRESS, CONTACTS, CONTROL, Campaigning

EVERY_COLUMN = "&".join(f"column={column}" for column in ListColumn)
QUERIES = ("page=2", "sort=risk&list=nobody&channel=phone", EVERY_COLUMN, "print=1")


def addresses(office: Office) -> Iterator[tuple[str, str]]:
    """Every route of a campaign with its methods: for a contacted member, for a control, and with queries."""
    for rule, method in routes(office.app):
        if "campaign_id" not in rule.arguments or rule.endpoint in ENDING:
            continue
        plain = address_of(office.app, rule, campaign_id="spring", number="1")
        yield plain, method
        if "number" in rule.arguments:
            yield address_of(office.app, rule, campaign_id="spring", number=str(CONTACTS + 1)), method
        if method == "GET":
            yield from ((f"{plain}?{query}", method) for query in QUERIES if reads(rule.endpoint, query))


ENDING = frozenset({"campaigns.close", "campaigns.delete", "campaigns.stage"})
"""They end what this test looks at, and answer with a redirect alone."""


def reads(endpoint: str, query: str) -> bool:
    """Whether the route does something with the query: columns are for files, paper for cards."""
    if query == EVERY_COLUMN:
        return endpoint in ("campaigns.csv", "campaigns.xlsx", "campaigns.export")
    return query != "print=1" or endpoint == "campaigns.card"


def text_of(content: bytes) -> str:
    """The content; of a workbook, all its parts unpacked."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def leaks(campaign: Campaigning, role: Role) -> list[str]:
    """Addresses whose answer names a control, asked as a page and as a part of one."""
    browser = campaign.as_(role)
    found, answered = [], 0
    token = browser.token()
    for url, method in addresses(campaign.office):
        data = {"q": f"{CONTROL}-31", "member": "31"} if method == "POST" else None
        for part in ({}, {"HX-Request": "true", "HX-Target": "member_table"}) if "?" not in url else ({},):
            headers = {"X-CSRFToken": token, **part}
            with browser.client.open(url, method=method, headers=headers, data=data) as answer:
                text = text_of(answer.data)
                answered += answer.status_code == 200
            if CONTROL in text.replace(f'value="{CONTROL}-31"', ""):  # what this person has typed is theirs
                found.append(f"{method} {url} {part}")
    assert answered > 5
    return found


@pytest.mark.parametrize("role", list(Role))
def test_no_answer_to_anybody_names_a_control(office: Office, role: Role) -> None:
    campaign = Campaigning(office, shared=True)
    campaign.assign([1, 2], Role.ANALYST)

    assert leaks(campaign, role) == []


def test_no_answer_names_a_control_after_any_status(office: Office) -> None:
    campaign = Campaigning(office)
    shown = ("", "/members/1", "/export.csv", f"/export.csv?{EVERY_COLUMN}", "/export.xlsx", "/cards", "/export")
    for number, status in enumerate(SETTABLE, start=1):
        with campaign.mark(number, status, confirmed="yes") as answer:
            assert CONTROL not in answer.get_data(as_text=True)
        for path in shown:
            with campaign.browser.get(f"{ADDRESS}{path}") as answer:
                assert answer.status_code == 200, path
                assert CONTROL not in text_of(answer.data), (status, path)


def test_a_control_that_a_page_would_name_is_found(office: Office) -> None:
    campaign = Campaigning(office)
    with ports_of(office.application).new_uow() as uow:
        member = uow.campaigns.member(CampaignId("spring"), 1)
        uow.campaigns.save_member(CampaignId("spring"), member.noted(f"{CONTROL}-31 is left alone"))
        uow.commit()
    assert len(leaks(campaign, Role.MANAGER)) > 5
