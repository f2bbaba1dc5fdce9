"""What the unit of work promises: all or nothing, one at a time."""

from __future__ import annotations

import pytest

from application.ports.audit import AuditQuery
from application.ports.runs import RunQuery
from domain.errors import Conflict, RunNotFound
from domain.policy import InstallationPolicy
from domain.run import RunId
from tests import builders as a
from tests.contract.persistence.full import NewUow, a_full_policy


def test_nothing_is_stored_without_a_commit(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.audit.record(a.an_audit_entry())
        uow.policies.save(a_full_policy())
    with new_uow() as uow:
        assert uow.runs.find(RunQuery()).total == 0
        assert uow.audit.find(AuditQuery()) == ([], 0)
        assert uow.policies.get() == InstallationPolicy()


def test_an_error_rolls_back_what_came_before_it(new_uow: NewUow) -> None:
    def add_and_break() -> None:
        with new_uow() as uow:
            uow.runs.add(a.a_run())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_break()
    with new_uow() as uow, pytest.raises(RunNotFound):
        uow.runs.get(RunId("run-1"))


def test_changes_after_a_commit_need_another_commit(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(id="kept"))
        uow.commit()
        uow.runs.add(a.a_run(id="lost"))
    with new_uow() as uow:
        assert [run.id for run in uow.runs.find(RunQuery()).runs] == ["kept"]


def test_a_unit_of_work_can_be_entered_again_but_not_within_itself(new_uow: NewUow) -> None:
    unit = new_uow()
    with unit as uow:
        uow.runs.add(a.a_run())
        uow.commit()
        with pytest.raises(RuntimeError), unit:
            pass
    with unit as uow:
        assert uow.runs.get(RunId("run-1")) == a.a_run()


def test_two_units_of_work_do_not_nest_in_one_thread(new_uow: NewUow) -> None:
    with new_uow(), pytest.raises(RuntimeError), new_uow():
        pass
    with new_uow() as uow:
        assert uow.runs.find(RunQuery()).total == 0


def test_a_commit_outside_is_an_error(new_uow: NewUow) -> None:
    with pytest.raises(RuntimeError):
        new_uow().commit()


def test_a_conflict_keeps_the_other_changes_of_the_unit_of_work(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        with pytest.raises(Conflict):
            uow.runs.add(a.a_run(file_name="other.csv"))
        uow.commit()
    with new_uow() as uow:
        assert uow.runs.get(RunId("run-1")).file_name == a.a_run().file_name
