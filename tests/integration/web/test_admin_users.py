"""People administered on the web, with htmx and without."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bench.ports import ports_of
from domain.account import Role
from tests.integration.web.conftest import PASSWORD, Office


def test_the_list_names_everybody_and_finds_by_name_or_email(office: Office) -> None:
    admin = office.browser(Role.ADMIN)

    everybody = admin.get("/admin/users").get_data(as_text=True)
    listed = admin.htmx("/admin/users?q=VIEWER@").get_data(as_text=True)

    assert all(person.email in everybody for person in office.people.values())
    assert listed.lstrip().startswith('<div id="people">')
    assert office.people[Role.VIEWER].email in listed
    assert office.people[Role.MANAGER].email not in listed


def test_an_invitation_is_shown_once_and_makes_an_account_of_its_role(office: Office) -> None:
    admin, guest = office.browser(Role.ADMIN), office.browser()

    answer = admin.post("/admin/users/invite", {"email": "branch@telco.example.com", "role": "manager"})
    link = _link(answer.get_data(as_text=True))
    joined = guest.post(
        link,
        {"name": "Branch North", "email": "branch@telco.example.com", "password": PASSWORD, "confirm": PASSWORD},
    )

    assert joined.status_code == 303
    assert guest.get("/admin/economics").status_code == 200, "a manager came in"
    assert link not in admin.get("/admin/users").get_data(as_text=True)
    assert office.browser().get(link).status_code == 404, "the link is used up"


def test_an_invitation_for_an_account_that_exists_says_so_at_the_form(office: Office) -> None:
    answer = office.browser(Role.ADMIN).post(
        "/admin/users/invite", {"email": office.people[Role.VIEWER].email, "role": "admin"}, htmx=True
    )

    assert answer.status_code == 422
    assert answer.get_data(as_text=True).strip().startswith('<div id="ask">')
    assert "has an account already" in answer.get_data(as_text=True)


def test_a_withdrawn_invitation_no_longer_works(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    invited = admin.post("/admin/users/invite", {"email": "branch@telco.example.com", "role": "viewer"})
    page = admin.get("/admin/users").get_data(as_text=True)
    withdraw = re.search(r"/admin/users/invitations/[0-9a-f]+/withdraw", page)

    assert withdraw
    admin.post(withdraw[0])

    assert office.browser().get(_link(invited.get_data(as_text=True))).status_code == 404


def test_a_reset_link_is_shown_once_and_sets_a_new_password(office: Office) -> None:
    admin, viewer = office.browser(Role.ADMIN), office.people[Role.VIEWER]

    shown = admin.post(f"/admin/users/{viewer.id}/reset").get_data(as_text=True)
    guest = office.browser()
    new = "nine purple lanterns drift"
    assert guest.post(_link(shown), {"new_password": new, "confirm": new}).status_code == 303

    assert guest.log_in(viewer.email, new).status_code == 303
    assert office.browser().log_in(viewer.email).status_code == 422


def test_disabling_ends_sessions_at_once_and_enabling_allows_log_in_again(office: Office) -> None:
    admin, analyst = office.browser(Role.ADMIN), office.browser(Role.ANALYST)
    person = office.people[Role.ANALYST]

    admin.post(f"/admin/users/{person.id}/disable")
    assert analyst.get("/dashboard").headers["Location"].startswith("/login")
    assert office.browser().log_in(person.email).status_code == 422

    admin.post(f"/admin/users/{person.id}/enable")
    assert office.browser().log_in(person.email).status_code == 303


def test_a_changed_role_applies_from_the_next_request(office: Office) -> None:
    admin, viewer = office.browser(Role.ADMIN), office.browser(Role.VIEWER)
    assert viewer.get("/admin/economics").status_code == 403

    admin.post(f"/admin/users/{office.people[Role.VIEWER].id}/role", {"role": "manager"})

    assert viewer.get("/admin/economics").status_code == 200


def test_the_last_administrator_can_neither_be_disabled_nor_demoted_nor_deleted(office: Office) -> None:
    admin, last = office.browser(Role.ADMIN), office.people[Role.ADMIN]

    for deed, data in (("disable", {}), ("role", {"role": "viewer"}), ("delete", {})):
        answer = admin.post(f"/admin/users/{last.id}/{deed}", data)
        assert answer.status_code == 409, deed
        assert "last administrator" in answer.get_data(as_text=True)
    assert admin.get("/admin/users").status_code == 200


def test_htmx_gets_a_rejection_as_a_dialog_with_the_reason(office: Office) -> None:
    admin = office.browser(Role.ADMIN)

    answer = admin.post(f"/admin/users/{office.people[Role.ADMIN].id}/disable", htmx=True)

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#ask"
    assert "last administrator" in answer.get_data(as_text=True)


def test_one_of_two_administrators_can_be_removed(office: Office) -> None:
    second = office.add("second@telco.example.com", Role.ADMIN)

    assert office.browser(Role.ADMIN).post(f"/admin/users/{second.id}/delete").status_code == 303
    assert "deleted an account" in office.audit()


def test_every_destructive_action_asks_for_confirmation_and_names_its_subject(office: Office) -> None:
    admin, person = office.browser(Role.ADMIN), office.people[Role.ANALYST]

    for deed in ("disable", "sessions", "delete", "reset"):
        page = admin.get(f"/admin/users/{person.id}/{deed}").get_data(as_text=True)
        dialog = admin.htmx(f"/admin/users/{person.id}/{deed}").get_data(as_text=True)
        for answer in (page, dialog):
            assert person.name in answer, deed
            assert f'action="/admin/users/{person.id}/{deed}"' in answer, deed
        assert "<dialog" in dialog
        assert "<dialog" not in page.partition("<main")[2].partition("</main>")[0], (
            "without script the question stands on the page"
        )
    assert "deleted an account" not in office.audit()


def test_htmx_refreshes_the_list_in_place_where_it_was(office: Office) -> None:
    admin, person = office.browser(Role.ADMIN), office.people[Role.ANALYST]

    answer = admin.post(f"/admin/users/{person.id}/sessions", {"back": "/admin/users?q=an&page=2"}, htmx=True)

    assert answer.status_code == 204
    assert json.loads(answer.headers["HX-Location"])["path"] == "/admin/users?q=an&page=2"
    assert "ended" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]


def test_the_return_address_stays_in_the_admin_area(office: Office) -> None:
    admin, person = office.browser(Role.ADMIN), office.people[Role.ANALYST]

    for wanted in (
        "//evil.example",
        "https://evil.example/admin/",
        "/\\evil.example",
        "/logout",
        "javascript:alert(1)",
    ):
        answer = admin.post(f"/admin/users/{person.id}/sessions", {"back": wanted})
        assert answer.headers["Location"] == "/admin/users", wanted


def test_a_pending_account_is_approved_in_one_click(office: Office, tmp_path: Path) -> None:
    admin = office.browser(Role.ADMIN)
    admin.post("/admin/settings", _settings(registration="approval"))
    office.browser().register("branch@telco.example.com")
    with ports_of(office.application).new_reading() as uow:
        branch = uow.accounts.by_email("branch@telco.example.com")
    assert branch
    assert office.browser().log_in(branch.email).status_code == 422

    admin.post(f"/admin/users/{branch.id}/approve")

    assert office.browser().log_in(branch.email).status_code == 303


def _link(page: str) -> str:
    link = re.search(r"http://localhost(/(?:invitation|reset)/[\w-]+)", page)
    assert link, page
    return link[1]


def _settings(**changed: str) -> dict[str, str]:
    return {
        "currency": "USD",
        "time_zone": "Africa/Harare",
        "medium": "25",
        "high": "50",
        "critical": "75",
        "registration": "open",
        "allowed_domains": "",
        "retention_days": "",
        "upload_megabytes": "2147",
        "contact_list_rows": "10000",
        "threshold_strategy": "profit",
        "threshold_target": "",
        **changed,
    }
