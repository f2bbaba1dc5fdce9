"""Which predictions a trend is made of, and how often results are compared for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from application.ports.predictions import PastRisk
from application.ports.results import ScoredCustomer
from application.use_cases.insights.read_trend import ReadTrend, SharedCustomers
from application.use_cases.predictions.past_risks import risk_by_month
from domain.account import Role
from domain.customer import Customer, CustomerId
from domain.errors import ResultMissing
from domain.prediction import Prediction, RiskBand
from domain.run import MonthSummary, Run, RunId
from tests.builders import a_finished_run, a_run, a_summary, an_account, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork

ME = an_account(id="me")
BOSS = an_account(id="boss", role=Role.MANAGER)


@dataclass
class Counting:
    """All customers are in both runs. `missing` runs have no result."""

    missing: tuple[str, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def follow_up(self, before: RunId, after: RunId, customers: Sequence[str]) -> object:
        self.asked.append((before, after))
        if {before, after} & set(self.missing):
            raise ResultMissing(before)
        return SimpleNamespace(found=400)


def a_month_run(name: str, month: str, *, minutes: int, **given: object) -> Run:
    summary = a_summary(months=(MonthSummary(month, 400, 0.2, 9, None, None),))
    filled = {"id": RunId(name), "owner": "me", "file_sha256": name, "created_at": at(minutes=minutes)}
    return a_finished_run(summary=summary, **(filled | given))


def a_database(*runs: Run) -> FakeDatabase:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        for run in runs:
            uow.runs.add(run)
        uow.commit()
    return database


OCTOBER, NOVEMBER = a_month_run("o", "2026-10", minutes=1), a_month_run("n", "2026-11", minutes=2)


def test_each_pair_of_results_is_compared_once() -> None:
    results = Counting()
    read_trend, database = ReadTrend(SharedCustomers(results)), a_database(OCTOBER, NOVEMBER)  # type: ignore[arg-type]
    with FakeUnitOfWork(database) as uow:
        trends = [read_trend(uow, NOVEMBER, by=ME) for _ in range(3)]

    assert [[point.run_id for point in trend.points] for trend in trends] == [["o", "n"]] * 3
    assert results.asked == [("o", "n")]


def test_a_deleted_result_is_asked_for_again_and_taken_for_the_same_base() -> None:
    results = Counting(missing=("o",))
    read_trend = ReadTrend(SharedCustomers(results))  # type: ignore[arg-type]
    with FakeUnitOfWork(a_database(OCTOBER, NOVEMBER)) as uow:
        trends = [read_trend(uow, NOVEMBER, by=ME) for _ in range(2)]

    assert [len(trend.points) for trend in trends] == [2, 2]
    assert len(results.asked) == 2


def test_a_trend_holds_what_its_reader_may_see_of_one_kind() -> None:
    theirs = a_month_run("theirs", "2026-09", minutes=0, owner="somebody else")
    sample = a_month_run("sample", "2026-08", minutes=0, sample=True)
    database = a_database(theirs, sample, OCTOBER, NOVEMBER, a_run(id=RunId("waits"), owner="me"))
    read_trend = ReadTrend(SharedCustomers(Counting()))  # type: ignore[arg-type]
    with FakeUnitOfWork(database) as uow:
        mine, all_of_them = read_trend(uow, NOVEMBER, by=ME), read_trend(uow, NOVEMBER, by=BOSS)

    assert [point.run_id for point in mine.points] == ["o", "n"]
    assert [point.run_id for point in all_of_them.points] == ["theirs", "o", "n"]
    assert mine.left_out == ()


def scored(probability: float, month: str | None) -> ScoredCustomer:
    customer = Customer(CustomerId("c"), 1)
    prediction = Prediction(customer.id, 1, probability, likely_to_leave=True, band=RiskBand.HIGH)
    return ScoredCustomer(customer, prediction, "leave-alone", 0.0, None, month=month, actual=None)


def past(run: Run, month: str | None, probability: float) -> PastRisk:
    return PastRisk(run.id, run.file_name, run.created_at, month, probability, 0.25)


def test_a_customers_months_count_once_and_this_prediction_for_its_own() -> None:
    again = a_month_run("again", "2026-11", minutes=3)
    named = a_finished_run(id=RunId("named"), file_name="base-2026-08.csv", summary=a_summary(months=()))
    nowhere = a_finished_run(id=RunId("nowhere"), file_name="base.csv", summary=a_summary(months=()))
    numbered = a_finished_run(id=RunId("numbered"), summary=a_summary(months=(), id_header=""))
    runs = [named, nowhere, numbered, OCTOBER, NOVEMBER, again]
    risks = [
        past(named, None, 0.5),
        past(nowhere, None, 0.1),
        past(numbered, "2026-07", 0.1),
        past(OCTOBER, "2026-10", 0.6),
        past(NOVEMBER, "2026-11", 0.7),
        past(again, "2026-11", 0.9),
    ]
    with FakeUnitOfWork(a_database(*runs)) as uow:
        shown = risk_by_month(uow, NOVEMBER, scored(0.7, "2026-11"), risks)
        of_october = risk_by_month(uow, OCTOBER, scored(0.6, "2026-10"), risks)
        without = risk_by_month(uow, nowhere, scored(0.1, None), risks)

    assert [(month, risk and risk.probability) for month, risk in shown.months] == [
        ("2026-08", 0.5),
        ("2026-09", None),
        ("2026-10", 0.6),
        ("2026-11", 0.7),
    ]
    assert (shown.current, shown.is_line) == (3, True)
    assert (of_october.months[3][1] and of_october.months[3][1].run_id, of_october.current) == ("again", 2)
    assert (without.current, without.is_line) == (None, False)


def test_customers_who_are_only_numbers_of_rows_have_no_risk_by_month() -> None:
    numbered = a_finished_run(summary=a_summary(id_header=""))
    with FakeUnitOfWork(a_database(OCTOBER, numbered)) as uow:
        assert risk_by_month(uow, numbered, scored(0.7, "2026-11"), [past(OCTOBER, "2026-10", 0.6)]).months == ()
