"""What was refused stands in the audit log, a bounded number of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.security.hourly_counts import MAX_KEYS, HourlyCounts
from application.ports.audit import AuditEntry, AuditQuery
from bench.ports import ports_of
from domain.account import Role
from tests.integration.web.conftest import Office
from tests.integration.web.moves import movable_clock, with_prediction_of

THROTTLED = "was throttled"
NO_TOKEN = "sent a form without a valid token"
NOT_THEIRS = "asked for something that is not there or not theirs"


def entries(office: Office, action: str) -> list[AuditEntry]:
    """Oldest first."""
    with ports_of(office.application).new_reading() as uow:
        audited, _ = uow.audit.find(AuditQuery(action=action, limit=1000))
    return list(reversed(audited))


def test_throttled_requests_are_recorded(office: Office) -> None:
    movable_clock(office)
    browser = office.browser()
    for _ in range(7):
        browser.log_in(office.people[Role.VIEWER].email, "not the password")

    [entry] = entries(office, THROTTLED)
    assert (entry.actor, entry.subject, entry.address) == ("(no account)", "accounts.login", "127.0.0.1")


def test_a_form_without_a_valid_token_is_recorded(office: Office) -> None:
    office.browser(Role.ADMIN).client.post("/logout")

    [entry] = entries(office, NO_TOKEN)
    assert (entry.actor, entry.subject) == ("admin@telco.example.com", "accounts.logout")


def test_requests_for_another_persons_prediction_are_recorded_without_its_id(office: Office) -> None:
    with_prediction_of(office, Role.MANAGER)

    assert office.browser(Role.ANALYST).get("/predictions/run-1").status_code == 404

    [entry] = entries(office, NOT_THEIRS)
    assert (entry.actor, entry.subject) == ("analyst@telco.example.com", "predictions.show")


def test_a_page_that_does_not_exist_is_not_recorded(office: Office) -> None:
    office.browser(Role.ANALYST).get("/no-such-page")
    office.browser().get("/predictions/run-1")

    assert entries(office, NOT_THEIRS) == []


def test_repeats_are_recorded_by_powers_of_ten_and_again_in_the_next_hour(office: Office) -> None:
    clock = movable_clock(office)
    browser = office.browser(Role.ANALYST)
    for _ in range(25):
        browser.get("/predictions/nobodys")

    assert [entry.subject for entry in entries(office, NOT_THEIRS)] == [
        "predictions.show",
        "predictions.show, 10 times this hour",
    ]
    clock.move(hours=1)
    browser.get("/predictions/nobodys")
    assert len(entries(office, NOT_THEIRS)) == 3


def test_many_addresses_cannot_fill_the_log() -> None:
    counter, at = HourlyCounts(), datetime(2026, 11, 2, 12, 30, tzinfo=UTC)

    counts = [counter.count(f"key {number}", at=at) for number in range(600)]

    assert MAX_KEYS == 500
    assert counts == [1] * 500 + [None] * 100
    assert counter.count("(many)", at=at) == 1
    assert counter.count("key 7", at=at) == 2
    assert counter.count("key 599", at=at + timedelta(minutes=30)) == 1, "a new hour"


def test_rejections_beyond_the_limit_are_counted_together(office: Office) -> None:
    class Full(HourlyCounts):
        def count(self, key: str, *, at: datetime) -> int | None:
            return super().count(key, at=at) if key == "(many)" else None

    office.replace_everywhere("counter", Full())
    browser = office.browser(Role.ANALYST)
    for _ in range(3):
        browser.get("/predictions/nobodys")

    [entry] = entries(office, NOT_THEIRS)
    assert (entry.actor, entry.address) == ("(many)", "")
