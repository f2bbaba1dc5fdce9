"""Runs that were deleted and can be restored: hidden everywhere, and complete."""

from __future__ import annotations

import pytest

from application.ports.deleted_runs import DeletedRun
from application.ports.runs import RunQuery
from domain.errors import RunNotFound
from domain.grading import GradingId
from domain.run import RunId
from tests import builders as a
from tests.builders import at
from tests.builders.gradings import a_grading, an_offer
from tests.builders.runs import contacts_in
from tests.contract.persistence.full import NewUow

FIRST, SECOND, THIRD = RunId("run-1"), RunId("run-2"), RunId("run-3")
CUSTOMER = "7590-VHVEG"


@pytest.fixture
def kept(new_uow: NewUow) -> NewUow:
    """Three finished runs with contact lists; the first and the second have gradings, by the second and the third."""
    with new_uow() as uow:
        for number, run_id in enumerate((FIRST, SECOND, THIRD)):
            uow.runs.add(a.a_finished_run(id=run_id, created_at=at(minutes=number), file_name=f"{run_id}.csv"))
            uow.predictions.add(run_id, [a.a_contact(customer_id=CUSTOMER)])
        uow.commit()
    return new_uow


def deleted(new_uow: NewUow, run_id: RunId, batch: str = "batch-1", minutes: int = 10) -> DeletedRun:
    with new_uow() as uow:
        own = DeletedRun(uow.runs.get(run_id), batch, at(minutes=minutes), "ana@telco.example.com", "10.0.0.7")
        uow.deleted_runs.add(own)
        uow.commit()
    return own


def test_a_deleted_run_comes_back_with_every_field(kept: NewUow) -> None:
    own = deleted(kept, FIRST)
    with kept() as uow:
        assert list(uow.deleted_runs.of_batch("batch-1")) == [own]
        assert list(uow.deleted_runs.until(at(minutes=10))) == [own]
        assert list(uow.deleted_runs.until(at(minutes=9))) == []
        assert list(uow.deleted_runs.of_batch("another")) == []


def test_a_deleted_run_is_hidden_everywhere(kept: NewUow) -> None:
    deleted(kept, FIRST)
    with kept() as uow:
        with pytest.raises(RunNotFound):
            uow.runs.get(FIRST)
        assert [run.id for run in uow.runs.find(RunQuery()).runs] == [THIRD, SECOND]
        assert uow.runs.find(RunQuery()).total == 2
        assert [past.run_id for past in uow.predictions.history_of(CUSTOMER, visible_to=None)] == [SECOND, THIRD]
        assert [run.id for run in uow.runs.find(RunQuery(also_deleted=True)).runs] == [THIRD, SECOND, FIRST]
        assert contacts_in(uow, FIRST) == 1


def test_a_restored_run_is_as_it_was(kept: NewUow) -> None:
    with kept() as uow:
        uow.gradings.add(a_grading(run_id=FIRST))
        before = uow.runs.get(FIRST)
        uow.commit()
    deleted(kept, FIRST)
    with kept() as uow:
        assert list(uow.gradings.all()) == []
        uow.deleted_runs.restore(FIRST)
        uow.commit()
    with kept() as uow:
        assert uow.runs.get(FIRST) == before
        assert [own.run_id for own in uow.gradings.all()] == [FIRST]
        assert contacts_in(uow, FIRST) == 1
        assert list(uow.deleted_runs.of_batch("batch-1")) == []


def test_gradings_and_offers_of_a_deleted_run_cannot_be_made(kept: NewUow) -> None:
    deleted(kept, FIRST)
    with kept() as uow:
        with pytest.raises(RunNotFound):
            uow.gradings.add(a_grading(id=GradingId("g"), run_id=FIRST))
        with pytest.raises(RunNotFound):
            uow.gradings.offer(an_offer(run_id=SECOND, by_run=FIRST))


def test_a_run_is_deleted_and_restored_only_once(kept: NewUow) -> None:
    own = deleted(kept, FIRST)
    with kept() as uow, pytest.raises(RunNotFound):
        uow.deleted_runs.add(own)
    with kept() as uow:
        uow.deleted_runs.restore(FIRST)
        with pytest.raises(RunNotFound):
            uow.deleted_runs.restore(FIRST)


def test_a_run_that_does_not_exist_cannot_be_deleted(kept: NewUow) -> None:
    with kept() as uow, pytest.raises(RunNotFound):
        uow.deleted_runs.add(DeletedRun(a.a_run(id="nobody"), "b", at(minutes=1), "ana@telco.example.com"))


def test_batches_are_in_the_order_of_the_runs_and_due_ones_in_that_of_their_deletion(kept: NewUow) -> None:
    deleted(kept, THIRD, minutes=5)
    deleted(kept, FIRST, minutes=6)
    deleted(kept, SECOND, "batch-2", minutes=4)
    with kept() as uow:
        assert [own.run.id for own in uow.deleted_runs.of_batch("batch-1")] == [FIRST, THIRD]
        assert [own.run.id for own in uow.deleted_runs.until(at(minutes=5))] == [SECOND, THIRD]


def test_removing_a_deleted_run_ends_its_deletion(kept: NewUow) -> None:
    deleted(kept, FIRST)
    with kept() as uow:
        uow.runs.remove(FIRST)
        uow.commit()
    with kept() as uow:
        assert list(uow.deleted_runs.of_batch("batch-1")) == []
        assert uow.runs.find(RunQuery(also_deleted=True)).total == 2
        assert contacts_in(uow, FIRST) == 0


def test_a_deleted_run_can_still_be_rewritten(kept: NewUow) -> None:
    """As when a customer is erased from everything that is stored."""
    own = deleted(kept, FIRST)
    with kept() as uow:
        uow.runs.save(own.run.renamed("renamed.csv"))
        uow.commit()
    with kept() as uow:
        (again,) = uow.deleted_runs.of_batch("batch-1")
        assert again.run.file_name == "renamed.csv"
