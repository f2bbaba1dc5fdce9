"""`netone runs grade`: the figures of a grading equal those of pandas on the same two files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from adapters.ml.sample_customers import MadeUpCustomers
from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three monthly files of one base without a label; the month is in the name only."""
    folder = tmp_path_factory.mktemp("graded")
    files = {}
    for path in MadeUpCustomers().write_months(folder, rows=1_500, seed=6, months=3, last_month="2026-11"):
        month = path.stem[-7:]
        rows = pd.read_csv(path, dtype=str).drop(columns=["Churn", "SnapshotMonth"], errors="ignore")
        files[month] = folder / f"base {month}.csv"
        rows.to_csv(files[month], index=False)
    return files


@pytest.fixture(scope="module")
def runs(terminal: Terminal, trained: dict[str, Any], months: dict[str, Path]) -> dict[str, str]:
    """The runs of the first two months, and what each wrote."""
    found = {}
    for month in ("2026-09", "2026-10"):
        out = terminal.folder / f"scored {month}.csv"
        found[month] = str(terminal.json("score", months[month], "--out", out)["run"])
    return found


def truth_by_pandas(scored: Path, first: Path, later: Path) -> pd.DataFrame:
    """Probability and outcome of each customer of the first file: those who are not in the later one have left."""
    rows = pd.read_csv(scored, dtype={"customerID": str})
    assert rows.customerID.tolist() == pd.read_csv(first, dtype=str).customerID.tolist()
    later_ids = pd.read_csv(later, dtype=str).customerID
    return pd.DataFrame({"p": rows.churn_probability, "left": ~rows.customerID.isin(later_ids)})


def test_scoring_the_next_month_grades_the_one_before(
    terminal: Terminal, runs: dict[str, str], months: dict[str, Path]
) -> None:
    (own,) = terminal.json("runs", "gradings")["gradings"]
    rows = truth_by_pandas(terminal.folder / "scored 2026-09.csv", months["2026-09"], months["2026-10"])
    assert (own["run"], own["month"], own["graded_by_run"]) == (runs["2026-09"], "2026-09", runs["2026-10"])
    assert (own["automatic"], own["by"], own["left_means"]) == (
        "Yes",
        "Command line",
        "missing in the file of the next month",
    )
    threshold = terminal.json("runs", "show", runs["2026-09"])["threshold"]
    called = rows.p >= threshold
    assert own["customers"] == len(rows) == 1_500
    assert own["left"] == int(rows.left.sum())
    assert own["expected"] == pytest.approx(rows.p.sum(), rel=1e-12)
    assert own["expected_low"] < own["expected"] < own["expected_high"]
    assert own["auc"] == roc_auc_score(rows.left, rows.p)
    assert own["average_precision"] == average_precision_score(rows.left, rows.p)
    assert own["log_loss"] == log_loss(rows.left, rows.p)
    assert own["brier"] == brier_score_loss(rows.left, rows.p)
    assert own["true_positives"] == int((called & rows.left).sum())
    assert own["false_positives"] == int((called & ~rows.left).sum())
    assert own["false_negatives"] == int((~called & rows.left).sum())
    assert own["true_negatives"] == int((~called & ~rows.left).sum())
    top = rows.sort_values("p", ascending=False, kind="stable").head(150)
    assert own["lift_tenth_1"] == pytest.approx(top.left.mean() / rows.left.mean(), rel=1e-12)


def test_a_file_that_was_not_scored_grades_too_and_a_withdrawal_leaves_nothing(
    terminal: Terminal, runs: dict[str, str], months: dict[str, Path], tmp_path: Path
) -> None:
    own = terminal.json("runs", "grade", runs["2026-10"], "--by", months["2026-11"])
    rows = truth_by_pandas(terminal.folder / "scored 2026-10.csv", months["2026-10"], months["2026-11"])
    assert (own["left"], own["auc"]) == (int(rows.left.sum()), roc_auc_score(rows.left, rows.p))
    assert (own["graded_by_run"], own["graded_by_file"], own["automatic"]) == ("", "base 2026-11.csv", "No")
    again = terminal.run("runs", "grade", runs["2026-10"], "--by", months["2026-11"])
    assert (again.returncode, again.stderr) == (
        2,
        "netone: This prediction is graded already. Withdraw that grading first.\n",
    )
    out = tmp_path / "gradings.csv"
    both = terminal.json("runs", "gradings", "--out", out)["gradings"]
    assert [one["month"] for one in both] == ["2026-10", "2026-09"]
    table = pd.read_csv(out)
    assert table.auc.tolist() == [one["auc"] for one in both]
    assert table.expected.tolist() == [one["expected"] for one in both]
    done = terminal.run("runs", "withdraw-grading", str(own["grading"]))
    assert (done.returncode, done.stderr) == (0, "The grading of base 2026-10.csv was withdrawn.\n")
    assert [one["month"] for one in terminal.json("runs", "gradings")["gradings"]] == ["2026-09"]
    missing = terminal.run("runs", "withdraw-grading", str(own["grading"]))
    assert (missing.returncode, missing.stderr) == (
        2,
        "netone: There is no such grading. It may have been withdrawn.\n",
    )


def test_a_grading_is_told_in_sentences(terminal: Terminal, runs: dict[str, str], months: dict[str, Path]) -> None:
    done = terminal.run("runs", "grade", runs["2026-10"], "--by", months["2026-11"])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    rows = truth_by_pandas(terminal.folder / "scored 2026-10.csv", months["2026-10"], months["2026-11"])
    assert lines[0].startswith(
        f"In October 2026 we expected {rows.p.sum():.0f} of 1,500 customers to leave (95% interval "
    )
    assert f"; {rows.left.sum()} did" in lines[0]
    assert any(line.startswith("Graded by the file base 2026-11.csv of November 2026 (SHA-256 ") for line in lines)
    listed = terminal.run("runs", "gradings", "--model", "v1")
    assert "expected " in listed.stdout
    assert listed.stdout.splitlines()[-1].startswith("Best before")
    terminal.run("runs", "withdraw-grading", lines[-1].split()[-1])


def changed(source: Path, target: Path, change: Any) -> Path:
    rows = change(pd.read_csv(source, dtype=str))
    rows.to_csv(target, index=False)
    return target


def strangers(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(customerID=[f"X{place}" for place in range(len(rows))])


def leading_zeros(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(customerID="00" + rows.customerID)


def nobody_left(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[::-1]


def new_owners(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[:1_480].assign(
        tenure=["0" if place % 5 == 0 else tenure for place, tenure in enumerate(rows.tenure[:1_480])]
    )


def repeated(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([rows.iloc[:1_480], rows.iloc[:200]])


def leavers_only(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[:60]


@pytest.mark.parametrize(
    ("month", "change", "sentence"),
    [
        ("2026-11", strangers, "Only 0 of the 1,500 customers of October 2026 are in the file of November 2026"),
        (
            "2026-11",
            leading_zeros,
            "The ids of October 2026 and November 2026 are written differently: 1,500 ",
        ),
        ("2026-11", nobody_left, "Nobody has left: no customer of a month is missing in the later file."),
        ("2026-11", new_owners, "From October 2026 to the next month, “tenure” falls for 284 of 1,480"),
        ("2026-11", repeated, "200 of 1,680 rows repeat an id in “customerID”"),
        ("2026-11", leavers_only, "Only 60 of the 1,500 customers of October 2026 are in the file of November 2026"),
        ("2026-12", leavers_only, "so the file of November 2026 shows who left; this file shows December 2026."),
        ("2026-10", leavers_only, "so the file of November 2026 shows who left; this file shows October 2026."),
    ],
)
def test_files_that_cannot_grade_get_one_sentence_and_store_nothing(
    terminal: Terminal,
    runs: dict[str, str],
    months: dict[str, Path],
    tmp_path: Path,
    month: str,
    change: Any,
    sentence: str,
) -> None:
    file = changed(months["2026-10"], tmp_path / f"later {month}.csv", change)
    before = terminal.json("runs", "gradings")
    done = terminal.run("runs", "grade", runs["2026-10"], "--by", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert terminal.json("runs", "gradings") == before


def test_doubtful_files_are_accepted_on_demand(
    terminal: Terminal, runs: dict[str, str], months: dict[str, Path], tmp_path: Path
) -> None:
    def without_a_group(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows.PaymentMethod != "Mailed check"]

    left = int((pd.read_csv(months["2026-10"]).PaymentMethod == "Mailed check").sum())
    file = changed(months["2026-10"], tmp_path / "later 2026-11.csv", without_a_group)
    done = terminal.run("runs", "grade", runs["2026-10"], "--by", file)
    assert done.returncode == 2
    assert f"All {left} customers of October 2026 with PaymentMethod = “Mailed check” are missing" in done.stderr
    assert "--accept-warnings" in done.stderr
    own = terminal.json("runs", "grade", runs["2026-10"], "--by", file, "--accept-warnings")
    assert own["left"] == left
    terminal.run("runs", "withdraw-grading", str(own["grading"]))


def test_a_column_of_the_later_file_says_who_left(
    terminal: Terminal, runs: dict[str, str], months: dict[str, Path], tmp_path: Path
) -> None:
    def marked(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(Churn=["Yes" if place % 10 == 0 else "No" for place in range(len(rows))])

    file = changed(months["2026-10"], tmp_path / "customers.csv", marked)
    asked = terminal.run("runs", "grade", runs["2026-10"], "--by", file)
    assert (asked.returncode, "Which month does customers.csv show?" in asked.stderr) == (2, True)
    assert "--by-month" in asked.stderr
    own = terminal.json("runs", "grade", runs["2026-10"], "--by", file, "--by-month", "2026-11")
    assert own["left"] == 150
    assert own["left_means"] == "missing in the file of the next month, or “Churn” is “Yes” there"
    terminal.run("runs", "withdraw-grading", str(own["grading"]))
    wrong = terminal.run("runs", "grade", runs["2026-10"], "--by", file, "--by-month", "November")
    assert "“November” is not a month such as 2026-11." in wrong.stderr
