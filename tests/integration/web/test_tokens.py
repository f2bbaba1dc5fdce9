"""A person's tokens for programs: made with the password, shown once, listed and revoked."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from tests.integration.web.conftest import PASSWORD, Browser, Office


@pytest.fixture
def analyst(office: Office) -> Browser:
    return office.browser(Role.ANALYST)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return html.unescape(answer.get_data(as_text=True))


def request_of(**given: object) -> dict[str, object]:
    return {"name": "nightly scoring", "scopes": ["score"], "days": "30", "current_password": PASSWORD} | given


def secret_in(page: str) -> str:
    return re.findall(r"netone_[\w-]{43}", page)[0]


def test_a_token_is_shown_once_and_works_for_its_person(office: Office, analyst: Browser) -> None:
    page = text_of(analyst.post("/profile/tokens", request_of()))
    secret = secret_in(page)
    assert "It is shown only now" in page
    assert secret not in text_of(analyst.get("/profile/tokens"))
    holder = office.application.accounts.authenticate_token(secret)
    assert holder is not None
    assert holder.account.email == "analyst@telco.example.com"
    assert holder.token.expires_at - holder.token.created_at == timedelta(days=30)
    assert office.audit()[0] == "made a token"
    with ports_of(office.application).new_reading() as uow:
        assert secret not in repr(uow.api_tokens.of(holder.account.id))


def test_a_token_needs_the_password_and_all_that_makes_it(analyst: Browser) -> None:
    page = text_of(analyst.post("/profile/tokens", request_of(current_password="a wrong password")), 422)
    assert "netone_" not in page
    assert "nightly scoring" in page
    page = text_of(analyst.post("/profile/tokens", request_of(scopes=[])), 422)
    assert "Choose at least one of: read, score, train, manage." in page
    page = text_of(analyst.post("/profile/tokens", {"scopes": ["read"], "days": "30"}), 422)
    assert "Say which program will use it." in page
    assert "Enter your current password." in page
    assert "You have no tokens." in text_of(analyst.get("/profile/tokens"))


def test_a_revoked_token_stops_at_once_and_only_its_person_revokes_it(office: Office, analyst: Browser) -> None:
    secret = secret_in(text_of(analyst.post("/profile/tokens", request_of())))
    holder = office.application.accounts.authenticate_token(secret)
    assert holder is not None
    path = f"/profile/tokens/{holder.token.id}/revoke"
    assert office.browser(Role.ADMIN).post(path).status_code == 404
    assert office.application.accounts.authenticate_token(secret) is not None
    assert analyst.post(path).status_code == 303
    assert office.application.accounts.authenticate_token(secret) is None
    assert office.audit()[0] == "revoked a token"
    assert analyst.post(path).status_code == 404


def test_a_token_stops_with_the_access_of_its_person(office: Office, analyst: Browser) -> None:
    secret = secret_in(text_of(analyst.post("/profile/tokens", request_of())))
    account = office.people[Role.ANALYST]
    admin = Actor(office.people[Role.ADMIN])
    office.application.administration.disable_account(account.id, by=admin)
    assert office.application.accounts.authenticate_token(secret) is None
    office.application.administration.enable_account(account.id, by=admin)
    assert office.application.accounts.authenticate_token(secret) is None


def test_the_profile_and_the_download_of_ones_data_name_the_tokens(analyst: Browser) -> None:
    secret = secret_in(text_of(analyst.post("/profile/tokens", request_of())))
    assert "1 token" in text_of(analyst.get("/profile"))
    data = text_of(analyst.get("/profile/my-data.json"))
    assert '"name": "nightly scoring"' in data
    assert secret not in data
