"""A scored file, and what pandas computes from the file and its scores."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.header_matching import match_header
from domain.run import RunId
from domain.training import TrainingRequest
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_insights_pages import labelled
from tests.real_data import ibm_telco

BANDS = ("low", "medium", "high", "critical")


@dataclass
class Scored:
    """A run, and one frame of its file beside its scores: `p`, `action`, `gain`, `pays`, `left`, `likely`."""

    office: Office
    browser: Browser
    run_id: str
    threshold: float
    frame: pd.DataFrame
    contributions: pd.Series
    """What the contract adds to each customer's log-odds."""
    moved: bool = False
    """Whether the figures are those at another threshold than the run's: the money at risk does not depend on it."""

    @property
    def likely(self) -> pd.DataFrame:
        return self.frame[self.frame.likely]

    @property
    def earning(self) -> pd.DataFrame:
        """Those worth contacting, whatever their label."""
        return self.frame[self.frame.gain > 0]

    @property
    def answer(self) -> str:
        """The sentence that stands everywhere, from pandas alone."""
        frame, likely, earning = self.frame, self.likely, self.earning
        at_risk = f"{dollars((frame.p * frame.pays).sum())} a month is at risk"
        money = f"they pay {dollars(likely.pays.sum())} a month" if self.moved else at_risk
        return (
            f"{len(likely):,} of {len(frame):,} customers are likely to leave within the next month; {money}. "
            f"Contacting the {len(earning):,} for whom an offer pays is expected to earn {dollars(earning.gain.sum())}."
        )

    @property
    def address(self) -> str:
        return f"/predictions/{self.run_id}"

    def page(self, url: str) -> str:
        return self.browser.get(url).get_data(as_text=True)


IBM_CUSTOMERS = 2_500
"""Customers of the public file that are scored: enough for every page, and a PDF of several pages."""


def the_file(name: str) -> bytes:
    if name == "generated":
        return labelled().encode()
    return b"\n".join(ibm_telco().read_bytes().splitlines()[: 1 + IBM_CUSTOMERS])


def of_other_customers(file: bytes) -> bytes:
    """The same rows under other ids: a file that the model learned from has the figures of its cross-validation."""
    frame = pd.read_csv(io.BytesIO(file), dtype=str, keep_default_na=False)
    frame["customerID"] = "other-" + frame["customerID"]
    return frame.to_csv(index=False).encode()


def train_and_score(office: Office, *, file: bytes) -> None:
    analyst, application = office.people[Role.ANALYST], office.application
    training = application.models.submit_training(
        io.BytesIO(of_other_customers(file)),
        "labelled.csv",
        TrainingRequest(algorithm="logistic", effort="low"),
        by=Actor(analyst),
    )
    ended = application.models.train_model(training.id)
    assert ended is not None
    assert ended.error is None
    run = application.predictions.score_run(
        application.predictions.submit_scoring(io.BytesIO(file), "customers.csv", by=Actor(analyst)).id
    )
    assert run is not None
    assert run.error is None


def frame_of(office: Office, run_id: RunId, file: bytes) -> pd.DataFrame:
    """The file as pandas reads it, joined to each customer's score by the row in the file."""
    with ports_of(office.application).new_reading() as uow:
        run, bands = uow.runs.get(run_id), uow.policies.get().bands
    chunks = ports_of(office.application).results.stream(run_id, CustomerQuery(run.threshold), bands=bands)
    scores = pd.DataFrame(
        [(c.customer.row, c.prediction.probability, c.action_id, c.expected_gain) for chunk in chunks for c in chunk],
        columns=["row", "p", "action", "gain"],
    ).set_index("row")
    frame = pd.read_csv(io.BytesIO(file), dtype={"customerID": str})
    frame.index += 1
    frame = frame.join(scores, how="inner")
    assert len(frame) == len(scores)
    edges = [bands.medium, bands.high, bands.critical]
    return frame.assign(
        pays=frame.MonthlyCharges,
        left=frame.Churn == "Yes",
        likely=frame.p >= run.threshold,
        band=[BANDS[sum(p >= edge for edge in edges)] for p in frame.p],
    )


def contributions_of(office: Office, model: str, path: Path) -> pd.Series:
    """Each customer's, by the row in the file, from the model itself."""
    scorer, files = (
        ports_of(office.application).registry.scorer(model),
        office.application.predictions.score_run.scoring_pass.files,
    )
    preview = files.preview(path)
    match = match_header(scorer.schema, preview.header)
    batches = files.read(path, schema=scorer.schema, match=match, format=preview.format).batches()
    place = scorer.schema.names.index("Contract")
    rows = {
        row: float(value)
        for batch in batches
        for row, value in zip(
            batch.data.column("row").to_pylist(), scorer.score(batch).contributions[:, place], strict=True
        )
    }
    return pd.Series(rows)


def dollars(amount: float) -> str:
    return f"${amount:,.0f}"


def share(value: float) -> str:
    return f"{value:.1%}"
