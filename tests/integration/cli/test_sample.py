"""`netone sample`."""

from __future__ import annotations

from pathlib import Path

from tests.integration.terminal import LEFT_OPEN, Terminal, rows_of

pytestmark = LEFT_OPEN


def test_sample_writes_as_many_customers_as_asked_and_the_same_for_the_same_seed(
    terminal: Terminal, labelled: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.csv"
    assert terminal.run("sample", "--out", again, "--rows", 500, "--seed", 3).returncode == 0
    assert again.read_bytes() == labelled.read_bytes()
    rows = rows_of(labelled)
    assert len(rows) == 500
    assert {row["Churn"] for row in rows} == {"Yes", "No"}


def test_sample_can_omit_the_target_and_add_months(terminal: Terminal, unlabelled: Path, tmp_path: Path) -> None:
    assert "Churn" not in rows_of(unlabelled)[0]
    months = tmp_path / "months.csv"
    assert terminal.run("sample", "--out", months, "--rows", 50, "--months", 3).returncode == 0
    written_months = {row["SnapshotMonth"] for row in rows_of(months)}
    assert len(written_months) == 3
    assert all(len(month) == 7 and month[4] == "-" for month in written_months)
