"""A printed report that a worker makes: ordered, taken once, fetched by its owner alone, gone with its run."""

from __future__ import annotations

import gc
import io
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.results import AttributeFilter, CustomerQuery
from application.ports.shelf import ReportState
from domain.account import Account, Role, system_account
from domain.errors import NotFound, ResultMissing, RunNotFound
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
        for run_id, report_id in self.jobs.reports:
            self.desk.make_report(run_id, report_id)


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


def state(place: Place, report_id: str) -> ReportState:
    return place.desk.view_report(place.run_id, report_id, by=place.analyst).state


def test_a_report_waits_until_a_worker_makes_it_and_is_its_owners_alone(place: Place) -> None:
    order = place.desk.order_report(place.run_id, query(place), by=place.analyst, customers=20)
    assert state(place, order.id) is ReportState.WAITING

    place.work()

    assert state(place, order.id) is ReportState.DONE
    path = place.desk.shelf.path(order)
    assert path.read_bytes().startswith(b"%PDF")
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_reports_of_the_same_view_are_the_same_bytes(place: Place) -> None:
    orders = [place.desk.order_report(place.run_id, query(place), by=place.analyst, customers=5) for _ in range(2)]
    place.work()

    first, second = (place.desk.shelf.path(order).read_bytes() for order in orders)
    assert first == second


def test_a_report_is_made_once_however_often_its_job_comes(place: Place) -> None:
    order = place.desk.order_report(place.run_id, query(place), by=place.analyst, customers=0)

    assert place.desk.shelf.take(order)
    assert not place.desk.shelf.take(order)
    place.work()

    assert state(place, order.id) is ReportState.MAKING


def test_every_part_of_the_view_survives_the_wait(place: Place) -> None:
    asked = CustomerQuery(
        0.25,
        search="0001",
        likely=True,
        bands=(RiskBand.HIGH,),
        action="call",
        attributes=(AttributeFilter("tenure", low=1.0, high=12.0), AttributeFilter("Contract", level="Ünïcode")),
        sort="gain",
    )
    order = place.desk.order_report(place.run_id, asked, by=place.analyst, customers=7, address="10.0.0.7")

    kept = place.desk.shelf.find(place.run_id, order.id)
    assert kept is not None
    assert kept.order == order


def test_what_went_wrong_is_told_in_a_sentence(place: Place) -> None:
    order = place.desk.order_report(place.run_id, query(place), by=place.analyst, customers=501)
    place.work()

    kept = place.desk.view_report(place.run_id, order.id, by=place.analyst)
    assert kept.state is ReportState.FAILED
    assert kept.problem == "A report lists at most 500 customers; the CSV has them all."


def test_nobody_fetches_another_persons_report(place: Place) -> None:
    order = place.desk.order_report(place.run_id, query(place), by=place.analyst)
    system = system_account(place.desk.clock.now())
    manager = place.desk.add_account("Shop South", "shop@telco.example.com", PASSWORD, Role.MANAGER, by=system)

    with pytest.raises(NotFound):
        place.desk.view_report(place.run_id, order.id, by=manager)
    for strange in ("../../secret", "", "nope"):
        with pytest.raises(NotFound):
            place.desk.view_report(place.run_id, strange, by=place.analyst)


def test_reports_are_gone_after_a_day(place: Place) -> None:
    order = place.desk.order_report(place.run_id, query(place), by=place.analyst, customers=0)
    place.work()
    now = place.desk.clock.now()

    assert place.desk.shelf.sweep(now - timedelta(days=1)) == 0
    assert place.desk.shelf.sweep(now + timedelta(seconds=5)) >= 1
    assert not list(place.desk.shelf.path(order).parent.iterdir())
    assert place.desk.shelf.find(place.run_id, order.id) is None


def test_a_run_that_is_deleted_takes_its_reports_along_even_one_in_the_making(place: Place) -> None:
    run = place.desk.submit_scoring(io.BytesIO(customers(60)), "short.csv", by=place.analyst)
    place.desk.score_run(run.id)
    ordered = place.desk.order_report(run.id, query(place), by=place.analyst, customers=0)

    def export_while_deleting(*given: object, **named: object) -> None:
        place.desk.delete_runs([run.id], by=place.analyst)
        with pytest.raises((ResultMissing, RunNotFound)):
            place.desk.export_pdf(*given, **named)  # type: ignore[arg-type]

    maker = replace(place.desk.make_report, export=export_while_deleting)  # type: ignore[arg-type]
    maker(run.id, ordered.id)

    assert not list(place.folder.rglob(f"*{ordered.id}*"))


def test_erasing_a_customer_removes_the_reports_that_may_name_them(place: Place) -> None:
    order = place.desk.order_report(place.run_id, query(place), by=place.analyst, customers=0)

    assert place.desk.results.erase_customer(place.run_id, "00007-AAAAA") == 1

    assert place.desk.shelf.find(place.run_id, order.id) is None
    place.work()
    assert not place.desk.shelf.path(order).exists()
