"""Measuring passwords: what it may cost, and what a page is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from application.ports.security import MeterBusy
from domain.account import Role
from domain.actor import Actor
from domain.errors import InvalidInput
from tests.fakes.security import CountedPace
from tests.integration.web.conftest import PASSWORD, Office
from tests.integration.web.moves import NEW_PASSWORD, reset_link

PREVIEW = "/register/strength"


class BusyMeter:
    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Any:
        raise MeterBusy


def test_the_preview_is_throttled_by_address(office: Office) -> None:
    office.replace_everywhere("pace", CountedPace(allowed=3))
    browser = office.browser()

    answers = [browser.post(PREVIEW, {"password": NEW_PASSWORD}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert answers[-1].headers["Retry-After"] == "1"


def test_every_way_to_choose_a_password_is_throttled_before_it_is_measured(office: Office) -> None:
    link = reset_link(office)
    invitation = office.application.administration.invite(
        "new@telco.example.com", Role.VIEWER, by=Actor(office.people[Role.ADMIN])
    )
    analyst, nobody = office.browser(Role.ANALYST), office.browser()
    office.replace_everywhere("pace", CountedPace(allowed=0))
    office.replace_everywhere("meter", None)  # measuring anything would be an error of ours
    account = {"name": "New", "email": "new@telco.example.com", "password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    change = {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}

    answers = {
        "register": nobody.post("/register", account),
        "join": nobody.post(f"/invitation/{invitation}", account),
        "reset": nobody.post(f"/reset/{link}", change),
        "change": analyst.post("/profile/password", {**change, "current_password": PASSWORD}),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 429)
    assert all(answer.headers["Retry-After"] == "1" for answer in answers.values())


def test_while_another_password_is_measured_the_preview_is_empty_and_forms_say_so(office: Office) -> None:
    office.replace_everywhere("meter", BusyMeter())
    browser = office.browser()

    preview = browser.post(PREVIEW, {"password": NEW_PASSWORD})
    sent = browser.register("new@telco.example.com")

    assert (preview.status_code, preview.data) == (204, b"")
    assert sent.status_code == 503
    assert "Nothing was changed. Please try again." in sent.get_data(as_text=True)


def test_a_preview_with_an_earlier_sessions_token_is_not_answered_and_no_error(office: Office) -> None:
    browser = office.browser()
    token = browser.token()
    browser.log_in(office.people[Role.ANALYST].email)

    late = browser.client.post(PREVIEW, data={"password": "x"}, headers={"X-CSRFToken": token, "HX-Request": "true"})

    assert (late.status_code, late.data) == (204, b"")


def test_a_breached_password_is_refused_where_a_list_is_configured(new_office: Any, tmp_path: Path) -> None:
    (tmp_path / "leaked.txt").write_text(f"{NEW_PASSWORD}\n", encoding="utf-8")
    office = new_office(breached_passwords=tmp_path / "leaked.txt")

    answer = office.browser().register("new@telco.example.com", NEW_PASSWORD)
    preview = office.browser().post(PREVIEW, {"password": NEW_PASSWORD})

    assert answer.status_code == 422
    assert "not known from a data breach" in answer.get_data(as_text=True)
    assert "Not known from a data breach" in preview.get_data(as_text=True)


def test_a_list_that_is_missing_stops_the_start_and_is_named(new_office: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"NETONE_BREACHED_PASSWORDS.*gone\.txt"):
        new_office(breached_passwords=tmp_path / "gone.txt")
