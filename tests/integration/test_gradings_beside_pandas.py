"""Who left and the figures of a grading, for made-up files, against pandas and scikit-learn on the same files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.leaving_column import DetectedLeavingColumns
from adapters.ml.scoring.outcome_evaluation import NumpyOutcomeEvaluator
from adapters.snapshots.duckdb_snapshots import DuckDbSnapshotStore
from application.ports.columns import CustomerColumns
from application.use_cases.grading.compare_files import CompareFiles, LaterFile
from application.use_cases.labels.recognise_snapshots import RecogniseSnapshot
from domain.grading_choice import GradingChoice
from domain.policy import InstallationPolicy
from tests import builders as a
from tests.fakes.security import FixedClock

THRESHOLD = 0.3


class OneResult:
    """The result of one run, in order of risk."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows.sort_values("p", ascending=False, kind="stable")

    def columns(self, *_: object, **__: object) -> list[CustomerColumns]:
        table = pa.table(
            {
                "row": pa.array(self.rows.row, pa.int64()),
                "id": pa.array(self.rows.id, pa.string()),
                "month": pa.array(self.rows.month, pa.string()),
                "actual": pa.nulls(len(self.rows), pa.bool_()),
                "probability": pa.array(self.rows.p, pa.float64()),
                "a0": pa.array(self.rows.plan, pa.string()),
            }
        )
        return [
            CustomerColumns(part.num_rows, part, ("plan",), (), ()) for part in (table.slice(0, 700), table.slice(700))
        ]


def made_up(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A scored file with two months and some rows twice, and the later file in another order, with marked leavers."""
    draw = np.random.default_rng(seed)
    size = int(draw.integers(1_500, 2_500))
    ids = [f"{'AB'[own % 2]}-{own:05d}" for own in range(size)]
    rows = pd.DataFrame({"id": ids, "month": "2026-10", "plan": draw.choice(["Basic", "Pro"], size)})
    old = rows.head(300).assign(month="2026-09")
    rows = pd.concat([old, rows, rows.sample(20, random_state=seed)], ignore_index=True)
    rows["row"] = np.arange(1, len(rows) + 1)
    rows["p"] = np.round(draw.beta(0.7, 5.0, len(rows)), 3)
    gone = draw.random(size) < draw.beta(0.7, 5.0, size)
    marked = gone & (draw.random(size) < 0.9)
    later = pd.DataFrame({"id": ids, "plan": "Basic", "Churn": np.where(marked, "Yes", "No")})[~gone | marked]
    joined = pd.DataFrame({"id": [f"N-{own}" for own in range(40)], "plan": "Pro", "Churn": "No"})
    return rows, pd.concat([later, joined]).sample(frac=1.0, random_state=seed)


@pytest.mark.parametrize("seed", range(6))
def test_a_grading_equals_pandas(tmp_path: Path, seed: int) -> None:
    rows, later = made_up(seed)
    horizon = 1 + seed % 2
    path = tmp_path / "later.csv"
    later.to_csv(path, index=False)
    months = tuple(replace(a.a_summary().months[0], month=month) for month in ("2026-09", "2026-10"))
    summary = a.a_summary(months=months, id_header="id", mean_probability=float(rows.p.mean()), truth=None)
    run = a.a_finished_run(summary=summary, threshold=THRESHOLD)
    compare = CompareFiles(
        RecogniseSnapshot(CsvCustomerFiles(), DetectedLeavingColumns()),
        DuckDbSnapshotStore(tmp_path / "scratch"),
        OneResult(rows),  # type: ignore[arg-type]  # gives columns alone
        NumpyOutcomeEvaluator(),
        FixedClock(),
        formats_of,
    )
    treated = set(rows.id[::7])
    found = compare(
        run,
        a.a_model_version(label=None, horizon=f"the next {horizon} months"),
        InstallationPolicy(),
        LaterFile(path, f"base 2026-{10 + horizon}.csv", "0" * 64),
        GradingChoice(accept=True),
        treated=treated,
    )

    october = rows[rows.month == "2026-10"]
    first = october.drop_duplicates("id", keep="first")
    stayed = set(later.id[later.Churn == "No"])
    truth = first.assign(left=~first.id.isin(stayed))
    figures = found.figures
    assert figures.auc is not None
    assert (figures.customers, figures.left) == (len(truth), int(truth.left.sum()))
    assert (found.left_out, found.new) == (20, 40)
    assert figures.expected.value == pytest.approx(truth.p.sum(), rel=1e-12)
    assert figures.auc.value == roc_auc_score(truth.left, truth.p)
    assert figures.average_precision == average_precision_score(truth.left, truth.p)
    clipped = truth.p.clip(np.finfo(float).eps, 1 - np.finfo(float).eps)
    assert figures.log_loss == pytest.approx(log_loss(truth.left, clipped), rel=1e-12)
    assert figures.brier == brier_score_loss(truth.left, truth.p)
    assert figures.missed == int((truth.left & (truth.p < THRESHOLD)).sum())
    assert figures.confusion.false_positive == int((~truth.left & (truth.p >= THRESHOLD)).sum())
    ranked = truth.sort_values("p", ascending=False, kind="stable")
    parts = np.array_split(np.arange(len(ranked)), 10)
    assert [own.left for own in figures.tenths] == [int(ranked.left.iloc[part].sum()) for part in parts]
    others = truth[~truth.id.isin(treated)]
    assert found.untreated is not None
    assert (found.untreated.customers, found.untreated.left) == (len(others), int(others.left.sum()))
    assert found.treated == len(truth) - len(others)
