"""Fits AutoGluon on one file and scores another. Runs in AutoGluon's own environment, with nothing of the product.

    python bench/autogluon_fit.py TRAIN.parquet TEST.parquet OUT.json SECONDS

Its versions of pandas and others exclude those of the product, so it cannot share an environment with it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pandas as pd
from autogluon.tabular import TabularPredictor


def main() -> None:
    train, test, out, seconds = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        model = TabularPredictor("Churn", eval_metric="log_loss", path=folder, verbosity=0)
        model.fit(pd.read_parquet(train), presets="best_quality", time_limit=int(seconds), num_cpus=1)
        probability = model.predict_proba(pd.read_parquet(test))["Yes"]
    Path(out).write_text(json.dumps(probability.tolist()), "utf-8")


if __name__ == "__main__":
    main()
