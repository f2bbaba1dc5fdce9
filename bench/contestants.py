"""The contestants compared on held-out folds: our trainers, and carefully used libraries."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

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
MONTH = "SnapshotMonth"
FLAML_SECONDS = 60
AUTOGLUON_SECONDS = 120
AUTOGLUON = Path(".venv-autogluon/bin/python")
"""Its own environment, because its versions of pandas and others exclude ours."""


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
    """Features prepared for a library: numbers as numbers, months as their number, other columns as categories."""
    both = (
        pd.concat([train, test])
        .drop(columns=["Churn", "customerID"], errors="ignore")
        .replace(r"^\s*$", None, regex=True)
    )
    if MONTH in both:
        both[MONTH] = both[MONTH].str[:4].astype(int) * 12 + both[MONTH].str[5:].astype(int)
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
    library: Any = import_module("flaml")  # it has types in part only

    inside, outside = _plain(train, test, one_hot=False)
    model, churned = library.AutoML(), (train["Churn"] == "Yes").to_numpy()
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
    inside, outside = _plain(train, test, one_hot=False)
    with tempfile.TemporaryDirectory() as name:
        files = [str(Path(name) / file) for file in ("train.parquet", "test.parquet", "out.json")]
        inside.assign(Churn=train["Churn"].astype(str)).to_parquet(files[0])
        outside.to_parquet(files[1])
        command = [str(AUTOGLUON), str(Path(__file__).parent / "autogluon_fit.py"), *files, str(AUTOGLUON_SECONDS)]
        subprocess.run(command, check=True, capture_output=True)
        return np.array(json.loads(Path(files[2]).read_text("utf-8")))


def ours_as_installed(train: pd.DataFrame, test: pd.DataFrame) -> Any:
    """Without CatBoost, which is an extra of the product and is only installed here as a contestant."""
    with patch("adapters.ml.training.candidates.catboost_is_installed", return_value=False):
        return ours(XGBoostTrainer(), Effort.NORMAL)(train, test)


@dataclass(frozen=True)
class Contestant:
    """`boxed`: its time is limited by a clock, and it is tested on one fold only of large files."""

    name: str
    predict: Predict
    boxed: bool = False


def contestants() -> Iterator[Contestant]:
    """Ours first. Libraries that are not installed are named and left out."""
    yield Contestant(OURS, ours_as_installed)
    yield Contestant("spline logistic (ours)", ours(LogisticTrainer(), Effort.LOW))
    yield Contestant("XGBoost, library defaults", library_xgboost)
    for name, module, predict, boxed in (
        ("LightGBM", "lightgbm", lightgbm, False),
        ("CatBoost", "catboost", catboost, False),
        ("Perpetual", "perpetual", perpetual, False),
        (f"FLAML, {FLAML_SECONDS} s", "flaml", flaml, True),
    ):
        if find_spec(module) is None:
            print(f"{name} is not installed and is skipped: make bench-accuracy installs it.")
        else:
            yield Contestant(name, predict, boxed)
    if AUTOGLUON.exists():
        yield Contestant(f"AutoGluon, {AUTOGLUON_SECONDS} s", autogluon, boxed=True)
    else:
        print(
            f"AutoGluon is not installed in {AUTOGLUON.parent.parent} and is skipped: make bench-accuracy installs it."
        )
