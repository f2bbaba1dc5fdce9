"""`netone score` and `netone runs export` write Parquet, and the product reads it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.integration.terminal import COLUMNS, LEFT_OPEN, Terminal, rows_of

pytestmark = LEFT_OPEN


@pytest.fixture(scope="module")
def written(terminal: Terminal, trained: dict[str, Any], labelled: Path) -> tuple[dict[str, Any], Path]:
    assert trained["stage"] == "champion"
    out = terminal.folder / "scored.parquet"
    return terminal.json("score", labelled, "--out", out, "--with-input"), out


def test_the_ending_chooses_parquet_with_the_values_of_the_csv(
    terminal: Terminal, written: tuple[dict[str, Any], Path], labelled: Path
) -> None:
    document, out = written
    terminal.json("score", labelled, "--out", terminal.folder / "same.csv")
    table, rows = pq.read_table(out), rows_of(terminal.folder / "same.csv")
    assert [name for name in table.column_names if name in COLUMNS] == COLUMNS
    for name, kind in (("customerID", str), ("churn_probability", float), ("expected_gain", float), ("reason_1", str)):
        assert table[name].to_pylist() == [kind(row[name]) for row in rows], name
    assert table["churn_prediction"].to_pylist() == [row["churn_prediction"] == "Yes" for row in rows]
    assert table.schema.metadata[b"netone.prediction"].decode() == document["run"]


def test_the_product_reads_its_parquet_back_to_the_same_predictions(
    terminal: Terminal, written: tuple[dict[str, Any], Path]
) -> None:
    document, out = written
    again = terminal.folder / "again.csv"
    second = terminal.json("score", out, "--out", again)
    assert (second["rows"], second["rejected"]) == (document["rows"], 0)
    assert second["metrics"] == document["metrics"], "the target is read back too"
    probabilities = [float(row["churn_probability"]) for row in rows_of(again)]
    assert probabilities == pq.read_table(out)["churn_probability"].to_pylist()


def test_an_export_has_the_same_rows_and_types(terminal: Terminal, written: tuple[dict[str, Any], Path]) -> None:
    document, out = written
    exported = terminal.folder / "exported.parquet"
    said = terminal.json("runs", "export", document["run"], "--out", exported, "--with-input")
    assert (said["format"], said["bytes"]) == ("parquet", exported.stat().st_size)
    first, second = pq.read_table(out), pq.read_table(exported)
    assert first.schema.equals(second.schema, check_metadata=True)
    key = "customerID"
    assert second.sort_by(key).to_pylist() == first.sort_by(key).to_pylist()


def test_format_decides_where_the_ending_says_nothing(
    terminal: Terminal, trained: dict[str, Any], unlabelled: Path
) -> None:
    out = terminal.folder / "scored.data"
    terminal.json("score", unlabelled, "--out", out, "--format", "parquet")
    assert out.read_bytes()[:4] == b"PAR1"
    refused = terminal.run("score", unlabelled, "--out", terminal.folder / "scored.xlsx")
    assert refused.returncode == 2
    assert "This command writes csv or parquet, not xlsx; name another file, or add --format." in refused.stderr
