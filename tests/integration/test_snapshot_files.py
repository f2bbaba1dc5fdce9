"""What only DuckDB's snapshots can get wrong: files left behind, formulas, other columns, and a sample of customers."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.snapshots.duckdb_snapshots import DuckDbSnapshotStore
from application.ports.snapshots import LabelTable, SnapshotFile
from domain.errors import DatesUnclear, FileRefused
from domain.file_format import FileFormat
from domain.presence import Presence


def a_file(folder: Path, name: str, text: str, month: str | None, *, month_position: int | None = None) -> SnapshotFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return SnapshotFile(path, FileFormat(), tuple(text.splitlines()[0].split(",")), 0, month, month_position)


def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with DuckDbSnapshotStore(scratch).open() as base:
        base.add(a_file(tmp_path, "a.csv", "id,plan\na,x\n", "2026-04"))
        assert len(list(scratch.iterdir())) == 1
    assert list(scratch.iterdir()) == []
    with pytest.raises(ZeroDivisionError), DuckDbSnapshotStore(scratch).open():
        raise ZeroDivisionError
    assert list(scratch.iterdir()) == []


def test_texts_that_a_spreadsheet_takes_for_formulas_are_escaped(tmp_path: Path) -> None:
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base:
        base.add(a_file(tmp_path, "a.csv", "id,plan\n=1+1,@home\n-5,-7.5\n", "2026-04"))
        base.presences()
        out = tmp_path / "out.csv"
        base.write(out, LabelTable(("plan",), {Presence(1): {"2026-04": True}}, "id", None, "Churn"))
    assert out.read_text(encoding="utf-8") == "id,plan,Churn\n'=1+1,'@home,Yes\n-5,-7.5,Yes\n"


def test_a_column_in_another_spelling_is_the_same_and_one_that_a_file_lacks_is_empty(tmp_path: Path) -> None:
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base:
        base.add(a_file(tmp_path, "a.csv", "id,Monthly Charges,plan\na,10,x\n", "2026-04"))
        base.add(a_file(tmp_path, "b.csv", "id,monthly_charges\na,12\n", "2026-05"))
        base.presences()
        labels = {Presence(0b11): {"2026-04": False, "2026-05": False}}
        out = tmp_path / "out.csv"
        base.write(out, LabelTable(("Monthly Charges", "plan"), labels, "id", "SnapshotMonth", "Churn"))
    assert out.read_text(encoding="utf-8").splitlines()[1:] == ["a,2026-04,10,x,No", "a,2026-05,12,,No"]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base, pytest.raises(FileRefused, match="occurs twice"):
        base.add(a_file(tmp_path, "a.csv", "id,plan,plan\na,x,y\n", "2026-04"))


def test_months_of_more_than_five_years_are_refused(tmp_path: Path) -> None:
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base:
        base.add(a_file(tmp_path, "a.csv", "id,plan\na,x\n", "2020-01"))
        base.add(a_file(tmp_path, "b.csv", "id,plan\na,x\n", "2026-04"))
        with pytest.raises(FileRefused, match="more than 60 months"):
            base.presences()


def test_months_whose_order_is_unclear_raise_a_question(tmp_path: Path) -> None:
    text = "id,SnapshotMonth\na,04/05/2026\n"
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base, pytest.raises(DatesUnclear) as raised:
        base.add(a_file(tmp_path, "a.csv", text, None, month_position=1))
    assert raised.value.question is not None
    assert raised.value.question.values == ("day-first", "month-first")


def test_a_sample_keeps_customers_with_all_their_months(tmp_path: Path) -> None:
    rows = "".join(f"c{place},x\n" for place in range(1_000))
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base:
        for month in ("2026-04", "2026-05"):
            base.add(a_file(tmp_path, f"{month}.csv", f"id,plan\n{rows}", month))
        base.presences()
        labels = {Presence(0b11): {"2026-04": False, "2026-05": False}}
        out = tmp_path / "out.csv"
        written = base.write(out, LabelTable((), labels, "id", "SnapshotMonth", "Churn", every=4))
    lines = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    april, may = ([who for who, own, _ in lines if own == month] for month in ("2026-04", "2026-05"))
    assert april == may
    assert written == 2 * len(april)
    assert 200 <= len(april) <= 300


def test_a_cell_with_a_comma_late_in_the_file_repeats_no_row(tmp_path: Path) -> None:
    rows = [f"c{place},x" for place in range(3_000)] + ['last,"x, y"']
    with DuckDbSnapshotStore(tmp_path / "scratch").open() as base:
        base.add(a_file(tmp_path, "a.csv", "\n".join(["id,plan", *rows]) + "\n", "2026-04"))
        base.presences()
        out = tmp_path / "out.csv"
        base.write(out, LabelTable(("plan",), {Presence(1): {"2026-04": False}}, "id", None, "Churn"))
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines == ["id,plan,Churn", *(f"{row},No" for row in rows)]
