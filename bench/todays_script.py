"""A typical script: pandas, a scikit-learn pipeline, SHAP values by `pred_contribs`, `to_sql`. Prints JSON.

    python -m bench.todays_script FOLDER FILE

It does less than the product: no validation, no recommendation, no aggregates. Training is not measured.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from bench.measuring import Stages, peak_mb
from bench.reference import DEPTH, LABELLED, TREES

ID, TARGET = "customerID", "Churn"


def learned(path: Path) -> Pipeline:
    frame = _read(path)
    inputs = frame.drop(columns=[ID, TARGET])
    texts = [name for name in inputs if not pd.api.types.is_numeric_dtype(inputs[name])]
    encode = ColumnTransformer([("levels", OneHotEncoder(handle_unknown="ignore"), texts)], remainder="passthrough")
    trees = xgb.XGBClassifier(max_depth=DEPTH, n_estimators=TREES, learning_rate=0.05, n_jobs=1)
    return Pipeline([("encode", encode), ("trees", trees)]).fit(inputs, frame[TARGET] == "Yes")


def _read(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path)
    frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce")
    return frame


def measured(folder: Path, file: Path) -> dict[str, Any]:
    pipeline = learned(folder / LABELLED)
    names = np.array(pipeline[0].get_feature_names_out())
    stages = Stages()
    with stages.stage("read_csv"):
        frame = _read(file)
        inputs = frame.drop(columns=[ID])
    with stages.stage("predict_proba"):
        frame["churn_probability"] = pipeline.predict_proba(inputs)[:, 1]
    with stages.stage("pred_contribs"):
        matrix = xgb.DMatrix(pipeline[0].transform(inputs), nthread=1)
        contributions = pipeline[1].get_booster().predict(matrix, pred_contribs=True)[:, :-1]
    with stages.stage("reasons"):
        strongest = np.argsort(-contributions, axis=1)[:, :3]
        for place in range(3):
            frame[f"reason_{place + 1}"] = names[strongest[:, place]]
    database = folder / "script.db"
    database.unlink(missing_ok=True)
    with stages.stage("to_sql"), sqlite3.connect(database) as connection:
        frame.to_sql("predictions", connection, index=False)
    return {
        "rows": len(frame),
        "cpu_s": sum(stages.cpu.values()),
        "wall_s": sum(stages.wall.values()),
        "cpu_us_per_row": sum(stages.cpu.values()) / len(frame) * 1e6,
        "stages_cpu_s": stages.cpu,
        "peak_mb": peak_mb(),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("file", type=Path)
    options = arguments.parse_args()
    print(json.dumps(measured(options.folder, options.file)))


if __name__ == "__main__":
    main()
