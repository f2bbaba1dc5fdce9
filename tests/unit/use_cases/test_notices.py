"""What a person is notified of, derived from what is stored, and what they have seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from application.use_cases.folders.view_folders import FindMissingFiles
from application.use_cases.notices.read_notices import CountUnseen, MarkSeen, ReadNotices
from domain.account import Account, Role
from domain.best_before import Advice, BestBefore
from domain.campaign import CampaignId, CampaignState
from domain.notices import of_best_before, of_missing_file
from domain.run import Run, RunId
from tests.builders import NOON, a_campaign, a_finished_run, a_run, a_summary, a_training, an_account, at
from tests.builders.gradings import a_grading
from tests.unit.use_cases.in_memory import InMemoryApplication


def person(role: Role, name: str) -> Account:
    return an_account(id=name, name=name, role=role, email=f"{name}@x.example")


ANA, BEN, MAX = person(Role.ANALYST, "ana"), person(Role.ANALYST, "ben"), person(Role.MANAGER, "max")


class Installed(InMemoryApplication):
    @property
    def read(self) -> ReadNotices:
        return ReadNotices(self.new_reading, FindMissingFiles(self.new_reading, self.clock), self.clock)

    @property
    def mark(self) -> MarkSeen:
        return MarkSeen(self.new_uow, self.read, self.clock)

    def notified(self, by: Account) -> list[tuple[str, str, bool]]:
        return [(notice.key, notice.text, notice.seen) for notice in self.read(by=by)]

    def add(self, *runs: Run) -> None:
        with self.new_uow() as uow:
            for account in (ANA, BEN, MAX):
                if account.id not in {own.id for own in uow.accounts.all()}:
                    uow.accounts.add(account)
            for run in runs:
                uow.runs.add(run)
            uow.commit()


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def done(run_id: str, owner: str = "ana", *, state: str = "stable", **given: object) -> Run:
    summary = a_summary()
    psi = 0.4 if state == "act" else 0.0
    columns = tuple(replace(column, psi=psi, psi_by_chance=0.01) for column in summary.columns)
    return a_finished_run(id=run_id, owner=owner, summary=replace(summary, columns=columns), **given)


def test_a_person_is_told_of_the_end_of_their_own_predictions_alone(installed: Installed) -> None:
    failed = (
        a_run(id=RunId("run-2"), owner="ana", file_name="b.csv")
        .started(worker="w", at=NOON)
        .failed("x", at=at(minutes=1))
    )
    installed.add(done("run-1", file_name="a.csv"), failed, a_run(id=RunId("run-3"), owner="ana"))
    assert installed.notified(ANA) == [
        ("run run-2 failed", "The prediction of b.csv did not finish.", False),
        ("run run-1 done", "The prediction of a.csv is done.", False),
    ]
    assert installed.notified(BEN) == []


def test_an_old_end_is_no_notice(installed: Installed) -> None:
    installed.add(done("run-1"))
    installed.clock.set(NOON + timedelta(days=15))
    assert installed.notified(ANA) == []


def test_what_was_seen_stays_seen_and_only_for_that_person(installed: Installed) -> None:
    installed.add(done("run-1"), done("run-2", "ben"))
    count = CountUnseen(installed.read)
    assert count(by=ANA) == 1
    installed.mark(frozenset({"run run-1 done", "run run-2 done", "nonsense"}), by=ANA)
    assert count(by=ANA) == 0
    assert [seen for *_, seen in installed.notified(ANA)] == [True]
    assert count(by=BEN) == 1
    with installed.new_reading() as uow:
        assert list(uow.notices.of(ANA.id)) == ["run run-1 done"]


def test_nothing_is_written_where_nothing_is_new(installed: Installed) -> None:
    installed.add(done("run-1"))
    before = installed.database.commits
    installed.mark(frozenset({"nonsense"}), by=ANA)
    assert installed.database.commits == before


def test_a_training_says_which_model_it_made(installed: Installed) -> None:
    installed.add()
    running = a_training(owner="ana", file_name="base.csv").started(worker="w", at=NOON)
    with installed.new_uow() as uow:
        uow.trainings.add(running.done("v7", at=at(minutes=3)))
        uow.commit()
    assert installed.notified(ANA) == [
        ("training training-1 done", "The training on base.csv is done. It made model v7.", False)
    ]
    assert installed.notified(MAX) == []


def test_far_moved_customers_of_the_newest_prediction_are_told_to_those_who_see_it(installed: Installed) -> None:
    installed.add(done("run-1", "ben", state="act", file_name="far.csv"))
    assert [key for key, *_ in installed.notified(BEN)] == ["run run-1 done", "drift run-1"]
    assert [key for key, *_ in installed.notified(MAX)] == ["drift run-1"]
    assert "moved far from the customers of the training. Train again." in installed.notified(MAX)[0][1]
    assert installed.notified(ANA) == []
    installed.add(done("run-2", "max", created_at=at(minutes=9)))
    assert [key for key, *_ in installed.notified(MAX)] == ["run run-2 done"]


@pytest.mark.parametrize(
    ("closes_on", "days", "expected"),
    [(None, 27, False), (None, 28, True), (date(2026, 1, 1), 0, True), (date(2099, 1, 1), 60, False)],
)
def test_a_campaign_whose_time_is_over_is_told_to_those_who_close_it(
    installed: Installed, closes_on: date | None, days: int, expected: bool
) -> None:
    installed.add()
    own = a_campaign(
        id=CampaignId("c-1"),
        name="Calls",
        owner="ana",
        shared=True,
        state=CampaignState.RUNNING,
        started_at=NOON,
        closes_on=closes_on,
        sample=False,
    )
    with installed.new_uow() as uow:
        uow.campaigns.add(own)
        uow.commit()
    installed.clock.set(NOON + timedelta(days=days))
    words = ["The time of Calls is over. Record who stayed, and close it."] if expected else []
    assert [text for _, text, _ in installed.notified(ANA)] == words
    assert [text for _, text, _ in installed.notified(MAX)] == words
    assert installed.notified(BEN) == []


def test_a_model_past_its_best_before_is_told_once_a_month() -> None:
    months = (a_grading(),)
    (notice,) = of_best_before("v3", BestBefore(Advice.MISSED, months))
    assert (notice.key, notice.about) == ("model v3 2026-10", "v3")
    assert notice.text == "Model v3 is past its best-before of October 2026. Train again."
    assert list(of_best_before("v3", BestBefore(Advice.FRESH, months))) == []


def test_each_missing_file_is_its_own_notice() -> None:
    notice = of_missing_file("crm", NOON)
    assert notice.text == "No file has come to the folder crm."
    assert of_missing_file("crm", NOON + timedelta(days=1)).key != notice.key
