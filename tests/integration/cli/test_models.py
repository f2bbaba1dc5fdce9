"""`netone train` and `evaluate`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as known

from tests.integration.terminal import COLUMNS, LEFT_OPEN, Terminal, rows_of
from tests.real_data import ibm_telco

pytestmark = LEFT_OPEN


def test_train_prints_every_documented_field(trained: dict[str, Any]) -> None:
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
    promoted = terminal.json("models", "promote", later["version"], "--force", "--reason", "to try it")
    assert promoted == {"version": later["version"], "stage": "champion"}
    stages = {model["version"]: model["stage"] for model in terminal.json("models", "list")["models"]}
    assert stages[later["version"]] == "champion"
    assert list(stages.values()).count("champion") == 1
    assert terminal.json("models", "champion")["version"] == later["version"]
    assert terminal.json("models", "champion", "--date", "1999-12-31")["version"] is None
    changed = terminal.json("models", "threshold", later["version"], "--strategy", "fixed", "--target-percent", "40")
    assert (changed["threshold"], changed["metrics"]["auc"]) == (0.4, later["metrics"]["auc"])
    balanced = terminal.json("models", "threshold", later["version"], "--strategy", "balanced")
    assert (balanced["threshold_strategy"], balanced["threshold"]) == ("balanced", later["threshold"])
    refused = terminal.run("models", "threshold", later["version"], "--strategy", "share")
    assert refused.returncode == 2
    assert "percentage" in refused.stderr
    terminal.json("models", "promote", trained["version"], "--force", "--reason", "back again")


def test_a_person_reads_of_the_training_on_stderr(terminal: Terminal, trained: dict[str, Any]) -> None:
    shown = terminal.run("models", "show", trained["version"])
    assert shown.returncode == 0
    assert "auc" in shown.stdout
    stayed = f"{trained['accuracy_if_everybody_stays']:.1%}"
    assert f"It is right for {trained['metrics']['accuracy']:.1%} of customers" in shown.stdout
    assert stayed in shown.stdout
    assert shown.stdout.splitlines()[1] == f"Threshold {trained['threshold']:.1%}: As many customers as leave"
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


def with_other_ids(file: Path, copy: Path, first: int = 0) -> Path:
    """A copy of the file whose customers have other ids, from the row `first` on."""
    rows = rows_of(file)
    for row in rows[first:]:
        row["customerID"] = f"other {row['customerID']}"
    with copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return copy


def test_evaluate_agrees_with_scikit_learn_on_the_written_scores(
    terminal: Terminal, trained: dict[str, Any], labelled: Path
) -> None:
    strangers, out = (
        with_other_ids(labelled, terminal.folder / "strangers.csv"),
        terminal.folder / "strangers-scored.csv",
    )
    scored = terminal.json("score", strangers, "--out", out)
    truth = [row["Churn"] == "Yes" for row in rows_of(labelled)]
    before = terminal.json("runs", "list")
    document = terminal.json("evaluate", strangers)
    assert (document["rows"], document["scored"], document["rejected"]) == (500, 500, 0)
    for name, value in figures_by_scikit_learn(rows_of(out), truth).items():
        assert document["metrics"][name] == pytest.approx(value, abs=1e-9), name
        assert scored["metrics"][name] == pytest.approx(value, abs=1e-9), name
    assert (document["metrics_from"], document["share_learned_from"]) == ("file", None)
    assert terminal.json("runs", "list") == before, "evaluating stores no run"
    together = scored["joint_drift"]
    assert together["distinguishable"] is False, "the same customers under other ids"
    assert (together["customers"], together["customers_of_training"], together["differing"]) == (500, 500, [])
    assert together["interval"][0] < 0.5 < together["interval"][1]
    estimate = scored["estimate"]
    assert (estimate["customers"], estimate["threshold"]) == (500, scored["threshold"])
    assert estimate["metrics"]["churn_rate"] == pytest.approx(scored["mean_probability"])
    for name, (low, high) in estimate["intervals"].items():
        assert low < estimate["metrics"][name] < high, name
    shown = terminal.run("runs", "show", scored["run"])
    assert f"estimated AUC            {estimate['metrics']['auc']:.3f} (95% interval " in shown.stdout
    assert f", observed {scored['metrics']['auc']:.3f}" in shown.stdout
    assert "it cannot see a change in how attributes relate to leaving (concept drift)" in shown.stderr


def test_a_model_is_not_judged_by_the_file_that_it_learned_from(
    terminal: Terminal, trained: dict[str, Any], scored: tuple[dict[str, Any], Path], labelled: Path
) -> None:
    mixed = with_other_ids(labelled, terminal.folder / "mixed.csv", first=350)
    mostly_new = with_other_ids(labelled, terminal.folder / "mostly new.csv", first=150)
    whole, part = terminal.json("evaluate", labelled), terminal.json("evaluate", mixed)
    for document in (whole, part, scored[0]):
        assert document["metrics_from"] == "cross-validation"
        assert document["metrics"]["auc"] == trained["metrics"]["auc"]
        assert document["metrics"]["accuracy"] == trained["metrics"]["accuracy"]
    assert (whole["share_learned_from"], scored[0]["share_learned_from"]) == (1.0, 1.0)
    assert part["share_learned_from"] == pytest.approx(0.7, abs=0.1)
    assert terminal.json("evaluate", mostly_new)["metrics_from"] == "file"
    assert "The model learned from this file, so its outcomes" in terminal.run("evaluate", labelled).stderr
    assert "of this file’s customers" in terminal.run("evaluate", mixed).stderr


@pytest.mark.slow
def test_the_real_file_is_trained_scored_and_evaluated_as_by_scikit_learn(tmp_path: Path) -> None:
    real_file = ibm_telco()
    terminal, out = Terminal(tmp_path), tmp_path / "scored.csv"
    rows = rows_of(real_file)
    bare = tmp_path / "without the answer.csv"
    with bare.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [name for name in rows[0] if name != "Churn"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    model = terminal.json("train", real_file, "--target", "Churn", "--promote", "--effort", "low")
    assert (model["rows"], model["stage"]) == (7043, "champion")
    document = terminal.json("score", bare, "--out", out)
    assert (document["rows"], document["scored"], document["rejected"]) == (7043, 7043, 0)
    written = rows_of(out)
    assert list(written[0]) == COLUMNS
    assert [row["customerID"] for row in written] == [row["customerID"] for row in rows]
    honest = terminal.json("evaluate", real_file)
    assert (honest["metrics"]["auc"], honest["metrics_from"]) == (model["metrics"]["auc"], "cross-validation")
    judged = terminal.json("evaluate", with_other_ids(real_file, tmp_path / "strangers.csv"))["metrics"]
    for name, value in figures_by_scikit_learn(written, [row["Churn"] == "Yes" for row in rows]).items():
        assert judged[name] == pytest.approx(value, abs=1e-9), name


def test_a_file_with_months_says_what_was_expected_in_them(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    drifting = ("--rows", 1200, "--months", 4, "--drift", -0.2, "--seed", 3)
    assert terminal.run("sample", "--out", file, *drifting).returncode == 0
    trained = terminal.json("train", file, "--algorithm", "logistic", "--effort", "low")
    assert [own["month"] for own in trained["unseen_months"]] == ["2026-09", "2026-10"]
    for own in trained["unseen_months"]:
        low, high = own["expected_interval"]
        assert low < own["expected"] < high
        assert own["customers"] == 300
    assert trained["random_folds"]["customers"] == 1200
    assert set(trained["random_folds"]["metrics"]) == set(trained["metrics"])
    shown = terminal.run("models", "show", trained["version"]).stdout
    assert "Forward in time the model expects " in shown
    assert "of 300 customers left" in shown


def test_a_demanded_direction_is_kept_and_its_cost_reported(
    terminal: Terminal, trained: dict[str, Any], labelled: Path
) -> None:
    options = ("--algorithm", "logistic", "--effort", "low")
    demands = ("--never-lowers", "monthly_charges", "--never-raises", "tenure", "--never-raises", "tenure")
    held = terminal.json("train", labelled, *options, *demands)
    assert trained["demands"] is None
    kept = held["demands"]
    assert (kept["never_lowers"], kept["never_raises"]) == (["MonthlyCharges"], ["tenure"])
    assert abs(kept["log_loss"]) < 0.05
    assert 0.0 < kept["standard_error"] < 0.05
    assert kept["within_chance"] == (abs(kept["log_loss"]) <= 1.959964 * kept["standard_error"])
    words = "Demanding that MonthlyCharges never lowers the risk and that tenure never raises the risk "
    assert [note for note in held["notes"] if note.startswith(words)]
    assert words in terminal.run("models", "show", held["version"]).stdout
    said = terminal.run("train", labelled, *options, *demands[:2])
    assert "Demanding that MonthlyCharges never lowers the risk " in said.stderr
