"""Exports that a worker makes: ordered, made once, fetched by their owner alone, gone with their run."""

from __future__ import annotations

import gc
import io
import os
import stat
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

import pytest

from application.ports.exports import ExportState
from bench.ports import ports_of
from domain.account import Role, system_account
from domain.actor import Actor
from domain.csv_style import CsvStyle
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import InvalidInput, NotFound, TooManyWaiting
from domain.export import ExportKind, ExportOptions
from domain.prediction import RiskBand
from domain.training import TrainingRequest
from entrypoints.bootstrap import build
from entrypoints.settings import Settings
from tests.integration.export_installation import PASSWORD, Jobs, Place, customers, ordered, pdf, query, state

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, jobs = tmp_path_factory.mktemp("data"), Jobs()
    application = build(Settings(data_dir=folder, bcrypt_cost=4), jobs=jobs)
    application.maintenance.upgrade_database()
    system = system_account(application.now())
    analyst = application.administration.add_account(
        "Branch North", "branch@telco.example.com", PASSWORD, Role.ANALYST, by=Actor(system)
    )
    training = application.models.submit_training(
        io.BytesIO(customers()), "labelled.csv", TrainingRequest(algorithm="logistic", effort="low"), by=Actor(analyst)
    )
    application.models.train_model(training.id)
    run = application.predictions.submit_scoring(io.BytesIO(customers()), "march.csv", by=Actor(analyst))
    done = application.predictions.score_run(run.id)
    assert done is not None
    assert done.error is None
    yield Place(application, jobs, analyst, run.id, folder)
    with warnings.catch_warnings():  # the renderer leaves its temporary files to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def place(shared: Place) -> Place:
    shared.jobs.reports.clear()
    return shared


def test_a_report_waits_until_a_worker_makes_it_and_is_its_owners_alone(place: Place) -> None:
    order = ordered(place, pdf(20))
    assert state(place, order.id) is ExportState.WAITING

    place.work()

    assert state(place, order.id) is ExportState.DONE
    path = ports_of(place.application).exports.path(order)
    assert path.read_bytes().startswith(b"%PDF")
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_table_is_the_same_bytes_from_the_worker_and_at_once(place: Place) -> None:
    options = ExportOptions(ExportKind.CSV, style=CsvStyle.SEMICOLON, with_input=True)
    order = ordered(place, options)
    place.work()

    at_once = place.application.reports.export_table.direct(
        place.run_id, query(place), options, place.folder / "scratch", by=Actor(place.analyst)
    )
    assert at_once is not None
    assert ports_of(place.application).exports.path(order).read_bytes() == at_once


def test_a_spreadsheet_can_be_ordered(place: Place) -> None:
    order = ordered(place, ExportOptions(ExportKind.XLSX))
    place.work()

    assert ports_of(place.application).exports.path(order).read_bytes().startswith(b"PK")


def test_equal_export_orders_are_made_once(place: Place) -> None:
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
    table = ExportOptions(ExportKind.CSV)
    assert ordered(place, table).id != ordered(place, table, **other).id


def test_two_reports_of_the_same_view_are_the_same_bytes(place: Place) -> None:
    order = ordered(place, pdf(5))
    place.work()
    first = ports_of(place.application).exports.path(order).read_bytes()
    ports_of(place.application).exports.clear()

    ordered(place, pdf(5))
    place.work()

    assert ports_of(place.application).exports.path(order).read_bytes() == first


def test_an_export_is_made_once_however_often_its_job_comes(place: Place) -> None:
    order = ordered(place, pdf(1))

    with ports_of(place.application).exports.making(order) as draft:
        assert draft is not None
        with ports_of(place.application).exports.making(order) as second:
            assert second is None
        place.work()
        assert state(place, order.id) is ExportState.MAKING


def test_an_export_whose_worker_died_is_made_by_the_next_and_given_up_after_three(place: Place) -> None:
    order = ordered(place, pdf(2))
    claim = ports_of(place.application).exports.path(order).with_suffix(".claim")
    for _ in range(3):
        with ports_of(place.application).exports.making(order) as draft:
            assert draft is not None
        long_ago = time.time() - 31
        os.utime(claim, (long_ago, long_ago))
        assert ports_of(place.application).exports.find(place.run_id, order.id).state is ExportState.WAITING  # type: ignore[union-attr]

    place.work()

    kept = place.application.reports.view_export(place.run_id, order.id, by=place.analyst)
    assert kept.state is ExportState.FAILED
    assert kept.problem == "The report could not be created: the worker stopped 3 times while creating it."
    ordered(place, pdf(2))
    place.work()
    assert state(place, order.id) is ExportState.DONE


def test_a_claim_from_the_future_has_expired(place: Place) -> None:
    order = ordered(place, ExportOptions(ExportKind.CSV), threshold=0.21)
    claim = ports_of(place.application).exports.path(order).with_suffix(".claim")
    with ports_of(place.application).exports.making(order):
        pass
    tomorrow = time.time() + 86_400
    os.utime(claim, (tomorrow, tomorrow))

    place.work()

    assert state(place, order.id) is ExportState.DONE


def test_an_export_keeps_every_part_of_the_view(place: Place) -> None:
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
    order = place.application.reports.order_export(
        place.run_id, asked, options, by=Actor(place.analyst, "10.0.0.7")
    ).order

    kept = ports_of(place.application).exports.find(place.run_id, order.id)
    assert kept is not None
    assert kept.order == order
    assert (order.query, order.options, order.address) == (asked, options, "10.0.0.7")


def test_the_failure_of_an_export_is_reported_in_a_sentence(place: Place) -> None:
    with pytest.raises(InvalidInput, match=r"A report lists at most 500 customers; the CSV has them all\."):
        pdf(501)
    order = ordered(place, ExportOptions(ExportKind.CSV), action="no-such-action", sort="nothing")

    place.work()

    kept = place.application.reports.view_export(place.run_id, order.id, by=place.analyst)
    assert kept.state is ExportState.FAILED
    assert kept.problem.endswith(".")


def test_a_person_has_at_most_ten_unfinished_exports(place: Place) -> None:
    ports_of(place.application).exports.clear()
    table = ExportOptions(ExportKind.CSV)
    orders = [ordered(place, table, threshold=0.1 + number / 100) for number in range(10)]

    with pytest.raises(TooManyWaiting, match="10 of your exports are waiting to be made"):
        ordered(place, table, threshold=0.9)
    assert ordered(place, table, threshold=0.1) == orders[0]

    place.application.reports.make_export(place.run_id, orders[0].id)
    assert ordered(place, table, threshold=0.9)
    ports_of(place.application).exports.clear()


def test_a_second_export_waits_while_one_is_made_and_another_persons_comes_first(place: Place) -> None:
    ports_of(place.application).exports.clear()
    system = system_account(place.application.now())
    boss = place.application.administration.add_account(
        "Shop West", "west@telco.example.com", PASSWORD, Role.MANAGER, by=Actor(system)
    )
    own = [ordered(place, ExportOptions(ExportKind.CSV), threshold=0.5 + number / 100) for number in range(2)]
    table = ExportOptions(ExportKind.CSV)
    theirs = place.application.reports.order_export(place.run_id, query(place), table, by=Actor(boss)).order
    place.jobs.reports.clear()

    busy = replace(place.application.reports.make_export, making=Lock())
    with busy.making:
        busy(place.run_id, own[0].id)
    assert state(place, own[0].id) is ExportState.WAITING

    busy(place.run_id, own[0].id)

    assert state(place, own[0].id) is ExportState.DONE
    assert place.jobs.reports == [(place.run_id, theirs.id)]
    place.work()
    assert state(place, own[1].id) is ExportState.DONE


def test_an_order_that_the_queue_lost_is_queued_again(place: Place) -> None:
    ports_of(place.application).exports.clear()
    order = ordered(place, pdf(6))
    place.jobs.reports.clear()

    assert place.application.reports.resume_exports() == 0
    assert place.application.reports.resume_exports(all_waiting=True) == 1
    assert place.jobs.reports == [(place.run_id, order.id)]
    later = replace(
        place.application.reports.resume_exports,
        clock=Later(place.application.now() + timedelta(seconds=31)),
    )
    assert later() == 1


@dataclass
class Later:
    time: datetime

    def now(self) -> datetime:
        return self.time


def test_a_person_cannot_fetch_another_persons_report(place: Place) -> None:
    order = ordered(place, pdf(8))
    system = system_account(place.application.now())
    manager = place.application.administration.add_account(
        "Shop South", "shop@telco.example.com", PASSWORD, Role.MANAGER, by=Actor(system)
    )

    with pytest.raises(NotFound):
        place.application.reports.view_export(place.run_id, order.id, by=manager)
    for strange in ("../../secret", "", "nope"):
        with pytest.raises(NotFound):
            place.application.reports.view_export(place.run_id, strange, by=place.analyst)


def test_exports_are_gone_after_a_day_and_those_of_earlier_versions_too(place: Place) -> None:
    order = ordered(place, ExportOptions(ExportKind.CSV))
    place.work()
    old = place.folder / "results" / place.run_id / "reports"
    old.mkdir()
    for name in ("old.json", "old.pdf", "old.taken"):
        (old / name).write_text("{}")
    now = place.application.now()

    assert ports_of(place.application).exports.sweep(now - timedelta(days=1)) == 0
    assert ports_of(place.application).exports.sweep(now + timedelta(seconds=5)) >= 2
    assert not list(ports_of(place.application).exports.path(order).parent.iterdir())
    assert not list(old.iterdir())
    assert ports_of(place.application).exports.find(place.run_id, order.id) is None


@pytest.mark.parametrize(("hours", "kept"), [(23.9, True), (24.1, False)])
def test_an_export_can_be_fetched_for_a_day(place: Place, hours: float, kept: bool) -> None:
    order = ordered(place, ExportOptions(ExportKind.CSV))
    place.work()

    replace(
        place.application.reports.discard_old_exports,
        clock=Later(place.application.now() + timedelta(hours=hours)),
    )()

    assert (ports_of(place.application).exports.find(place.run_id, order.id) is not None) is kept
    assert ports_of(place.application).exports.path(order).exists() is kept


def test_deleting_a_run_deletes_its_exports_including_unfinished_ones(place: Place) -> None:
    run = place.application.predictions.submit_scoring(io.BytesIO(customers(60)), "short.csv", by=Actor(place.analyst))
    place.application.predictions.score_run(run.id)
    order = place.application.reports.order_export(run.id, query(place), pdf(), by=Actor(place.analyst)).order

    def export_while_deleting(*given: object, **named: object) -> None:
        place.application.predictions.delete_runs([run.id], by=Actor(place.analyst))
        place.application.reports.export_pdf(*given, **named)  # type: ignore[arg-type]

    maker = replace(place.application.reports.make_export, pdf=export_while_deleting)  # type: ignore[arg-type]
    maker(run.id, order.id)

    assert not list(place.folder.rglob(f"*{order.id}*"))


def test_an_export_of_a_run_whose_files_are_not_deleted_yet_has_not_failed(place: Place) -> None:
    """Deleting a run takes two steps. Between them the run is no longer in the database and its files still exist."""
    run = place.application.predictions.submit_scoring(io.BytesIO(customers(60)), "short.csv", by=Actor(place.analyst))
    place.application.predictions.score_run(run.id)
    order = place.application.reports.order_export(
        run.id, query(place), ExportOptions(ExportKind.CSV), by=Actor(place.analyst)
    ).order
    with ports_of(place.application).new_uow() as uow:
        uow.runs.remove(run.id)
        uow.commit()

    assert place.application.reports.make_export(run.id, order.id) is None

    kept = ports_of(place.application).exports.find(run.id, order.id)
    assert kept is not None
    assert kept.state is not ExportState.FAILED
    ports_of(place.application).results.discard(run.id)


def test_erasing_a_customer_removes_the_exports_that_may_name_them(place: Place) -> None:
    order = ordered(place, pdf(9))

    assert ports_of(place.application).results.erase_customer(place.run_id, "00007-AAAAA") == 1

    assert ports_of(place.application).exports.find(place.run_id, order.id) is None
    place.work()
    assert not ports_of(place.application).exports.path(order).exists()
    assert ports_of(place.application).exports.unfinished() == []
