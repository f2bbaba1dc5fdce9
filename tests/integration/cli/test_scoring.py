"""`netone score` and `runs`: what is written, and what is said about it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from domain.account import system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings
from tests.integration.terminal import COLUMNS, LEFT_OPEN, Terminal, rows_of

pytestmark = LEFT_OPEN


def test_score_writes_every_row_in_the_files_order_with_exactly_these_columns(
    scored: tuple[dict[str, Any], Path], labelled: Path
) -> None:
    document, out = scored
    with out.open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == COLUMNS
    rows = rows_of(out)
    assert [row["customerID"] for row in rows] == [row["customerID"] for row in rows_of(labelled)]
    threshold = document["threshold"]
    for row in rows:
        probability = float(row["churn_probability"])
        assert 0.0 < probability < 1.0
        assert row["churn_prediction"] == ("Yes" if probability >= threshold else "No")
        band = "low" if probability < 0.25 else "medium" if probability < 0.5 else "high"
        assert row["risk_band"] == (band if probability < 0.75 else "critical")
        assert (float(row["expected_gain"]) > 0) == (row["recommendation"] != "Leave alone")
        assert row["worth_contacting"] == ("Yes" if float(row["expected_gain"]) > 0 else "No")
        assert (row["message"] != "") == (row["worth_contacting"] == "Yes")
        assert (float(row["contact_cost"]) > 0) == (row["worth_contacting"] == "Yes")
        assert float(row["offer_cost"]) >= 0


def test_score_prints_every_documented_field(scored: tuple[dict[str, Any], Path]) -> None:
    document, out = scored
    for key in (
        "run",
        "model",
        "rows",
        "scored",
        "rejected",
        "predicted_churn",
        "out_of_range",
        "threshold",
        "seconds",
    ):
        assert key in document, key
    assert document["rows"] == document["scored"] + document["rejected"] == 500
    rows = rows_of(out)
    assert document["predicted_churn"] == sum(row["churn_prediction"] == "Yes" for row in rows)
    assert document["worth_contacting"] == sum(row["worth_contacting"] == "Yes" for row in rows)
    assert document["expected_gain"] == pytest.approx(sum(float(row["expected_gain"]) for row in rows))
    assert sum(total["customers"] for total in document["actions"]) == 500
    assert document["answer"].startswith(f"{document['predicted_churn']} of 500 customers are likely to leave within ")
    assert f"Contacting the {document['worth_contacting']} for whom an offer pays is" in document["answer"]
    assert document["assumption"] == "Gains are expected, assuming save rates of 11.5% to 42%; none measured yet."
    assert sum(document["bands"].values()) == 500
    assert document["metrics"]["customers"] == 500
    assert "estimate" not in document, "the model learned from these customers"


def test_rows_that_cannot_be_read_are_counted_and_listed(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    lines = unlabelled.read_text(encoding="utf-8").splitlines()
    lines[10] += ",two,more"
    lines[20] = lines[20].rsplit(",", 3)[0]
    file, out, rejected = tmp_path / "bad rows.csv", tmp_path / "out.csv", tmp_path / "rejected.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    document = terminal.json("score", file, "--out", out, "--rejected", rejected)
    assert (document["rows"], document["scored"], document["rejected"]) == (120, 118, 2)
    assert "metrics" not in document
    assert len(rows_of(out)) == 118
    assert [row["line"] for row in rows_of(rejected)] == ["11", "21"]
    assert all(row["reason"] for row in rows_of(rejected))


def test_the_files_own_columns_are_repeated_behind_the_results_when_asked(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    out = tmp_path / "with input.csv"
    terminal.json("score", unlabelled, "--out", out, "--with-input")
    given, written = rows_of(unlabelled), rows_of(out)
    assert list(written[0])[:9] == COLUMNS[:9]
    assert list(written[0])[-4:] == COLUMNS[9:]
    assert "Churn" not in written[0]
    assert set(written[0]) == {*COLUMNS, *given[0]}
    assert [row["Contract"] for row in written] == [row["Contract"] for row in given]
    assert [row["tenure"] for row in written] == [row["tenure"] for row in given]


@pytest.mark.parametrize("more", [(), ("--with-input",)])
def test_the_file_written_while_scoring_equals_the_export_of_the_run(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Extra columns, hostile texts, unknown levels, missing values, an absent attribute and repeated ids among them."""
    rows = rows_of(labelled)
    names = [name for name in rows[0] if name != "StreamingTV"]
    for number, row in enumerate(rows):
        row["note"] = ("=1+1", 'a "b", c', "", "two\nlines", "Ζωή")[number % 5]
        row["Contract"] = ("Two year", "Weekly", "", row["Contract"])[number % 4]
        row["MonthlyCharges"] = ("", row["MonthlyCharges"], "1e3")[number % 3]
        row["customerID"] = row["customerID"] if number % 7 else "same"
    file, out = tmp_path / "customers.csv", tmp_path / "scored.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, [*names, "note"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)

    document = terminal.json("score", file, "--out", out, *more)

    application = build_inline(Settings(data_dir=terminal.data))
    query = CustomerQuery(threshold=document["threshold"], sort="row", descending=False)
    by = system_account(application.now())
    options = ExportOptions(ExportKind.CSV, raw=True, with_input=bool(more))
    _, pieces = application.reports.export_table.streamed(document["run"], query, options, by=Actor(by))
    assert out.read_bytes() == b"".join(pieces)


@pytest.mark.parametrize("more", [(), ("--with-input",)])
def test_an_export_has_the_rows_that_scoring_wrote(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    scored, exported = tmp_path / "scored.csv", tmp_path / "exported.csv"
    run = terminal.json("score", unlabelled, "--out", scored, *more)["run"]
    terminal.json("runs", "export", run, "--raw", "--out", exported, *more)
    assert sorted(exported.read_bytes().splitlines()) == sorted(scored.read_bytes().splitlines())


def test_the_file_of_an_earlier_run_is_kept_when_scoring_fails(
    terminal: Terminal, trained: dict[str, Any], labelled: Path, tmp_path: Path
) -> None:
    header, *lines = labelled.read_text(encoding="utf-8").splitlines()
    file, out = tmp_path / "broken.csv", tmp_path / "scored.csv"
    out.write_text("of an earlier run", encoding="utf-8")
    cut_short = [line if number % 2 else line[:20] for number, line in enumerate(lines)]
    file.write_text("\n".join([header, *cut_short]), encoding="utf-8")

    assert terminal.run("score", file, "--out", out).returncode == 2

    assert out.read_text(encoding="utf-8") == "of an earlier run"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_chosen_model_scores_and_a_fresh_folder_makes_its_starter_model(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    document = terminal.json("score", unlabelled, "--out", tmp_path / "a.csv", "--model", trained["version"])
    assert document["model"] == trained["version"]
    fresh = Terminal(tmp_path)
    document = fresh.json("score", unlabelled, "--out", tmp_path / "b.csv")
    assert document["model"] == "v0"
    assert len(rows_of(tmp_path / "b.csv")) == 120


def test_a_run_is_listed_shown_exported_and_deleted(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path, tmp_path: Path
) -> None:
    document = terminal.json("score", unlabelled, "--out", tmp_path / "out.csv")
    run = document["run"]
    assert terminal.json("runs", "show", run) == document
    assert run in [listed["run"] for listed in terminal.json("runs", "list")["runs"]]
    for kind, start in (("csv", b"customerID,"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
        out = tmp_path / f"export.{kind}"
        exported = terminal.json("runs", "export", run, "--format", kind, "--out", out, "--customers", 5)
        assert exported == {"run": run, "format": kind, "out": str(out), "bytes": out.stat().st_size}
        assert out.read_bytes().startswith(start), kind
    assert terminal.json("runs", "delete", run, "--yes") == {"deleted": run}
    assert run not in [listed["run"] for listed in terminal.json("runs", "list")["runs"]]
    assert [path for path in terminal.data.rglob("*") if run in path.name] == []
    assert "no" in terminal.mistake("runs", "show", run, "--json").lower()
