"""Contact lists, and one customer's history in them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from application.ports.predictions import EncodedContacts
from domain.customer import Customer, CustomerId
from domain.errors import Conflict
from domain.prediction import Reason
from domain.run import RunId
from tests import builders as a
from tests.builders import at, contacts_in
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def test_a_contact_comes_back_with_every_field(new_uow: NewUow) -> None:
    contact = a.a_contact(row=7)
    check_every_field_is_filled(contact)
    bare = a.a_contact(row=8, monthly_revenue=None, month=None)
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        assert uow.predictions.add(RunId("run-1"), [contact, bare]) == 2
        kept = uow.predictions.get(RunId("run-1"), 7)
        assert kept == contact
        assert isinstance(kept.customer.attributes, MappingProxyType)  # type: ignore[union-attr]
        assert kept.customer.attributes["PaperlessBilling"] is True  # type: ignore[union-attr]
        assert kept.customer.attributes["Contract"] == "5"  # type: ignore[union-attr]
        assert uow.predictions.get(RunId("run-1"), 8) == bare
        assert uow.predictions.get(RunId("run-1"), 9) is None


def test_every_kind_of_value_comes_back_as_it_was(new_uow: NewUow) -> None:
    values = {
        "text": 'Ü "quoted", back\\slash \'n line\n',
        "number like": "1e5",
        "empty": "",
        "true": True,
        "false": False,
        "missing": None,
        "tiny": 5e-324,
        "third": 1 / 3,
        "huge": -1.7976931348623157e308,
        "endless": float("inf"),
        "": "a column without a name",
    }
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact(customer=Customer(CustomerId("7590-VHVEG"), 1, values))])
        kept = uow.predictions.get(RunId("run-1"), 1)
        assert kept is not None
        assert {name: (type(value), value) for name, value in kept.customer.attributes.items()} == {
            name: (type(value), value) for name, value in values.items()
        }


def test_a_contact_list_is_read_in_order_of_position_page_by_page(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.runs.add(a.a_run(id="other"))
        contacts = [a.a_contact(row=row, customer_id=f"c{row}", position=10 - row) for row in range(1, 10)]
        uow.predictions.add(RunId("run-1"), iter(contacts))
        uow.predictions.add(RunId("other"), [a.a_contact(row=1)])
        positions = [contact.position for contact in uow.predictions.of_run(RunId("run-1"))]
        assert positions == list(range(1, 10))
        page = uow.predictions.of_run(RunId("run-1"), offset=2, limit=3)
        assert [contact.position for contact in page] == [3, 4, 5]
        assert contacts_in(uow, RunId("run-1")) == 9
        assert contacts_in(uow, RunId("none")) == 0
        assert uow.predictions.add(RunId("run-1"), []) == 0


def test_a_contact_list_needs_its_run_and_holds_a_row_once(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with pytest.raises(Conflict):
            uow.predictions.add(RunId("none"), [a.a_contact()])
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact()])
        with pytest.raises(Conflict):
            uow.predictions.add(RunId("run-1"), [a.a_contact()])


def test_a_contact_list_goes_with_its_run(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact()])
        uow.runs.remove(RunId("run-1"))
        assert contacts_in(uow, RunId("run-1")) == 0


def test_a_customers_history_holds_the_finished_runs_that_a_person_may_see(new_uow: NewUow) -> None:
    with new_uow() as uow:
        given = [("third", "shop", False), ("first", "branch", True), ("second", "branch", False)]
        for run_id, owner, shared in given:
            minutes = ("first", "second", "third").index(run_id)
            run = a.a_finished_run(id=run_id, owner=owner, shared=shared, created_at=at(minutes=minutes))
            uow.runs.add(run)
            uow.predictions.add(run.id, [a.a_contact(row=1, probability=0.5 + minutes / 10)])
        uow.runs.add(a.a_run(id="unfinished", owner="shop"))
        uow.predictions.add(RunId("unfinished"), [a.a_contact(), a.a_contact(row=2, customer_id="someone else")])
        everything = uow.predictions.history_of("7590-VHVEG", visible_to=None)
        assert [past.run_id for past in everything] == ["first", "second", "third"]
        theirs = uow.predictions.history_of("7590-VHVEG", visible_to="shop")
        assert [past.run_id for past in theirs] == ["first", "third"]
        past = theirs[1]
        assert (past.file_name, past.at, past.month) == (a.a_run().file_name, at(minutes=2), "2026-10")
        assert (past.probability, past.mean_probability) == (0.7, 0.1 + 0.2)
        assert uow.predictions.history_of("nobody", visible_to=None) == []


def test_a_customer_is_erased_from_every_contact_list(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for run_id in ("one", "two"):
            uow.runs.add(a.a_run(id=run_id))
            uow.predictions.add(RunId(run_id), [a.a_contact(), a.a_contact(row=2, customer_id="other")])
        assert uow.predictions.erase_customer("7590-VHVEG") == 2
        assert uow.predictions.erase_customer("7590-VHVEG") == 0
        assert [contact.customer.id for contact in uow.predictions.of_run(RunId("two"))] == ["other"]


def test_an_erased_customers_name_is_removed_from_entries_of_others(new_uow: NewUow) -> None:
    other = a.a_contact(row=2, customer_id="other")
    said = {"Notes": 'first line\n7590-VHVEG, "a friend"', "Referred": "7590-VHVEG0", "tenure": 0.1 + 0.2}
    other = replace(
        other,
        customer=replace(other.customer, attributes=said),
        prediction=replace(other.prediction, raises=(Reason("Notes", "of 7590-VHVEG", 0.1 + 0.2),)),
    )
    with new_uow() as uow:
        uow.runs.add(a.a_run(id=RunId("one")))
        uow.predictions.add(RunId("one"), [a.a_contact(), other])
        uow.predictions.erase_customer("7590-VHVEG")
        (left,) = uow.predictions.of_run(RunId("one"))
    assert left == replace(
        other,
        customer=replace(other.customer, attributes=said | {"Notes": 'first line\n(erased), "a friend"'}),
        prediction=replace(other.prediction, raises=(Reason("Notes", "of (erased)", 0.1 + 0.2),)),
    )


def test_erasing_a_numeric_id_keeps_equal_numbers_of_other_customers(new_uow: NewUow) -> None:
    other = a.a_contact(row=2, customer_id="other")
    with new_uow() as uow:
        uow.runs.add(a.a_run(id=RunId("one")))
        uow.predictions.add(RunId("one"), [a.a_contact(customer_id="5"), other])
        assert uow.predictions.erase_customer("5") == 1
        assert uow.predictions.of_run(RunId("one")) == [other]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_run_that_ends_without_a_result_loses_its_list(new_uow: NewUow, state: str) -> None:
    run = a.a_run().started(worker="worker-1", at=at(minutes=1))
    ended = run.failed("The disk is full.", at=at(minutes=2)) if state == "failed" else run.cancelled(at=at(minutes=2))
    with new_uow() as uow:
        uow.runs.add(run)
        uow.runs.add(a.a_run(id=RunId("other")))
        uow.predictions.add(run.id, [a.a_contact(row=1), a.a_contact(row=2)])
        uow.predictions.add(RunId("other"), [a.a_contact(row=1)])
        uow.runs.save(run)
        assert contacts_in(uow, run.id) == 2
        uow.runs.save(ended)
        assert contacts_in(uow, run.id) == 0
        assert contacts_in(uow, RunId("other")) == 1


def test_a_list_is_removed_alone(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for run_id in ("one", "two"):
            uow.runs.add(a.a_run(id=RunId(run_id)))
            uow.predictions.add(RunId(run_id), [a.a_contact(row=1)])
        uow.predictions.remove_of(RunId("one"))
        assert contacts_in(uow, RunId("one")) == 0
        assert contacts_in(uow, RunId("two")) == 1
        uow.runs.get(RunId("one"))


@pytest.mark.parametrize(
    ("entries", "sizes"), [(0, [0]), (1, [1]), (500, [500]), (501, [500, 1]), (1200, [500, 500, 200])]
)
def test_contacts_are_split_into_parts_of_a_maximum_size(entries: int, sizes: list[int]) -> None:
    parts = EncodedContacts(RunId("run-1"), list(range(entries))).parts(500)
    assert [len(part.rows) for part in parts] == sizes
    assert [row for part in parts for row in part.rows] == list(range(entries))


def test_customers_are_found_by_the_beginning_of_their_id_in_the_newest_visible_run(new_uow: NewUow) -> None:
    def listed(run: str, *ids: str) -> None:
        contacts = [a.a_contact(customer_id=own, row=row) for row, own in enumerate(ids, 1)]
        uow.predictions.add(RunId(run), contacts)

    with new_uow() as uow:
        uow.runs.add(a.a_finished_run(id="run-1", owner="ana", created_at=at(minutes=1)))
        uow.runs.add(a.a_finished_run(id="run-2", owner="ben", created_at=at(minutes=2)))
        uow.runs.add(a.a_run(id="run-3", owner="ana", created_at=at(minutes=3)))
        listed("run-1", "A-10", "A-11", "B-1")
        listed("run-2", "A-10", "a-12", "A_10")
        listed("run-3", "A-10")

        def found(beginning: str, visible_to: str | None = None, limit: int = 9) -> list[tuple[str, str, int]]:
            rows = uow.predictions.find(beginning, visible_to=visible_to, limit=limit)
            return [(own.customer_id, own.run_id, own.row) for own in rows]

        assert found("A-1") == [("A-10", "run-2", 1), ("A-11", "run-1", 2)]
        assert found("A-1", limit=1) == [("A-10", "run-2", 1)]
        assert found("A-1", visible_to="ana") == [("A-10", "run-1", 1), ("A-11", "run-1", 2)]
        assert found("A-10") == [("A-10", "run-2", 1)]
        assert found("a-1") == [("a-12", "run-2", 2)]
        assert found("A_") == [("A_10", "run-2", 3)]
        assert found("C") == []
        (whole,) = uow.predictions.find("B-1", visible_to=None, limit=5)
        assert (whole.file_name, whole.at) == (uow.runs.get(RunId("run-1")).file_name, at(minutes=1))
        assert whole.probability == a.a_contact().prediction.probability


def test_a_search_looks_at_twenty_ids_and_at_the_exact_one(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_finished_run(id="run-1", owner="ana"))
        uow.runs.add(a.a_finished_run(id="run-2", owner="ben"))
        contacts = [a.a_contact(customer_id=f"K-{n:03d}", row=n) for n in range(1, 41)]
        uow.predictions.add(RunId("run-2"), contacts[:30])
        uow.predictions.add(RunId("run-1"), contacts[30:])
        assert uow.predictions.find("K-", visible_to="ana", limit=5) == []
        assert [own.customer_id for own in uow.predictions.find("K-040", visible_to="ana", limit=5)] == ["K-040"]
