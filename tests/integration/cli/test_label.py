"""`netone label`: monthly files without a label become a training file, a model, or a clear sentence."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from adapters.ml.sample_customers import MadeUpCustomers
from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], bytes]:
    """Monthly files without Churn, and the training file as the generator itself labels it."""
    folder = tmp_path_factory.mktemp("months")
    truth = MadeUpCustomers().write_months(folder, rows=300, seed=5, months=4, last_month="2026-10")
    files = []
    for path in truth:
        with path.open(newline="") as stream:
            lines = list(csv.DictReader(stream))
        files.append(folder / f"base {path.stem[-7:]}.csv")
        with files[-1].open("w", newline="") as stream:
            columns = [name for name in lines[0] if name not in ("Churn", "SnapshotMonth")]
            writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    parts = [path.read_bytes().split(b"\n", 1) for path in truth[:-1]]
    return files, parts[0][0] + b"\n" + b"".join(rows for _, rows in parts)


def test_the_training_file_is_the_generators_own(
    terminal: Terminal, months: tuple[list[Path], bytes], tmp_path: Path
) -> None:
    files, truth = months
    out = tmp_path / "labelled.csv"
    document = terminal.json("label", *files, "--out", out)
    assert out.read_bytes() == truth
    assert (document["rows"], document["source"], document["period"]) == (900, "months", "the next month")
    assert document["left"] == truth.count(b",Yes\n")
    assert [own["month"] for own in document["months"]] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert [own["labelled"] for own in document["months"]] == [True, True, True, False]
    assert list(tmp_path.iterdir()) == [out]


def test_twelve_months_are_labelled_as_the_generator_labels_them(terminal: Terminal, tmp_path: Path) -> None:
    """The files are equal, so a model that learns from one is the model that learns from the other."""
    truth = MadeUpCustomers().write_months(tmp_path, rows=150, seed=9, months=12, last_month="2026-10")
    out = tmp_path / "labelled.csv"
    document = terminal.json("label", *truth, "--out", out)
    parts = [path.read_bytes().split(b"\n", 1) for path in truth[:-1]]
    assert out.read_bytes() == parts[0][0] + b"\n" + b"".join(rows for _, rows in parts)
    assert (document["rows"], document["warnings"]) == (1650, [])
    assert document["columns_left_out"] == [{"column": "Churn", "why": "says itself who left"}]


def test_labels_from_activity_train_a_model_as_good_as_the_truth_does(terminal: Terminal, tmp_path: Path) -> None:
    dated, truth, others = (tmp_path / name for name in ("dated.csv", "truth.csv", "others.csv"))
    made = ("sample", "--rows", 3000, "--seed", 4)
    assert terminal.run(*made, "--out", dated, "--unlabelled", "--last-activity").returncode == 0
    assert terminal.run(*made, "--out", truth).returncode == 0
    assert terminal.run("sample", "--rows", 3000, "--seed", 5, "--out", others).returncode == 0
    how = ("--algorithm", "logistic", "--effort", "low")
    document = terminal.json("label", dated, "--train", *how)
    assert document["left_means"] == "“LastActivity” is 30 days or more before the newest activity in the file"
    by_labels, by_truth = document["training"]["version"], terminal.json("train", truth, *how)["version"]
    auc = [terminal.json("evaluate", others, "--model", version)["metrics"]["auc"] for version in (by_labels, by_truth)]
    assert auc[1] > 0.8
    assert abs(auc[0] - auc[1]) < 0.01


def test_what_was_found_is_said_before_anything_is_written(
    terminal: Terminal, months: tuple[list[Path], bytes]
) -> None:
    done = terminal.run("label", *months[0])
    assert done.returncode == 0
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == "Left means: missing in the file of the next month."
    assert lines[1].startswith("  2026-07    300 customers, 0 new, ")
    assert lines[4] == "  2026-10    300 customers, too young to know"
    assert lines[5].startswith("900 rows: ")


def test_a_model_keeps_how_its_label_was_made(terminal: Terminal, months: tuple[list[Path], bytes]) -> None:
    document = terminal.json(
        "label", *months[0], "--horizon", 2, "--train", "--algorithm", "logistic", "--effort", "low"
    )
    training = document["training"]
    assert (training["target"], training["id_column"], training["month_column"]) == (
        "Churn",
        "customerID",
        "SnapshotMonth",
    )
    assert (training["rows"], training["horizon"]) == (600, "the next 2 months")
    assert training["label"]["sentences"] == [
        "The label was made here from 4 files, July 2026 to August 2026.",
        "Left means: missing in the file of 2 months later.",
        "Customers who were missing then and returned later count as left.",
    ]
    shown = terminal.run("models", "show", training["version"]).stdout
    assert "It is about the next 2 months. The label was made here from 4 files" in shown


def test_a_month_that_nothing_says_is_given_by_an_option(
    terminal: Terminal, months: tuple[list[Path], bytes], tmp_path: Path
) -> None:
    nameless = tmp_path / "export.csv"
    nameless.write_bytes(months[0][1].read_bytes())
    done = terminal.run("label", months[0][0], nameless)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("netone: export.csv: Which month does export.csv show?")
    assert "Answer with --month export.csv=" in done.stderr
    assert terminal.json("label", months[0][0], nameless, "--month", "export.csv=2026-08")["rows"] == 300


def test_a_lacking_part_has_to_be_accepted(
    terminal: Terminal, months: tuple[list[Path], bytes], tmp_path: Path
) -> None:
    lacking = tmp_path / "2026-09.csv"
    lines = months[0][2].read_text().splitlines(keepends=True)
    lacking.write_text("".join([lines[0], *(line for k, line in enumerate(lines[1:]) if k % 12)]))
    out = tmp_path / "out.csv"
    done = terminal.run("label", *months[0][:2], lacking, months[0][3], "--out", out)
    assert done.returncode == 2
    assert "may lack customers" in done.stderr
    assert done.stderr.rstrip().endswith("To go on anyway, add --accept-warnings.")
    assert not out.exists()
    assert (
        terminal.run("label", *months[0][:2], lacking, months[0][3], "--out", out, "--accept-warnings").returncode == 0
    )
    assert out.exists()


def test_two_ways_at_once_and_a_wrong_month_are_mistakes(terminal: Terminal, months: tuple[list[Path], bytes]) -> None:
    done = terminal.run("label", months[0][0], "--status", "a", "--activity", "b")
    assert (done.returncode, "Give only one of --status, --activity and --ended." in done.stderr) == (2, True)
    done = terminal.run("label", months[0][0], "--month", "2026-05")
    assert (done.returncode, "is not FILE=MONTH" in done.stderr) == (2, True)


def test_days_without_activity_are_proposed_from_months(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    done = terminal.run(
        "sample", "--out", file, "--rows", 3000, "--months", 3, "--unlabelled", "--last-activity", "--seed", 2
    )
    assert done.returncode == 0, done.stderr
    document = terminal.json("label", file, "--activity", "LastActivity")
    assert document["source"] == "inactive"
    assert document["inactive_days"] == document["proposed_days"]
    assert 14 <= document["proposed_days"] <= 31  # nobody who stays was active 30 days ago or more, but for pauses
