"""Who may change a prediction."""

from __future__ import annotations

from functools import partial

import pytest

from application.use_cases.predictions.history import RenameRun, ShareRun
from domain.account import Account, Role
from domain.actor import Actor
from domain.errors import NotAllowed, RunNotFound
from domain.run import RunId
from tests.builders import a_finished_run, an_account
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import FixedClock

RUN = RunId("run-1")


def with_run(*, owner: str, shared: bool = False) -> partial[FakeUnitOfWork]:
    new_uow = partial(FakeUnitOfWork, FakeDatabase())
    with new_uow() as uow:
        uow.runs.add(a_finished_run(id=RUN, owner=owner, shared=shared))
        uow.commit()
    return new_uow


def test_an_owner_who_became_a_viewer_sees_a_run_and_cannot_change_it() -> None:
    viewer = an_account(id="me", role=Role.VIEWER)
    new_uow = with_run(owner="me")

    with pytest.raises(NotAllowed):
        RenameRun(new_uow, FixedClock())(RUN, "mine", by=Actor(viewer))
    with pytest.raises(NotAllowed):
        ShareRun(new_uow, FixedClock())(RUN, shared=True, by=Actor(viewer))
    with new_uow() as uow:
        assert (uow.runs.get(RUN).file_name, uow.runs.get(RUN).shared) == ("customers_october.csv", False)


@pytest.mark.parametrize(
    "by",
    [an_account(id="me", role=Role.ANALYST), an_account(id="else", role=Role.ADMIN)],
    ids=["its owner", "an administrator"],
)
def test_a_run_is_changed_by_its_owner_or_an_administrator(by: Account) -> None:
    renamed = RenameRun(with_run(owner="me"), FixedClock())(RUN, "October", by=Actor(by))

    assert renamed.file_name == "October"


def test_a_manager_sees_everyone_s_runs_and_cannot_change_them() -> None:
    with pytest.raises(NotAllowed):
        RenameRun(with_run(owner="me"), FixedClock())(
            RUN, "October", by=Actor(an_account(id="else", role=Role.MANAGER))
        )


def test_a_run_of_somebody_else_does_not_exist_for_an_analyst_unless_it_is_shared() -> None:
    analyst = an_account(id="else", role=Role.ANALYST)

    with pytest.raises(RunNotFound):
        RenameRun(with_run(owner="me"), FixedClock())(RUN, "October", by=Actor(analyst))
    with pytest.raises(NotAllowed):
        RenameRun(with_run(owner="me", shared=True), FixedClock())(RUN, "October", by=Actor(analyst))
