"""`netone train --from-runs`: the stored months of earlier predictions become a candidate."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.ml.sample_customers import MadeUpCustomers
from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN
HOW = ("--algorithm", "logistic", "--effort", "low")


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Monthly files that do not say who left."""
    folder = tmp_path_factory.mktemp("months")
    files = []
    for path in MadeUpCustomers().write_months(folder, rows=400, seed=5, months=4, last_month="2026-10"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame = frame.drop(columns=["SnapshotMonth", "Churn"], errors="ignore")
        files.append(folder / f"base {path.stem[-7:]}.csv")
        frame.to_csv(files[-1], index=False)
    return files


def test_stored_months_become_a_candidate_that_is_compared(
    terminal: Terminal, months: list[Path], tmp_path: Path
) -> None:
    labelled, out = tmp_path / "labelled.csv", tmp_path / "out.csv"
    terminal.run("sample", "--rows", 400, "--seed", 6, "--out", labelled)
    assert terminal.json("train", labelled, *HOW)["stage"] == "champion"
    none = terminal.run("train", "--from-runs")
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr.startswith("netone: No file with a known month is stored")
    for path in months[:2]:
        assert terminal.run("score", path, "--out", out).returncode == 0
    few = terminal.run("train", "--from-runs")
    assert few.returncode == 2
    assert "only July to August 2026 are stored: score the file of September 2026, or that of June 2026." in few.stderr
    for path in months[2:]:
        assert terminal.run("score", path, "--out", out).returncode == 0

    document = terminal.json("train", "--from-runs", *HOW)
    assert (document["version"], document["stage"]) == ("v2", "candidate")
    compared = document["compared"]
    assert (compared["learned_months"], compared["compared_months"]) == (["2026-07", "2026-08"], ["2026-09"])
    assert (compared["champion"], compared["rows"]) == ("model v1", 400)
    assert document["rows"] == 800
    scores = {version: scored(terminal, months[2], tmp_path, version) for version in ("v1", "v2")}
    later = set(pd.read_csv(months[3], dtype=str)["customerID"])
    left = ~scores["v1"].index.isin(later)
    losses = {
        version: -np.log(np.where(left, own.churn_probability, 1 - own.churn_probability))
        for version, own in scores.items()
    }
    assert compared["left"] == left.sum()
    assert compared["own"]["log_loss"] == pytest.approx(losses["v2"].mean(), abs=1e-9)
    assert compared["champions"]["log_loss"] == pytest.approx(losses["v1"].mean(), abs=1e-9)
    assert compared["own"]["expected"] == pytest.approx(scores["v2"].churn_probability.sum(), abs=1e-6)
    difference = losses["v2"] - losses["v1"]
    assert compared["log_loss_difference"] == pytest.approx(difference.mean(), abs=1e-9)
    assert compared["standard_error"] == pytest.approx(difference.std(ddof=0) / 20, abs=1e-9)

    shown = terminal.run("models", "show", "v2").stdout
    assert "Model v2 learned from July to August 2026 and was compared on September 2026." in shown
    assert json.loads(terminal.run("models", "show", "v2", "--json").stdout)["compared"] == compared


def scored(terminal: Terminal, file: Path, folder: Path, version: str) -> pd.DataFrame:
    out = folder / f"{version}.csv"
    assert terminal.run("score", file, "--out", out, "--model", version).returncode == 0
    return pd.read_csv(out, dtype={"customerID": str}).set_index("customerID")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name the labelled file, or use --from-runs."),
        (("a.csv", "--from-runs"), "--from-runs takes no file: it uses stored files."),
        (("--from-runs", "--target", "Churn"), "--from-runs takes no target: it uses stored files."),
    ],
)
def test_either_a_file_or_the_stored_months(terminal: Terminal, arguments: tuple[str, ...], sentence: str) -> None:
    done = terminal.run("train", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
