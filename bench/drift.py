"""How well the number of leavers in unseen months is foretold, with and without drift.

    python -m bench.drift [--files 6] [--customers 2000] [--first-seed 1]

Each file has twelve months of the generated sample. A line per drift: in how many unseen months the number of leavers
lay in its 95% interval, and the mean error of the expected churn in percentage points, with and without recalibration.
The lines are stored for `python -m bench.accuracy --write-docs`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from adapters.ml.sample_customers import MadeUpCustomers
from adapters.ml.training.logistic_trainer import LogisticTrainer
from application.ports.models import ThresholdChoice
from bench.contestants import table_of
from domain.forward_validation import UnseenMonth, mean_error, mean_error_before
from domain.model import Effort
from domain.training import TrainingRequest

DRIFTS = (0.0, 0.1, -0.1, 0.2)
MONTHS = 12
RESULTS = Path(__file__).parent / "results" / "drift" / "figures.json"
HEADER = "| drift a month | months in their interval | error, points | without recalibration | width of intervals |"


def unseen_months(*, customers: int, seed: int, drift: float) -> tuple[UnseenMonth, ...]:
    """What the logistic model, trained at low effort, says about the months of one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "months.csv"
        rows = customers * MONTHS
        MadeUpCustomers().write(path, rows=rows, seed=seed, months=MONTHS, last_month="2026-10", drift=drift)
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    request = TrainingRequest(effort=Effort.LOW, target="Churn", known_before=tuple(frame.columns))
    model = LogisticTrainer().train(table_of(frame), request, ThresholdChoice(), progress=lambda _: None)
    return model.evaluation.months


def line(drift: float, files: Sequence[tuple[UnseenMonth, ...]]) -> str:
    months = [month for file in files for month in file]
    inside = sum(month.is_as_expected for month in months)
    after, before = (sum(error(file) for file in files) / len(files) for error in (mean_error, mean_error_before))
    width = sum(month.high_rate - month.low_rate for month in months) / len(months)
    return f"| {drift:+.1f} | {inside} of {len(months)} | {100 * after:.1f} | {100 * before:.1f} | {100 * width:.1f} |"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--files", type=int, default=6)
    arguments.add_argument("--customers", type=int, default=2000, help="in each month")
    arguments.add_argument("--first-seed", type=int, default=1)
    given = arguments.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.files)
    print(HEADER)
    lines = []
    for drift in DRIFTS:
        files = [unseen_months(customers=given.customers, seed=seed, drift=drift) for seed in seeds]
        lines.append(line(drift, files))
        print(lines[-1], flush=True)
    measured = {"files": given.files, "customers": given.customers, "header": HEADER, "lines": lines}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(measured, indent=1), "utf-8")


if __name__ == "__main__":
    main()
