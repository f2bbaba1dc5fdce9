"""Exports that a worker makes: ordered, made once, fetched by their owner alone, gone with their run."""

from __future__ import annotations

import gc
import io
import os
import stat
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest

from application.ports.exports import ExportOrder, ExportState
from application.ports.results import AttributeFilter, CustomerQuery
from domain.account import Account, Role, system_account
from domain.errors import InvalidInput, NotFound, TooManyWaiting
from domain.export import ExportKind, ExportOptions
from domain.prediction import RiskBand
from domain.run import RunId
from domain.training import TrainingId, TrainingRequest
from entrypoints.bootstrap import build
from entrypoints.desk import Desk
from entrypoints.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

PASSWORD = "correct horse battery staple 9"


@dataclass
class Jobs:
    """Remembers what was handed over, until the test lets it happen."""

    reports: list[tuple[RunId, str]] = field(default_factory=list)

    def score(self, run_id: RunId) -> None: ...
    def train(self, training_id: TrainingId) -> None: ...
    def report(self, run_id: RunId, report_id: str) -> None:
        self.reports.append((run_id, report_id))


@dataclass
class Place:
    desk: Desk
    jobs: Jobs
    analyst: Account
    run_id: RunId
    folder: Path

    def work(self) -> None:
        while self.jobs.reports:
            self.desk.make_export(*self.jobs.reports.pop(0))


def customers(rows: int = 300) -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges,Churn"]
    for n in range(rows):
        monthly = n % 2 == 0
        leaves = (n * 7919) % 100 < (55 if monthly else 8)
        lines.append(
            f"{n:05d}-AAAAA,{(n * 13) % 72},{'Month-to-month' if monthly else 'Two year'},{20 + (n * 31) % 90},"
            f"{'Yes' if leaves else 'No'}"
        )
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, jobs = tmp_path_factory.mktemp("data"), Jobs()
    desk = build(Settings(data_dir=folder, bcrypt_cost=4), jobs=jobs)
    desk.upgrade_database()
    system = system_account(desk.clock.now())
    analyst = desk.add_account("Branch North", "branch@telco.example.com", PASSWORD, Role.ANALYST, by=system)
    training = desk.submit_training(
        io.BytesIO(customers()), "labelled.csv", TrainingRequest(algorithm="logistic", effort="low"), by=analyst
    )
    desk.train_model(training.id)
    run = desk.submit_scoring(io.BytesIO(customers()), "march.csv", by=analyst)
    done = desk.score_run(run.id)
    assert done is not None
    assert done.error is None
    yield Place(desk, jobs, analyst, run.id, folder)
    with warnings.catch_warnings():  # the renderer leaves its temporary files to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def place(shared: Place) -> Place:
    shared.jobs.reports.clear()
    return shared


def query(place: Place) -> CustomerQuery:
    with place.desk.new_reading() as uow:
        return CustomerQuery(uow.runs.get(place.run_id).threshold)


def ordered(place: Place, options: ExportOptions, **changes: object) -> ExportOrder:
    asked = replace(query(place), **changes)  # type: ignore[arg-type]
    return place.desk.order_export(place.run_id, asked, options, by=place.analyst).order


def pdf(customers: int = 0) -> ExportOptions:
    return ExportOptions(ExportKind.PDF, customers=customers)


def state(place: Place, export_id: str) -> ExportState:
    return place.desk.view_export(place.run_id, export_id, by=place.analyst).state


def test_a_report_waits_until_a_worker_makes_it_and_is_its_owners_alone(place: Place) -> None:
    order = ordered(place, pdf(20))
    assert state(place, order.id) is ExportState.WAITING

    place.work()

    assert state(place, order.id) is ExportState.DONE
    path = place.desk.exports.path(order)
    assert path.read_bytes().startswith(b"%PDF")
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_table_is_the_same_bytes_from_the_worker_and_at_once(place: Place) -> None:
    options = ExportOptions(ExportKind.CSV, bom=True, with_input=True)
    order = ordered(place, options)
    place.work()

    at_once = place.desk.export_table.direct(
        place.run_id, query(place), options, place.folder / "scratch", by=place.analyst
    )
    assert at_once is not None
    assert place.desk.exports.path(order).read_bytes() == at_once


def test_a_spreadsheet_can_be_ordered(place: Place) -> None:
    order = ordered(place, ExportOptions(ExportKind.XLSX))
    place.work()

    assert place.desk.exports.path(order).read_bytes().startswith(b"PK")


def test_equal_orders_are_made_once(place: Place) -> None:
    first, second = ordered(place, pdf(7)), ordered(place, pdf(7), offset=25, sort="row")
    assert first == second
    assert place.jobs.reports == [(place.run_id, first.id)]

    place.work()
    ordered(place, pdf(7))

    assert place.jobs.reports == []


@pytest.mark.parametrize(
    "other",
    [{"threshold": 0.9}, {"search": "0001"}, {"bands": (RiskBand.HIGH,)}, {"likely": True}],
)
def test_another_filter_or_threshold_is_another_export(place: Place, other: dict[str, object]) -> None:
    assert ordered(place, pdf(3)).id != ordered(place, pdf(3), **other).id


def test_two_reports_of_the_same_view_are_the_same_bytes(place: Place) -> None:
    order = ordered(place, pdf(5))
    place.work()
    first = place.desk.exports.path(order).read_bytes()
    place.desk.exports.clear()

    ordered(place, pdf(5))
    place.work()

    assert place.desk.exports.path(order).read_bytes() == first


def test_an_export_is_made_once_however_often_its_job_comes(place: Place) -> None:
    order = ordered(place, pdf(1))

    with place.desk.exports.making(order) as draft:
        assert draft is not None
        with place.desk.exports.making(order) as second:
            assert second is None
        place.work()
        assert state(place, order.id) is ExportState.MAKING


def test_an_export_whose_worker_died_is_made_by_the_next_and_given_up_after_three(place: Place) -> None:
    order = ordered(place, pdf(2))
    claim = place.desk.exports.path(order).with_suffix(".claim")
    for _ in range(3):
        with place.desk.exports.making(order) as draft:
            assert draft is not None
        long_ago = time.time() - 31
        os.utime(claim, (long_ago, long_ago))
        assert place.desk.exports.find(place.run_id, order.id).state is ExportState.WAITING  # type: ignore[union-attr]

    place.work()

    kept = place.desk.view_export(place.run_id, order.id, by=place.analyst)
    assert kept.state is ExportState.FAILED
    assert kept.problem == "The report could not be made: the worker stopped three times while making it."
    ordered(place, pdf(2))
    place.work()
    assert state(place, order.id) is ExportState.DONE


def test_a_claim_from_the_future_is_as_old_as_any(place: Place) -> None:
    order = ordered(place, pdf(4))
    claim = place.desk.exports.path(order).with_suffix(".claim")
    with place.desk.exports.making(order):
        pass
    tomorrow = time.time() + 86_400
    os.utime(claim, (tomorrow, tomorrow))

    place.work()

    assert state(place, order.id) is ExportState.DONE


def test_every_part_of_the_view_survives_the_wait(place: Place) -> None:
    asked = CustomerQuery(
        0.25,
        search="0001",
        likely=True,
        bands=(RiskBand.HIGH,),
        action="call",
        attributes=(AttributeFilter("tenure", low=1.0, high=12.0), AttributeFilter("Contract", level="Ünïcode")),
        sort="id",
        limit=0,
    )
    options = ExportOptions(ExportKind.CSV, raw=True, with_input=True)
    order = place.desk.order_export(place.run_id, asked, options, by=place.analyst, address="10.0.0.7").order

    kept = place.desk.exports.find(place.run_id, order.id)
    assert kept is not None
    assert kept.order == order
    assert (order.query, order.options, order.address) == (asked, options, "10.0.0.7")


def test_what_went_wrong_is_told_in_a_sentence(place: Place) -> None:
    with pytest.raises(InvalidInput, match=r"A report lists at most 500 customers; the CSV has them all\."):
        pdf(501)
    order = ordered(place, ExportOptions(ExportKind.CSV), action="no-such-action", sort="nothing")

    place.work()

    kept = place.desk.view_export(place.run_id, order.id, by=place.analyst)
    assert kept.state is ExportState.FAILED
    assert kept.problem.endswith(".")


def test_a_person_has_at_most_ten_unfinished_exports(place: Place) -> None:
    place.desk.exports.clear()
    orders = [ordered(place, pdf(20), threshold=0.1 + number / 100) for number in range(10)]

    with pytest.raises(TooManyWaiting, match="10 of your exports are waiting to be made"):
        ordered(place, pdf(20), threshold=0.9)
    assert ordered(place, pdf(20), threshold=0.1) == orders[0]

    place.desk.make_export(place.run_id, orders[0].id)
    assert ordered(place, pdf(20), threshold=0.9)
    place.desk.exports.clear()


def test_a_second_export_waits_while_one_is_made_and_another_persons_comes_first(place: Place) -> None:
    place.desk.exports.clear()
    system = system_account(place.desk.clock.now())
    boss = place.desk.add_account("Shop West", "west@telco.example.com", PASSWORD, Role.MANAGER, by=system)
    own = [ordered(place, ExportOptions(ExportKind.CSV), threshold=0.5 + number / 100) for number in range(2)]
    table = ExportOptions(ExportKind.CSV)
    theirs = place.desk.order_export(place.run_id, query(place), table, by=boss).order
    place.jobs.reports.clear()

    busy = replace(place.desk.make_export, making=Lock())
    with busy.making:
        busy(place.run_id, own[0].id)
    assert state(place, own[0].id) is ExportState.WAITING

    busy(place.run_id, own[0].id)

    assert state(place, own[0].id) is ExportState.DONE
    assert place.jobs.reports == [(place.run_id, theirs.id)]
    place.work()
    assert state(place, own[1].id) is ExportState.DONE


def test_an_order_that_the_queue_lost_is_queued_again(place: Place) -> None:
    place.desk.exports.clear()
    order = ordered(place, pdf(6))
    place.jobs.reports.clear()

    assert place.desk.resume_exports() == 0
    assert place.desk.resume_exports(all_waiting=True) == 1
    assert place.jobs.reports == [(place.run_id, order.id)]
    later = replace(place.desk.resume_exports, clock=Later(place.desk.clock.now() + timedelta(seconds=31)))
    assert later() == 1


@dataclass
class Later:
    time: datetime

    def now(self) -> datetime:
        return self.time


def test_nobody_fetches_another_persons_report(place: Place) -> None:
    order = ordered(place, pdf(8))
    system = system_account(place.desk.clock.now())
    manager = place.desk.add_account("Shop South", "shop@telco.example.com", PASSWORD, Role.MANAGER, by=system)

    with pytest.raises(NotFound):
        place.desk.view_export(place.run_id, order.id, by=manager)
    for strange in ("../../secret", "", "nope"):
        with pytest.raises(NotFound):
            place.desk.view_export(place.run_id, strange, by=place.analyst)


def test_exports_are_gone_after_a_day_and_those_of_earlier_versions_too(place: Place) -> None:
    order = ordered(place, ExportOptions(ExportKind.CSV))
    place.work()
    old = place.folder / "results" / place.run_id / "reports"
    old.mkdir()
    for name in ("old.json", "old.pdf", "old.taken"):
        (old / name).write_text("{}")
    now = place.desk.clock.now()

    assert place.desk.exports.sweep(now - timedelta(days=1)) == 0
    assert place.desk.exports.sweep(now + timedelta(seconds=5)) >= 2
    assert not list(place.desk.exports.path(order).parent.iterdir())
    assert not list(old.iterdir())
    assert place.desk.exports.find(place.run_id, order.id) is None


def test_a_run_that_is_deleted_takes_its_exports_along_even_one_in_the_making(place: Place) -> None:
    run = place.desk.submit_scoring(io.BytesIO(customers(60)), "short.csv", by=place.analyst)
    place.desk.score_run(run.id)
    order = place.desk.order_export(run.id, query(place), pdf(), by=place.analyst).order

    def export_while_deleting(*given: object, **named: object) -> None:
        place.desk.delete_runs([run.id], by=place.analyst)
        place.desk.export_pdf(*given, **named)  # type: ignore[arg-type]

    maker = replace(place.desk.make_export, pdf=export_while_deleting)  # type: ignore[arg-type]
    maker(run.id, order.id)

    assert not list(place.folder.rglob(f"*{order.id}*"))


def test_erasing_a_customer_removes_the_exports_that_may_name_them(place: Place) -> None:
    order = ordered(place, pdf(9))

    assert place.desk.results.erase_customer(place.run_id, "00007-AAAAA") == 1

    assert place.desk.exports.find(place.run_id, order.id) is None
    place.work()
    assert not place.desk.exports.path(order).exists()
    assert place.desk.exports.unfinished() == []
