"""`netone score --earlier`: the files of earlier months, for a model that learned what changed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.integration.moving_bills import HEADER, customers, written
from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN
PLAIN = [name for name in HEADER if name != "SnapshotMonth"]


@pytest.fixture
def months(terminal: Terminal, tmp_path: Path) -> dict[str, Path]:
    """Files of months; there is a champion that uses the change of the bill."""
    rows, leavers = customers(effect=2.5)
    labelled = [[*row, "Yes" if row[0] in leavers[month] else "No"] for month in list(rows)[:-2] for row in rows[month]]
    file = written(tmp_path / "labelled.csv", labelled, [*HEADER, "Churn"])
    document = terminal.json("train", file, "--algorithm", "logistic", "--effort", "low")
    kept = [own["column"] for own in document["history"]["kept"]]
    assert kept[0] == "MonthlyCharges change since last month"
    assert kept[0] in document["columns_used"]
    return {
        month: written(tmp_path / f"base_{month}.csv", [[own[0], *own[2:]] for own in rows[month]], PLAIN)
        for month in list(rows)[-2:]
    }


def reasons(out: Path) -> set[str]:
    with out.open(newline="", encoding="utf-8") as stream:
        return {row[f"reason_{number}"] for row in csv.DictReader(stream) for number in (1, 2, 3)}


def test_a_file_of_an_earlier_month_gives_the_changes(
    terminal: Terminal, months: dict[str, Path], tmp_path: Path
) -> None:
    before, now = months.values()
    out = tmp_path / "out.csv"
    alone = terminal.run("score", now, "--out", out)
    assert "needs earlier months; none were found: predictions are less exact." in alone.stderr + alone.stdout
    assert not any("since last month" in reason for reason in reasons(out))
    document = terminal.json("score", now, "--out", out, "--earlier", before)
    assert document["history"] == {
        "months": ["2026-06"],
        "found": {"2026-05": "base_2026-05.csv"},
        "others": [],
        "missing": [],
    }
    assert "Monthly bill up $12.00 since last month" in reasons(out)


def test_a_file_that_cannot_be_an_earlier_month_is_refused(
    terminal: Terminal, months: dict[str, Path], tmp_path: Path
) -> None:
    before, now = months.values()
    unnamed = tmp_path / "base.csv"
    unnamed.write_bytes(before.read_bytes())
    out = tmp_path / "out.csv"
    for given, sentence in (
        (unnamed, "base.csv: Nothing says which month it shows."),
        (tmp_path / "none.csv", "none.csv"),
        (now, "is given twice"),
    ):
        done = terminal.run("score", now, "--out", out, "--earlier", given)
        assert (done.returncode, out.exists()) == (2, False)
        assert sentence in done.stderr
