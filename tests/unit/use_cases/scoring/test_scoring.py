"""A file that is scored: risk, reasons, actions and contacts, or a failure in plain words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from application.ports.persistence import Contact, EncodedContacts
from application.ports.results import CustomerQuery
from application.use_cases.open_result import OpenResult
from domain.policy import InstallationPolicy
from domain.run import RunId, RunState
from tests.builders import a_contact
from tests.fakes.kept.contacts import encode_contacts
from tests.fakes.results import InMemoryResults
from tests.unit.use_cases.scoring.desk import ANALYST, FILE, HEADER, ROWS, Desk


def test_a_file_goes_in_and_every_customer_comes_out_with_risk_reasons_and_action(desk: Desk) -> None:
    run = desk.submit()
    assert desk.queue.asked == [run.id]
    done = desk.score(run.id)
    assert done is not None
    assert done.state is RunState.DONE
    assert done.summary is not None
    assert (done.summary.rows, done.summary.scored, done.summary.rejected) == (10, 10, 0)
    assert done.summary.likely_to_leave == 4
    result = OpenResult(desk.new_uow, desk.results)(run.id, CustomerQuery(threshold=0.5, limit=100), by=ANALYST)
    first = result.page.customers[0]
    assert first.prediction.likely_to_leave
    assert [reason.attribute for reason in first.prediction.raises] == ["Contract"]
    assert first.action_id == "one-year-contract"


def test_the_contact_list_is_kept_with_the_run_the_highest_gain_first(desk: Desk) -> None:
    with desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(contact_list_rows=3))
        uow.commit()
    run = desk.submit()
    desk.score(run.id)
    with desk.new_uow() as uow:
        contacts = uow.predictions.of_run(run.id, limit=100)
    assert len(contacts) == 3
    gains = [contact.recommendation.expected_gain for contact in contacts]
    assert gains == sorted(gains, reverse=True)
    assert [contact.position for contact in contacts] == [1, 2, 3]


def test_a_confirmed_match_is_used_and_a_suggested_one_is_not(desk: Desk) -> None:
    content = FILE.replace(b"Contract", b"Contracts")
    unconfirmed = desk.score(desk.submit(content).id)
    confirmed = desk.score(desk.submit(content, chosen={"Contract": 4}).id)
    assert unconfirmed is not None
    assert unconfirmed.summary is not None
    assert unconfirmed.summary.columns_missing == ("Contract",)
    assert unconfirmed.summary.likely_to_leave == 0
    assert confirmed is not None
    assert confirmed.summary is not None
    assert confirmed.summary.columns_missing == ()
    assert confirmed.summary.likely_to_leave == 4


def test_a_month_in_the_file_is_understood_by_a_model_that_learned_without_one(desk: Desk) -> None:
    lines = [f"{HEADER},SnapshotMonth", *(f"{row},2026-{9 + place % 2:02d}" for place, row in enumerate(ROWS))]
    done = desk.score(desk.submit("\n".join(lines).encode()).id)
    assert done is not None
    assert done.summary is not None
    assert [(month.month, month.customers) for month in done.summary.months] == [("2026-09", 5), ("2026-10", 5)]


def test_a_model_that_cannot_be_read_fails_the_run_in_words(desk: Desk) -> None:
    run = desk.submit()
    desk.registry.damaged.add("v1")
    ended = desk.score(run.id)
    assert ended is not None
    assert ended.state is RunState.FAILED
    assert "v1" in (ended.error or "")
    assert ended.stopped is None
    assert desk.uploads.path(run.id).exists(), "the file is not to blame"


def test_a_fault_of_ours_fails_the_run_in_plain_words_and_is_not_hidden(desk: Desk) -> None:
    run = desk.submit()

    class Broken(InMemoryResults):
        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError):
        desk.score(run.id, results=Broken())
    failed = desk.run(run.id)
    assert failed.state is RunState.FAILED
    assert "disk on fire" not in (failed.error or "")
    assert "The uploaded file is kept" in (failed.error or "")


def test_contacts_are_encoded_while_no_writer_has_to_wait(desk: Desk) -> None:
    begun = []

    def encoder(run_id: RunId, contacts: Iterable[Contact]) -> EncodedContacts:
        begun.append(desk.database.written)
        return encode_contacts(run_id, contacts)

    run = desk.submit()
    assert desk.score(run.id, encoder=encoder) is not None
    assert begun == [False]


def test_what_a_claim_stored_that_died_on_the_way_is_replaced(desk: Desk) -> None:
    run = desk.submit()
    with desk.new_uow() as uow:
        uow.predictions.add(run.id, [a_contact(row=row) for row in (1, 9999)])
        uow.commit()
    assert desk.score(run.id) is not None
    with desk.new_uow() as uow:
        rows = sorted(contact.customer.row for contact in uow.predictions.of_run(run.id, limit=100))
    assert rows == list(range(1, 11))
