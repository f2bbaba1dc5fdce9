"""The contestants compared on held-out folds: our trainers, and carefully used libraries."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from adapters.intake.levels import LevelCaster
from adapters.intake.numbers import read_numbers
from adapters.ml.training import quality_metrics
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.intake import TrainingTable
from application.ports.models import ThresholdChoice, Trainer
from domain.model import Effort
from domain.schema import CustomerSchema
from domain.training import TrainingRequest

Predict = Callable[[pd.DataFrame, pd.DataFrame], Any]
"""Trains on the first frame (with Churn) and returns the second frame's probabilities."""
OURS = "NetOne Churn"
FLAML_SECONDS = 60
AUTOGLUON_SECONDS = 300


def table_of(frame: pd.DataFrame) -> TrainingTable:
    return TrainingTable(tuple(frame.columns), len(frame), 0, frame)


def batch_of(schema: CustomerSchema, frame: pd.DataFrame) -> pa.RecordBatch:
    """The frame's attributes as a customer batch, cast like an uploaded file."""
    columns = {}
    for column in schema.columns:
        text = pa.array(frame[column.name], pa.string())
        numeric = column.kind.is_number
        columns[f"a:{column.name}"] = (
            pa.array(read_numbers(text).values, from_pandas=True)
            if numeric
            else LevelCaster(column).cast(text.fill_null("").dictionary_encode())
        )
    return pa.RecordBatch.from_pydict(columns)


def ours(trainer: Trainer, effort: Effort) -> Predict:
    def predict(train: pd.DataFrame, test: pd.DataFrame) -> Any:
        request = TrainingRequest(effort=effort, target="Churn", known_before=tuple(train.columns))
        model = trainer.train(table_of(train), request, ThresholdChoice(), progress=lambda _: None)
        scoring = model.artefact.model
        return quality_metrics.sigmoid(scoring.explain(scoring.vocabulary.codes(batch_of(model.schema, test)))[1])

    return predict


def _plain(train: pd.DataFrame, test: pd.DataFrame, *, one_hot: bool) -> tuple[Any, Any]:
    """Features prepared for a library: numbers as numbers, other columns as categories."""
    both = (
        pd.concat([train, test])
        .drop(columns=["Churn", "customerID"], errors="ignore")
        .replace(r"^\s*$", None, regex=True)
    )
    for name in both.columns:
        numbers = pd.to_numeric(both[name], errors="coerce")
        both[name] = numbers if numbers.notna().sum() >= both[name].notna().sum() else both[name].astype("category")
    if one_hot:
        narrow = [name for name in both if both[name].dtype == "category" and both[name].nunique() <= 255]
        both = pd.get_dummies(both, columns=narrow, dtype=float)
        for name in both.select_dtypes("category").columns:
            both[name] = both[name].cat.codes
    return both.iloc[: len(train)], both.iloc[len(train) :]


def library_xgboost(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    from xgboost import XGBClassifier

    inside, outside = _plain(train, test, one_hot=True)
    model = XGBClassifier(n_jobs=1).fit(inside.to_numpy(float), train["Churn"] == "Yes")
    return model.predict_proba(outside.to_numpy(float))[:, 1]


def lightgbm(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    import lightgbm as library

    inside, outside = _plain(train, test, one_hot=False)
    model = library.LGBMClassifier(
        n_estimators=300, learning_rate=0.03, num_leaves=8, min_child_samples=30, n_jobs=1, verbose=-1
    ).fit(inside, train["Churn"] == "Yes")
    return np.asarray(model.predict_proba(outside))[:, 1]


def catboost(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    from catboost import CatBoostClassifier

    inside, outside = (part.copy() for part in _plain(train, test, one_hot=False))
    text = [name for name in inside if inside[name].dtype == "category"]
    for part in (inside, outside):
        part[text] = part[text].astype(str)
    model = CatBoostClassifier(cat_features=text, verbose=0, thread_count=1, allow_writing_files=False)
    return model.fit(inside, train["Churn"] == "Yes").predict_proba(outside)[:, 1]


def flaml(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    from flaml import AutoML

    inside, outside = _plain(train, test, one_hot=False)
    model, churned = AutoML(), (train["Churn"] == "Yes").to_numpy()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
    ):  # some of its learners write to the current folder
        model.fit(inside, churned, task="classification", metric="log_loss", time_budget=FLAML_SECONDS, n_jobs=1,
                  seed=0, verbose=0)  # fmt: skip
    return model.predict_proba(outside)[:, 1]


def perpetual(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    from perpetual import PerpetualBooster

    inside, outside = _plain(train, test, one_hot=False)
    model = PerpetualBooster(objective="LogLoss", budget=1.0, num_threads=1)
    model.fit(inside, (train["Churn"] == "Yes").to_numpy(float))
    return model.predict_proba(outside)[:, 1]


def autogluon(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    from autogluon.tabular import TabularPredictor

    inside, outside = _plain(train, test, one_hot=False)
    with tempfile.TemporaryDirectory() as folder:
        model = TabularPredictor("Churn", eval_metric="log_loss", path=folder, verbosity=0)
        model.fit(inside.assign(Churn=train["Churn"]), presets="best_quality", time_limit=AUTOGLUON_SECONDS, num_cpus=1)
        return model.predict_proba(outside)["Yes"].to_numpy()


def contestants(effort: Effort) -> Iterator[tuple[str, Predict]]:
    yield OURS, ours(XGBoostTrainer(), effort)
    yield "spline logistic (ours)", ours(LogisticTrainer(), Effort.LOW)
    yield "XGBoost, library defaults", library_xgboost
    for name, module, predict in (("LightGBM", "lightgbm", lightgbm), ("CatBoost", "catboost", catboost),
                                  (f"FLAML, {FLAML_SECONDS} s", "flaml", flaml),
                                  ("Perpetual", "perpetual", perpetual),
                                  (f"AutoGluon, {AUTOGLUON_SECONDS} s", "autogluon", autogluon)):  # fmt: skip
        if find_spec(module) is None:
            print(f"{name} is not installed and is skipped")
        else:
            yield name, predict
