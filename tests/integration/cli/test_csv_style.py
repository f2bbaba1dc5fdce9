"""`--csv-style` on the commands that write CSV."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.integration.terminal import LEFT_OPEN, Terminal, rows_of

pytestmark = LEFT_OPEN


def semicolons(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_scoring_and_exporting_write_the_same_rounded_numbers_with_commas(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path
) -> None:
    out, exported, plain = (terminal.folder / name for name in ("styled.csv", "exported.csv", "plain.csv"))
    run = terminal.json("score", unlabelled, "--out", out, "--csv-style", "semicolon", "--with-input")["run"]
    terminal.json("runs", "export", run, "--out", exported, "--csv-style", "semicolon", "--with-input")
    terminal.json("runs", "export", run, "--out", plain, "--with-input")

    assert sorted(out.read_bytes().splitlines()) == sorted(exported.read_bytes().splitlines())
    for row, full in zip(semicolons(exported), rows_of(plain), strict=True):
        assert row["customerID"] == full["customerID"]
        assert float(row["churn_probability"].replace(",", ".")) == round(float(full["churn_probability"]), 6)
        assert float(row["MonthlyCharges"].replace(",", ".")) == float(full["MonthlyCharges"])
        assert float(row["expected_gain"].replace(",", ".")) == pytest.approx(float(full["expected_gain"]), abs=0.005)


def test_generated_customers_and_rejected_rows_follow_the_style_and_are_read_back(
    terminal: Terminal, trained: dict[str, Any]
) -> None:
    made, out, rejected = (terminal.folder / name for name in ("made.csv", "made-scored.csv", "made-rejected.csv"))
    done = terminal.run("sample", "--out", made, "--rows", 60, "--unlabelled", "--csv-style", "semicolon")
    assert done.returncode == 0, done.stderr
    assert "," in semicolons(made)[0]["MonthlyCharges"]
    made.write_bytes(made.read_bytes() + b";;;\r\n")
    document = terminal.json("score", made, "--out", out, "--rejected", rejected, "--csv-style", "semicolon")
    assert (document["scored"], document["rejected"]) == (60, 1)
    assert semicolons(rejected)[0]["line"] == "62"


def test_raw_and_a_style_contradict_each_other(terminal: Terminal, trained: dict[str, Any], unlabelled: Path) -> None:
    run = terminal.json("score", unlabelled, "--out", terminal.folder / "a.csv")["run"]
    done = terminal.run("runs", "export", run, "--raw", "--csv-style", "comma", "--out", terminal.folder / "b.csv")
    assert done.returncode == 2
    assert "always made safe" in done.stderr
