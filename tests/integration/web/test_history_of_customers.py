"""Attributes of earlier months on pages: of a model, a result, a customer, and a comparison of two results."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest

from domain.account import Role
from domain.actor import Actor
from domain.model import Algorithm, Effort
from domain.run import Run
from domain.training import TrainingRequest
from tests.integration.moving_bills import HEADER, Months, customers
from tests.integration.web.conftest import Browser, Office

BILL = "MonthlyCharges change since last month"


@dataclass
class Moving:
    office: Office
    rows: Months
    version: str

    def score(self, month: str, *, name: str = "") -> Run:
        header = ",".join(name for name in HEADER if name != "SnapshotMonth")
        text = "\n".join([header, *(",".join([own[0], *own[2:]]) for own in self.rows[month])])
        predictions = self.office.application.predictions
        by = Actor(self.office.people[Role.ANALYST])
        run = predictions.submit_scoring(io.BytesIO(text.encode()), name or f"base_{month}.csv", by=by)
        done = predictions.score_run(run.id)
        assert done is not None
        assert done.summary is not None, done.error
        return done

    def page(self, address: str) -> str:
        return " ".join(str(self.browser.get(address).get_data(as_text=True)).split())

    @property
    def browser(self) -> Browser:
        return self.office.browser(Role.ANALYST)


@pytest.fixture
def moving(office: Office) -> Moving:
    """A champion that uses the change of the bill."""
    rows, leavers = customers(effect=2.5)
    labelled = [
        ",".join([*row, "Yes" if row[0] in leavers[month] else "No"])
        for month in list(rows)[:-2]
        for row in rows[month]
    ]
    models = office.application.models
    training = models.submit_training(
        io.BytesIO("\n".join([",".join([*HEADER, "Churn"]), *labelled]).encode()),
        "labelled.csv",
        TrainingRequest(algorithm=Algorithm.LOGISTIC, effort=Effort.LOW),
        by=Actor(office.people[Role.MANAGER]),
    )
    ended = models.train_model(training.id)
    assert ended is not None
    assert ended.version is not None, ended.error
    return Moving(office, rows, ended.version)


def test_pages_show_history_from_stored_predictions(moving: Moving) -> None:
    model = moving.page(f"/models/{moving.version}")
    assert "Earlier months" in model
    assert "Monthly charges change since last month</th>" in model
    first = moving.score("2026-05")
    assert "1 of the model’s attributes needs earlier months; none were found" in moving.page(
        f"/predictions/{first.id}"
    )
    second = moving.score("2026-06")
    note = "1 of the model’s attributes needs earlier months: May 2026 (base_2026-05.csv)."
    assert note in moving.page(f"/predictions/{second.id}")

    bills = {own[0]: float(own[3]) for own in moving.rows["2026-05"]}
    later = [(own[0], float(own[3])) for own in moving.rows["2026-06"]]
    who, now = next((who, bill) for who, bill in later if who in bills and round(bill - bills[who], 2) == 12)
    row = next(place for place, own in enumerate(moving.rows["2026-06"], start=1) if own[0] == who)
    assert now > bills[who]
    customer = moving.page(f"/predictions/{second.id}/customers/{row}")
    assert "Monthly bill up $12.00 since last month" in customer
    assert "Why it changed" in customer
    compared = moving.page(f"/history/compare?a={first.id}&b={second.id}")
    assert "Monthly charges change since last month" in compared


def test_a_file_whose_month_is_unknown_is_scored_without_history(moving: Moving) -> None:
    moving.score("2026-05")
    run = moving.score("2026-06", name="customers.csv")
    assert run.summary is not None
    assert run.summary.history is not None
    assert not run.summary.history.is_complete
    assert "which month this file shows is not known" in moving.page(f"/predictions/{run.id}")


def test_erasing_a_customer_takes_the_history_too(moving: Moving) -> None:
    moving.score("2026-05")
    moving.score("2026-06")
    who = moving.rows["2026-06"][0][0]
    office = moving.office
    office.application.privacy.erase_customer(who, by=Actor(office.people[Role.ADMIN]))
    kept = [path for path in (office.folder / "uploads").iterdir() if f"{who},".encode() in path.read_bytes()]
    assert kept == []
    again = moving.score("2026-06", name="again_2026-06.csv")
    assert again.summary is not None
    assert again.summary.history is not None
    assert again.summary.history.found == {"2026-05": "base_2026-05.csv"}
