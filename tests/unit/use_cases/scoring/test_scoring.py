"""A file that is scored: risk, reasons, actions and contacts, or a failure in plain words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.ml.scoring.recommender import ColumnarRecommender
from application.ports.predictions import Contact, EncodedContacts
from application.use_cases.files.history import AddHistory
from application.use_cases.jobs.claims import Claims
from application.use_cases.predictions.batch_scoring import BatchListener
from application.use_cases.predictions.open_result import OpenCustomer, OpenResult
from application.use_cases.predictions.score_run import ScoreRun
from application.use_cases.predictions.scoring_pass import ScoringPass
from domain.customer_query import CustomerQuery
from domain.playbook_versions import PlaybookVersion
from domain.policy import InstallationPolicy
from domain.run import JobState, RunId
from tests.builders import NOON, a_contact, a_playbook, an_action
from tests.fakes.history import HistoryStoreInMemory
from tests.fakes.kept.contacts import encode_contacts
from tests.fakes.persistence import FakeUnitOfWork
from tests.fakes.results import InMemoryResults
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.scoring.application import ANALYST, FILE, HEADER, ROWS, ScoringApplication


def test_scoring_gives_every_customer_risk_reasons_and_action(app: ScoringApplication) -> None:
    run = app.submit()
    assert app.queue.asked == [run.id]
    done = app.score(run.id)
    assert done is not None
    assert done.state is JobState.DONE
    assert done.summary is not None
    assert (done.summary.rows, done.summary.scored, done.summary.rejected) == (10, 10, 0)
    assert done.summary.likely_to_leave == 4
    result = OpenResult(app.new_uow, app.results)(run.id, CustomerQuery(threshold=0.5, limit=100), by=ANALYST)
    first = result.page.customers[0]
    assert first.prediction.likely_to_leave
    assert [reason.attribute for reason in first.prediction.raises] == ["Contract"]
    assert first.action_id == "one-year-contract"


def test_the_contact_list_is_kept_with_the_run_the_highest_gain_first(app: ScoringApplication) -> None:
    with app.new_uow() as uow:
        uow.policies.save(InstallationPolicy(contact_list_rows=3))
        uow.commit()
    run = app.submit()
    app.score(run.id)
    with app.new_uow() as uow:
        contacts = uow.predictions.of_run(run.id, limit=100)
    assert len(contacts) == 3
    gains = [contact.recommendation.expected_gain for contact in contacts]
    assert gains == sorted(gains, reverse=True)
    assert [contact.position for contact in contacts] == [1, 2, 3]


@pytest.mark.parametrize(
    ("currency", "reduced"), [("USD", "$85.05"), ("JPY", "¥85"), ("KWD", "KWD\u00a085.050"), ("EUR", "€85.05")]
)
def test_contact_list_and_customer_page_write_messages_in_the_installation_s_currency(
    app: ScoringApplication, currency: str, reduced: str
) -> None:
    with app.new_uow() as uow:
        uow.policies.save(InstallationPolicy(currency=currency))
        uow.commit()
    run = app.submit()
    app.score(run.id)
    with app.new_uow() as uow:
        (listed,) = (contact for contact in uow.predictions.of_run(run.id, limit=100) if contact.customer.row == 4)
    page = OpenCustomer(app.new_uow, app.results, app.registry, formats_of)(run.id, 4, by=ANALYST)

    message = f"Take a one-year contract. Your bill drops to {reduced}."
    assert listed.recommendation.message == message
    assert [action.message for action in page.actions] == [message]


def test_contact_list_and_customer_page_fill_in_the_columns_of_the_customer(app: ScoringApplication) -> None:
    with app.new_uow() as uow:
        playbook = a_playbook(version=2, actions=(an_action(message="Hello.|You have {Contract}.|{Nothing}"),))
        uow.playbooks.add(PlaybookVersion(playbook, "Ann", "", NOON))
        uow.commit()
    run = app.submit()
    app.score(run.id)
    with app.new_uow() as uow:
        (listed,) = (contact for contact in uow.predictions.of_run(run.id, limit=100) if contact.customer.row == 4)
    page = OpenCustomer(app.new_uow, app.results, app.registry, formats_of)(run.id, 4, by=ANALYST)

    assert listed.recommendation.message == "Hello. You have Month-to-month."
    assert [action.message for action in page.actions] == ["Hello. You have Month-to-month."]


def test_a_confirmed_match_is_used_and_a_suggested_one_is_not(app: ScoringApplication) -> None:
    content = FILE.replace(b"Contract", b"Contracts")
    unconfirmed = app.score(app.submit(content).id)
    confirmed = app.score(app.submit(content, column_positions={"Contract": 4}).id)
    assert unconfirmed is not None
    assert unconfirmed.summary is not None
    assert unconfirmed.summary.columns_missing == ("Contract",)
    assert unconfirmed.summary.likely_to_leave == 0
    assert confirmed is not None
    assert confirmed.summary is not None
    assert confirmed.summary.columns_missing == ()
    assert confirmed.summary.likely_to_leave == 4


def test_a_month_in_the_file_is_understood_by_a_model_that_learned_without_one(app: ScoringApplication) -> None:
    lines = [f"{HEADER},SnapshotMonth", *(f"{row},2026-{9 + place % 2:02d}" for place, row in enumerate(ROWS))]
    done = app.score(app.submit("\n".join(lines).encode()).id)
    assert done is not None
    assert done.summary is not None
    assert [(month.month, month.customers) for month in done.summary.months] == [("2026-09", 5), ("2026-10", 5)]


def test_an_unreadable_model_fails_the_run_with_a_message(app: ScoringApplication) -> None:
    run = app.submit()
    app.registry.damaged.add("v1")
    ended = app.score(run.id)
    assert ended is not None
    assert ended.state is JobState.FAILED
    assert "v1" in (ended.error or "")
    assert ended.stopped is None
    assert app.uploads.path(run.id).exists(), "the file is not to blame"


def test_an_internal_error_fails_the_run_with_a_message_and_is_raised(app: ScoringApplication) -> None:
    run = app.submit()

    class Broken(InMemoryResults):
        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError):
        app.score(run.id, results=Broken())
    failed = app.run(run.id)
    assert failed.state is JobState.FAILED
    assert "disk on fire" not in (failed.error or "")
    assert "The uploaded file is kept" in (failed.error or "")


def test_contacts_are_encoded_outside_the_writing_transaction(app: ScoringApplication) -> None:
    begun = []

    def encoder(run_id: RunId, contacts: Iterable[Contact]) -> EncodedContacts:
        begun.append(app.database.written)
        return encode_contacts(run_id, contacts)

    run = app.submit()
    assert app.score(run.id, encoder=encoder) is not None
    assert begun == [False]


def test_the_inputs_of_a_run_are_read_without_blocking_writers(app: ScoringApplication) -> None:
    def reading() -> FakeUnitOfWork:
        opened.append("reading")
        return app.new_reading()

    def writing() -> FakeUnitOfWork:
        opened.append("writing")
        return app.new_uow()

    def listen(*_: object) -> BatchListener:
        opened.append("begun")
        return lambda *_: None

    opened: list[str] = []
    run = app.submit()
    kept = app.results
    scoring_pass = ScoringPass(
        app.intake,
        app.uploads,
        kept,
        app.registry,
        ColumnarRecommender(),
        formats_of,
        AddHistory(app.intake, HistoryStoreInMemory()),
    )
    score_run = ScoreRun(
        writing,
        reading,
        scoring_pass,
        app.uploads,
        kept,
        app.clock,
        Claims("worker-1"),
        FakeStorage(),
        encode_contacts,
        lambda: None,
        formats_of,
    )
    assert score_run(run.id, open_listener=listen) is not None
    assert opened[opened.index("begun") - 1] == "reading"


def test_contacts_stored_by_a_dead_claim_are_replaced(app: ScoringApplication) -> None:
    run = app.submit()
    with app.new_uow() as uow:
        uow.predictions.add(run.id, [a_contact(row=row) for row in (1, 9999)])
        uow.commit()
    assert app.score(run.id) is not None
    with app.new_uow() as uow:
        rows = sorted(contact.customer.row for contact in uow.predictions.of_run(run.id, limit=100))
    assert rows == list(range(1, 11))


@pytest.mark.parametrize(
    ("column", "late", "remarks"),
    [
        ("customerID", ["C-10", ""], ("A row has no id in “customerID”: the row number is used there.",)),
        ("customerID", ["C-10", "C-10"], ()),
        (
            "Kundennummer",
            ["C-10", "C-10", "", ""],
            (
                "2 rows have no id in “Kundennummer”: the row number is used there.",
                (
                    "“Kundennummer” is used as the customers’ ids because of the first rows, but further down a row "
                    "repeats an id. Check that it names one customer each, or choose another column."
                ),
            ),
        ),
        ("Kundennummer", ["C-98", "C-99"], ()),
    ],
)
def test_ids_that_are_missing_or_repeated_further_down_are_told(
    app: ScoringApplication, column: str, late: list[str], remarks: tuple[str, ...]
) -> None:
    first = [f"C-1{row:02d},{row},50,Yes,Two year" for row in range(60)]
    text = "\n".join([HEADER.replace("customerID", column), *first, *(f"{name},7,50,Yes,Two year" for name in late)])
    ended = app.score(app.submit(text.encode()).id)
    assert ended is not None
    assert ended.summary is not None
    assert ended.summary.remarks == remarks
