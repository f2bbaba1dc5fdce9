"""What an attribute adds to the risk, by its values, is the mean of XGBoost's own contributions, as pandas finds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from numpy.typing import NDArray

from application.ports.results import Contribution
from application.use_cases.insights.segments import contribution_interval
from bench.ports import ports_of
from domain.account import system_account
from domain.actor import Actor
from domain.header_matching import match_header
from domain.model import Effort
from domain.run import RunId
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings

CUSTOMERS = 2_000


@dataclass(frozen=True)
class Scored:
    application: Application
    run: RunId
    frame: pd.DataFrame
    """The file as pandas reads it."""
    expected: pd.DataFrame
    """Each customer's contributions by attribute, from XGBoost itself."""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    folder = tmp_path_factory.mktemp("contributions")
    application, file = build_inline(Settings(data_dir=folder)), folder / "sample.csv"
    application.maintenance.upgrade_database()
    ports_of(application).sample.write(file, rows=CUSTOMERS, seed=12)
    by = system_account(application.now())
    with file.open("rb") as stream:
        training = application.models.submit_training(
            stream, file.name, TrainingRequest(effort=Effort.LOW, seed=6), by=Actor(by)
        )
    learned = application.models.train_model(training.id)
    assert learned is not None
    with ports_of(application).new_uow() as uow:
        model = uow.models.get(str(learned.version))
    with file.open("rb") as stream:
        run = application.predictions.score_run(
            application.predictions.submit_scoring(stream, file.name, by=Actor(by), model_id=model.id).id
        )
    assert run is not None
    assert run.error is None
    assert run.model_version == model.id
    contributions = xgboosts_own(
        folder / "models" / model.id, ports_of(application).registry.scorer(model.id), file, application
    )
    return Scored(application, run.id, pd.read_csv(file), contributions)


def xgboosts_own(folder: Path, scorer: Any, file: Path, application: Application) -> pd.DataFrame:
    """Of the boosters as they are stored, averaged, and scaled as the version says; splines add their own share."""
    files = application.predictions.score_run.scoring_pass.files
    preview = files.preview(file)
    match = match_header(scorer.schema, preview.header)
    reading = files.read(file, schema=scorer.schema, match=match, format=preview.format)
    codes = np.concatenate([scorer.model.vocabulary.codes(batch.data) for batch in reading.batches()])
    treatment = scorer.model.trees.treatment
    rows = xgb.DMatrix(treatment.matrix(codes), nthread=1)
    blocks: list[NDArray[np.float64]] = []
    for path in sorted(folder.glob("model-*.ubj")):
        booster = xgb.Booster({"nthread": 1})
        booster.load_model(path)
        by_column = booster.predict(rows, pred_contribs=True).astype(np.float64)[:, :-1]
        by_attribute = np.zeros((len(codes), len(scorer.schema.names)))
        np.add.at(by_attribute.T, np.asarray(treatment.attribute_of_column), by_column.T)
        blocks.append(by_attribute)
    parameters = json.loads((folder / "model.json").read_text("utf-8"))["parameters"]
    contributions = float(parameters["platt_slope"]) * (1 - float(parameters["spline_share"])) * np.mean(blocks, axis=0)
    if scorer.model.linear is not None:
        contributions += scorer.model.linear.explain(codes)[0]
    return pd.DataFrame(contributions, columns=list(scorer.schema.names))


def those_with(frame: pd.DataFrame, attribute: str, own: Contribution) -> pd.Series:
    column = frame[attribute]
    if own.missing:
        return column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        return column == own.label
    low, high = (-np.inf if own.low is None else own.low), (np.inf if own.high is None else own.high)
    return (column >= low) & (column < high)


@pytest.mark.parametrize("attribute", ["Contract", "tenure", "MonthlyCharges", "TotalCharges", "PaymentMethod"])
def test_means_and_intervals_by_value_equal_those_of_xgboosts_contributions(attribute: str, scored: Scored) -> None:
    contributions = ports_of(scored.application).results.contributions(scored.run, attribute)
    assert contributions is not None
    assert sum(own.customers for own in contributions) == CUSTOMERS
    for own in contributions:
        expected = scored.expected[attribute][those_with(scored.frame, attribute, own)]
        assert own.customers == len(expected)
        assert own.mean == pytest.approx(expected.mean(), abs=1e-5)
        if own.customers > 1:
            assert own.spread == pytest.approx(expected.std(), abs=1e-5)
            half = 1.96 * expected.sem()
            assert contribution_interval(own) == pytest.approx(
                (expected.mean() - half, expected.mean() + half), abs=2e-5
            )
    assert max(abs(own.mean) for own in contributions) > 0.05, "there is something to compare"
