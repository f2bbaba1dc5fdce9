"""Gradings and offers, on the fake and on the database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from application.ports.unit_of_work import UnitOfWork
from domain.errors import Conflict, NotFound, RunNotFound
from domain.grading import GradingId
from domain.run import RunId
from tests import builders as a
from tests.builders import at
from tests.builders.gradings import a_grading, an_offer
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def with_runs(uow: UnitOfWork) -> None:
    for place, name in enumerate(("run-1", "run-2", "run-3"), start=1):
        uow.runs.add(a.a_run(id=RunId(name), owner=f"account-{place}", shared=name == "run-2"))


def test_a_grading_comes_back_with_every_field(new_uow: NewUow) -> None:
    grading = a_grading()
    check_every_field_is_filled(grading)
    with new_uow() as uow:
        with_runs(uow)
        uow.gradings.add(grading)
        uow.commit()
    with new_uow() as uow:
        assert uow.gradings.get(grading.id) == grading
        assert uow.gradings.of_run(RunId("run-1")) == grading
        assert uow.gradings.of_run(RunId("run-2")) is None
        assert list(uow.gradings.all()) == [grading]


def test_a_run_is_graded_once(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_runs(uow)
        uow.gradings.add(a_grading())
        uow.commit()
    with new_uow() as uow, pytest.raises(Conflict, match="graded already"):
        uow.gradings.add(a_grading(id=GradingId("grading-2")))
    with new_uow() as uow, pytest.raises(RunNotFound):
        uow.gradings.add(a_grading(id=GradingId("grading-3"), run_id=RunId("run-9")))


def test_a_withdrawn_grading_is_gone(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_runs(uow)
        uow.gradings.add(a_grading())
        uow.gradings.remove(GradingId("grading-1"))
        assert list(uow.gradings.all()) == []
        assert uow.gradings.of_run(RunId("run-1")) is None
        for missing in (uow.gradings.get, uow.gradings.remove):
            with pytest.raises(NotFound, match="no such grading"):
                missing(GradingId("grading-1"))
        uow.gradings.add(a_grading())  # the run can be graded again


def test_the_newest_month_comes_first(new_uow: NewUow) -> None:
    october = a_grading(id=GradingId("a"), run_id=RunId("run-1"))
    later = a_grading(id=GradingId("b"), run_id=RunId("run-2"), at=at(minutes=5), model_version="v4")
    july = a_grading(id=GradingId("c"), run_id=RunId("run-3"), month="2026-07", horizon=4)
    with new_uow() as uow:
        with_runs(uow)
        for own in (july, october, later):
            uow.gradings.add(own)
        assert list(uow.gradings.all()) == [later, october, july]
        assert list(uow.gradings.all(model_version="v3")) == [october, july]
        assert list(uow.gradings.all(visible_to="account-1")) == [later, october]  # their own, and a shared one
        assert list(uow.gradings.all(visible_to="account-9", model_version="v3")) == []


def test_deleting_a_run_removes_its_grading_and_its_offers(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_runs(uow)
        uow.gradings.add(a_grading())
        uow.gradings.offer(an_offer(run_id=RunId("run-2"), by_run=RunId("run-1")))
        uow.gradings.offer(an_offer(run_id=RunId("run-2"), by_run=RunId("run-3")))
        uow.runs.remove(RunId("run-1"))
        assert list(uow.gradings.all()) == []
        assert [own.by_run for own in uow.gradings.offers_of(RunId("run-2"))] == ["run-3"]


def test_a_grading_outlives_the_run_that_graded_it(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with_runs(uow)
        uow.gradings.add(a_grading())
        uow.runs.remove(RunId("run-2"))
        kept = a_grading()
        assert list(uow.gradings.all()) == [replace(kept, source=replace(kept.source, run_id=None))]


def test_an_offer_replaces_an_earlier_one_of_the_same_runs(new_uow: NewUow) -> None:
    old, new = an_offer(), an_offer(reason="Only 3 of 900 customers are in it.", possible=False, at=at(minutes=2))
    other = an_offer(by_run=RunId("run-3"), at=at(minutes=1))
    with new_uow() as uow:
        with_runs(uow)
        for offer in (old, other, new):
            uow.gradings.offer(offer)
        assert list(uow.gradings.offers_of(RunId("run-1"))) == [new, other]
        assert list(uow.gradings.offers_by(RunId("run-2"))) == [new]
        with pytest.raises(RunNotFound):
            uow.gradings.offer(an_offer(by_run=RunId("run-9")))
        uow.gradings.withdraw_offers(RunId("run-1"))
        assert list(uow.gradings.offers_of(RunId("run-1"))) == []
