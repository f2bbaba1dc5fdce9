"""`netone train` and `evaluate`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as known

from tests.integration.terminal import COLUMNS, LEFT_OPEN, ROOT, Terminal, rows_of

pytestmark = LEFT_OPEN
REAL_FILE = ROOT.parent / "shared" / "data" / "ibm-telco" / "Telco-Customer-Churn.csv"


def test_train_tells_all_that_the_design_promises(trained: dict[str, Any]) -> None:
    assert trained["version"] == "v1"
    assert trained["rows"] == 500
    assert {"auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1", "ece", "lift_10"} <= set(
        trained["metrics"]
    )
    assert all(isinstance(value, float) for value in trained["metrics"].values())
    assert "customerID" not in trained["columns_used"]
    assert "Churn" not in trained["columns_used"]
    assert "Contract" in trained["columns_used"]
    assert any(left["column"] == "customerID" for left in trained["columns_left_out"])
    assert (trained["target"], trained["positive"]) == ("Churn", "Yes")
    assert trained["seconds"] > 0


def test_a_later_model_is_a_candidate_until_it_is_promoted(
    terminal: Terminal, trained: dict[str, Any], labelled: Path
) -> None:
    later = terminal.json("train", labelled, "--algorithm", "logistic", "--effort", "low")
    assert (later["algorithm"], later["stage"]) == ("logistic", "candidate")
    listed = terminal.json("models", "list")["models"]
    assert [model["version"] for model in listed] == [later["version"], trained["version"]]
    assert terminal.json("models", "show", later["version"])["metrics"] == later["metrics"]
    promoted = terminal.json("models", "promote", later["version"], "--insist", "--why", "to try it")
    assert promoted == {"version": later["version"], "stage": "champion"}
    stages = {model["version"]: model["stage"] for model in terminal.json("models", "list")["models"]}
    assert stages[later["version"]] == "champion"
    assert list(stages.values()).count("champion") == 1
    assert terminal.json("models", "champion")["version"] == later["version"]
    assert terminal.json("models", "champion", "--on", "1999-12-31")["version"] is None
    changed = terminal.json("models", "threshold", later["version"], "--strategy", "fixed", "--percent", "40")
    assert (changed["threshold"], changed["metrics"]["auc"]) == (0.4, later["metrics"]["auc"])
    refused = terminal.run("models", "threshold", later["version"], "--strategy", "share")
    assert refused.returncode == 2
    assert "percentage" in refused.stderr
    terminal.json("models", "promote", trained["version"], "--insist", "--why", "back again")


def test_a_person_reads_of_the_training_on_stderr(terminal: Terminal, trained: dict[str, Any]) -> None:
    shown = terminal.run("models", "show", trained["version"])
    assert shown.returncode == 0
    assert "auc" in shown.stdout
    listed = terminal.run("models")
    assert listed.returncode == 0
    assert trained["version"] in listed.stdout


def figures_by_scikit_learn(rows: list[dict[str, str]], truth: list[bool]) -> dict[str, float]:
    probability = np.array([float(row["churn_probability"]) for row in rows])
    called = np.array([row["churn_prediction"] == "Yes" for row in rows])
    left = np.array(truth)
    best = np.argsort(-probability, kind="stable")[: -(-len(left) // 10)]
    return {
        "auc": known.roc_auc_score(left, probability),
        "log_loss": known.log_loss(left, probability),
        "brier": known.brier_score_loss(left, probability),
        "accuracy": known.accuracy_score(left, called),
        "precision": known.precision_score(left, called),
        "recall": known.recall_score(left, called),
        "f1": known.f1_score(left, called),
        "lift_10": float(left[best].mean() / left.mean()),
    }


def test_evaluate_agrees_with_scikit_learn_on_the_written_scores(
    terminal: Terminal, scored: tuple[dict[str, Any], Path], labelled: Path
) -> None:
    truth = [row["Churn"] == "Yes" for row in rows_of(labelled)]
    before = terminal.json("runs", "list")
    document = terminal.json("evaluate", labelled)
    assert (document["rows"], document["scored"], document["rejected"]) == (500, 500, 0)
    for name, value in figures_by_scikit_learn(rows_of(scored[1]), truth).items():
        assert document["metrics"][name] == pytest.approx(value, abs=1e-9), name
        assert scored[0]["metrics"][name] == pytest.approx(value, abs=1e-9), name
    assert terminal.json("runs", "list") == before, "evaluating stores no run"


@pytest.mark.slow
def test_the_real_file_is_learned_scored_in_order_and_judged_as_scikit_learn_does(tmp_path: Path) -> None:
    if not REAL_FILE.exists():
        pytest.skip("IBM's telecom sample is not beside the repository (../shared/data/ibm-telco).")
    terminal, out = Terminal(tmp_path), tmp_path / "scored.csv"
    rows = rows_of(REAL_FILE)
    bare = tmp_path / "without the answer.csv"
    with bare.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [name for name in rows[0] if name != "Churn"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    model = terminal.json("train", REAL_FILE, "--target", "Churn", "--promote", "--effort", "low")
    assert (model["rows"], model["stage"]) == (7043, "champion")
    document = terminal.json("score", bare, "--out", out)
    assert (document["rows"], document["scored"], document["rejected"]) == (7043, 7043, 0)
    written = rows_of(out)
    assert list(written[0]) == COLUMNS
    assert [row["customerID"] for row in written] == [row["customerID"] for row in rows]
    judged = terminal.json("evaluate", REAL_FILE)["metrics"]
    for name, value in figures_by_scikit_learn(written, [row["Churn"] == "Yes" for row in rows]).items():
        assert judged[name] == pytest.approx(value, abs=1e-9), name
