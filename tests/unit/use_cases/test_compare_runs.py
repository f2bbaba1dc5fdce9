"""Comparing two predictions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from application.ports.results import ScoredCustomer
from application.ports.risk_changes import RiskChanges
from application.use_cases.predictions.compare_runs import CompareRuns, Comparison, driver_shifts
from domain.customer import Customer, CustomerId
from domain.errors import InvalidInput, RunNotFound
from domain.prediction import BandLimits, Prediction, RiskBand, band_of
from domain.run import DriverShare, Run, RunId
from domain.shift import AttributeDrift
from tests.builders import a_finished_run, a_run, a_summary, an_account, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.result_changes import changes_between

ME = an_account(id="account-1")
OLD, NEW = RunId("run-old"), RunId("run-new")


FEW = AttributeDrift("Town", None)


@dataclass
class StreamedResults:
    """Customers of runs as (id, probability) or (id, probability, month), compared by plain loops."""

    of: dict[str, list[tuple]] = field(default_factory=dict)

    def risk_changes(
        self,
        before: RunId,
        after: RunId,
        *,
        thresholds: tuple[float, float],
        bands: BandLimits,
        most: int,
        movers: int,
    ) -> RiskChanges:
        old, new = (
            sorted(
                (scored(row, given, threshold, bands) for row, given in enumerate(self.of[run_id], start=1)),
                key=lambda one: -one.prediction.probability,
            )[:most]
            for run_id, threshold in zip((before, after), thresholds, strict=True)
        )
        return changes_between(old, new, movers=movers)

    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        return (AttributeDrift("tenure", 0.04), AttributeDrift("Contract", 0.3, "Contract is new."), FEW)


def scored(row: int, given: tuple, threshold: float, bands: BandLimits) -> ScoredCustomer:
    key, probability, *month = given
    prediction = Prediction(CustomerId(key), row, probability, probability >= threshold, band_of(probability, bands))
    return ScoredCustomer(
        Customer(CustomerId(key), row, {}), prediction, "leave-alone", 0.0, None, month=month[0] if month else None
    )


def compared(old: list[tuple], new: list[tuple], *, most: int = 1000, **summary: object) -> Comparison:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        for run_id, minutes in ((OLD, 0), (NEW, 60)):
            done = a_finished_run(id=run_id, threshold=0.5, created_at=at(minutes=minutes), summary=plain(**summary))
            uow.runs.add(done)
        uow.commit()
    return use_case(database, old, new, most=most)(NEW, OLD, by=ME)


def plain(**given: object) -> object:
    return a_summary(months=(), **given)


def use_case(database: FakeDatabase, old: list[tuple], new: list[tuple], *, most: int = 1000) -> CompareRuns:
    return CompareRuns(lambda: FakeUnitOfWork(database, reading=True), StreamedResults({OLD: old, NEW: new}), most)


def test_the_older_prediction_counts_as_before_whatever_the_order_asked_in() -> None:
    comparison = compared([("A", 0.1)], [("A", 0.2)])
    assert (comparison.before.id, comparison.after.id) == (OLD, NEW)


def test_customers_move_only_when_their_risk_changes_by_five_points() -> None:
    changes = compared(
        [("up", 0.10), ("down", 0.60), ("steady", 0.30), ("edge", 0.20)],
        [("up", 0.40), ("down", 0.20), ("steady", 0.33), ("edge", 0.26)],
    ).changes
    assert (changes.in_both, changes.up, changes.down, changes.steady) == (4, 2, 1, 1)


def test_another_threshold_alone_makes_nobody_newly_likely() -> None:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        uow.runs.add(a_finished_run(id=OLD, threshold=0.3, created_at=at(minutes=0), summary=plain()))
        uow.runs.add(a_finished_run(id=NEW, threshold=0.6, created_at=at(minutes=60), summary=plain()))
        uow.commit()
    customers = [("A", 0.4), ("B", 0.5), ("C", 0.7)]
    changes = use_case(database, customers, [*customers[:2], ("C", 0.2)])(OLD, NEW, by=ME).changes

    assert (changes.newly_likely, changes.no_longer_likely) == (0, 1)


def test_a_month_that_a_person_said_decides_which_is_the_earlier() -> None:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        uow.runs.add(a_finished_run(id=OLD, month="2026-11", created_at=at(minutes=0), summary=plain()))
        uow.runs.add(a_finished_run(id=NEW, month="2026-10", created_at=at(minutes=60), summary=plain()))
        uow.commit()
    comparison = use_case(database, [("A", 0.1)], [("A", 0.2)])(OLD, NEW, by=ME)

    assert (comparison.before.id, comparison.after.id) == (NEW, OLD)


def test_new_and_gone_customers_are_counted_with_how_many_of_them_are_likely_to_leave() -> None:
    comparison = compared([("A", 0.1), ("gone", 0.9)], [("A", 0.1), ("new", 0.8), ("newer", 0.1)])
    assert (comparison.changes.gone.customers, comparison.changes.gone.likely) == (1, 1)
    assert (comparison.changes.new.customers, comparison.changes.new.likely) == (2, 1)
    assert comparison.changes.gone.by_band[RiskBand.CRITICAL] == 1
    assert comparison.changes.new.by_band[RiskBand.LOW] == 1


def test_every_common_customer_is_in_one_cell_of_the_transition_table() -> None:
    comparison = compared([("A", 0.1), ("B", 0.6), ("C", 0.9)], [("A", 0.8), ("B", 0.6), ("C", 0.3)])
    assert sum(comparison.changes.transitions.values()) == comparison.changes.in_both == 3
    assert comparison.changes.transitions[RiskBand.LOW, RiskBand.CRITICAL] == 1
    assert comparison.changes.transitions[RiskBand.HIGH, RiskBand.HIGH] == 1
    assert comparison.changes.transitions[RiskBand.CRITICAL, RiskBand.MEDIUM] == 1


def test_crossing_the_threshold_is_counted_both_ways() -> None:
    comparison = compared([("A", 0.1), ("B", 0.6)], [("A", 0.7), ("B", 0.2)])
    assert (comparison.changes.newly_likely, comparison.changes.no_longer_likely) == (1, 1)


def test_top_movers_are_listed_strongest_first_with_their_row_in_each_file() -> None:
    comparison = compared([("A", 0.1), ("B", 0.2), ("C", 0.9)], [("C", 0.3), ("B", 0.9), ("A", 0.2)])
    assert [(m.customer_id, m.row_before, m.row_after) for m in comparison.changes.risers] == [("B", 2, 2), ("A", 1, 3)]
    assert [m.customer_id for m in comparison.changes.fallers] == ["C"]


def test_a_customer_of_several_months_counts_with_the_latest() -> None:
    comparison = compared([("A", 0.9, "2026-09"), ("A", 0.2, "2026-10")], [("A", 0.2, "2026-11")])
    assert comparison.changes.in_both == 1
    assert comparison.changes.up == comparison.changes.down == 0


def test_predictions_without_common_customers_have_no_movers() -> None:
    comparison = compared([("A", 0.9)], [("B", 0.2)])
    assert (comparison.changes.in_both, comparison.changes.risers, comparison.changes.fallers) == (0, (), ())


def test_beyond_the_limit_the_customers_at_the_highest_risk_are_compared_and_it_says_so() -> None:
    customers = [("A", 0.9), ("B", 0.8), ("C", 0.1)]
    comparison = compared(customers, customers, most=2, rows=5, scored=3)
    assert comparison.changes.in_both == 2
    assert comparison.partial
    assert not compared(customers, customers, most=3, rows=5, scored=3).partial


def test_a_prediction_is_not_compared_with_itself() -> None:
    with pytest.raises(InvalidInput, match="two different"):
        use_case(FakeDatabase(), [], [])(OLD, OLD, by=ME)


def test_a_prediction_without_a_result_is_refused_by_name() -> None:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        uow.runs.add(a_finished_run(id=OLD))
        uow.runs.add(a_run(id=NEW, file_name="still-running.csv"))
        uow.commit()
    with pytest.raises(InvalidInput, match=r"still-running\.csv"):
        use_case(database, [], [])(OLD, NEW, by=ME)


def test_somebody_elses_private_prediction_is_not_found() -> None:
    database = FakeDatabase()
    with FakeUnitOfWork(database) as uow:
        uow.runs.add(a_finished_run(id=OLD))
        uow.runs.add(a_finished_run(id=NEW, owner="account-2"))
        uow.commit()
    with pytest.raises(RunNotFound):
        use_case(database, [], [])(OLD, NEW, by=ME)


def test_drivers_of_both_runs_are_compared() -> None:
    def run(**shares: float) -> Run:
        drivers = tuple(DriverShare(name, 0.1, share, 0.0) for name, share in shares.items())
        return a_finished_run(summary=replace(a_summary(), drivers=drivers))

    shifts = driver_shifts(run(tenure=0.6, Contract=0.4), run(Contract=0.7, City=0.3))

    assert [(shift.attribute, shift.before, shift.after) for shift in shifts] == [
        ("Contract", 0.4, 0.7),
        ("City", 0.0, 0.3),
        ("tenure", 0.6, 0.0),
    ]
    assert shifts[0].change == pytest.approx(0.3)


def test_drift_between_two_runs_lists_the_most_moved_first_and_leaves_out_what_too_few_say() -> None:
    comparison = compared([("1", 0.2)], [("1", 0.3)])

    assert [own.attribute for own in comparison.drift] == ["Contract", "tenure"]
