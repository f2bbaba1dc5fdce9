"""Who of one month is in another, and what changed: the same answers from the fake and from DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from adapters.snapshots.duckdb_snapshots import DuckDbSnapshotStore
from application.ports.columns import CustomerColumns, InputColumn
from application.ports.snapshots import (
    Comparison,
    Falls,
    FileRows,
    GoneByDay,
    GoneByValue,
    IdleCount,
    LabelTable,
    LevelLoss,
    SnapshotFile,
    Snapshots,
    ValueChange,
)
from domain.dates import DateForm, day_from_iso
from domain.errors import FileRefused
from domain.file_format import FileFormat
from domain.presence import Presence
from tests.fakes.snapshots import SnapshotStoreInMemory


@pytest.fixture(params=["fake", "duckdb"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Snapshots]:
    store = SnapshotStoreInMemory() if request.param == "fake" else DuckDbSnapshotStore(tmp_path / "scratch")
    with store.open() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def a_file(
    folder: Path,
    text: str,
    month: str | None = None,
    *,
    days: dict[int, DateForm] | None = None,
    by_column: bool = False,
) -> SnapshotFile:
    path = folder / f"file-{len(list(folder.glob('file-*')))}.csv"
    path.write_text(text, encoding="utf-8")
    header = tuple(text.splitlines()[0].split(","))
    return SnapshotFile(path, FileFormat(), header, 0, month, 1 if by_column else None, days or {})


APRIL = "id,plan,tenure\na,Basic,5\nb,Basic,7\nc,Pro,9\nd,Pro,1\n"
MAY = "id,plan,tenure\na,Basic,6\nb,Pro,8\nc,Pro,2\ne,Basic,1\n"
JUNE = "id,plan,tenure\na,Basic,7\nd,Pro,3\nf,Pro,1\n"


def three_months(base: Snapshots, folder: Path) -> None:
    for month, text in (("2026-06", JUNE), ("2026-04", APRIL), ("2026-05", MAY)):  # in any order
        base.add(a_file(folder, text, month))


def test_a_file_is_counted_as_it_is_read(base: Snapshots, folder: Path) -> None:
    seen: list[int] = []
    rows = base.add(a_file(folder, "id,plan\na,x\n,x\nb,y\n", "2026-04"), on_rows=seen.append)
    assert rows == FileRows(rows=3, rejected=0, blank_ids=1, undated=0, months={"2026-04": 2})
    assert seen[-1] == 3


def test_a_column_can_say_the_month_of_each_row(base: Snapshots, folder: Path) -> None:
    text = "id,SnapshotMonth,plan\na,2026-05,x\nb,2026-05,x\na,2026-04,x\nc,soon,x\n"
    rows = base.add(a_file(folder, text, by_column=True))
    assert (dict(rows.months), rows.undated) == ({"2026-04": 1, "2026-05": 2}, 1)
    assert base.months() == ("2026-04", "2026-05")


def test_a_file_without_a_usable_row_is_refused(base: Snapshots, folder: Path) -> None:
    with pytest.raises(FileRefused, match="No row has an id and a month"):
        base.add(a_file(folder, "id,plan\n,x\n", "2026-04"))


def test_months_are_ascending_whatever_the_order_of_the_files(base: Snapshots, folder: Path) -> None:
    three_months(base, folder)
    assert base.months() == ("2026-04", "2026-05", "2026-06")


def test_customers_are_counted_by_the_months_in_which_they_are(base: Snapshots, folder: Path) -> None:
    three_months(base, folder)
    assert dict(base.presences()) == {
        Presence(0b111): 1,  # a
        Presence(0b011): 2,  # b and c
        Presence(0b101): 1,  # d
        Presence(0b010): 1,  # e
        Presence(0b100): 1,  # f
    }


def test_a_gap_between_months_leaves_a_bit_free(base: Snapshots, folder: Path) -> None:
    base.add(a_file(folder, "id,plan\na,x\n", "2026-04"))
    base.add(a_file(folder, "id,plan\na,x\n", "2026-07"))
    assert dict(base.presences()) == {Presence(0b1001): 1}


def test_a_value_says_who_has_left(base: Snapshots, folder: Path) -> None:
    base.add(a_file(folder, "id,status\na,Active\nb, CANCELLED \nc,Closed\n", "2026-04"))
    base.add(a_file(folder, "id,status\na,Cancelled\n", "2026-05"))
    assert dict(base.presences(GoneByValue("status", ("Cancelled", "Closed")))) == {
        Presence(0b11, 0b10): 1,
        Presence(0b01, 0b01): 2,
    }
    assert dict(base.presences()) == {Presence(0b11): 1, Presence(0b01): 2}


def test_a_day_long_before_the_reference_says_who_has_left(base: Snapshots, folder: Path) -> None:
    text = "id,last_call\na,2026-04-30\nb,2026-03-31\nc,2026-04-01\nd,\n"
    base.add(a_file(folder, text, "2026-04", days={1: DateForm.YEAR_FIRST}))
    thirty = base.presences(GoneByDay("last_call", 30))  # the newest call is on 30 April
    assert dict(thirty) == {Presence(1): 2, Presence(1, 1): 1, Presence(1, 0, 1): 1}
    earlier = GoneByDay("last_call", 30, reference=day_from_iso("2026-05-01"), blank_stays=True)
    assert dict(base.presences(earlier)) == {Presence(1): 2, Presence(1, 1): 2}


def test_days_after_the_end_of_the_month_are_no_reference(base: Snapshots, folder: Path) -> None:
    text = "id,last_call\na,2026-04-20\nb,2026-04-10\nc,2027-01-01\n"
    base.add(a_file(folder, text, "2026-04", days={1: DateForm.YEAR_FIRST}))
    assert dict(base.presences(GoneByDay("last_call", 10))) == {Presence(1): 2, Presence(1, 1): 1}


def test_two_months_are_compared(base: Snapshots, folder: Path) -> None:
    three_months(base, folder)
    assert base.compare("2026-04", "2026-05") == Comparison(customers=4, found=3, new=1)
    assert base.compare("2026-04", "2026-06") == Comparison(customers=4, found=2, new=1)
    assert base.compare("2026-04", "2026-05").missing == 1


def test_ids_in_another_spelling_are_counted_with_an_example(base: Snapshots, folder: Path) -> None:
    base.add(a_file(folder, "id,plan\n0012,x\n0034,x\nab-7,x\n99,x\n", "2026-04"))
    base.add(a_file(folder, "id,plan\n12,x\n34.0,x\nAB7,x\n100,x\n", "2026-05"))
    assert base.compare("2026-04", "2026-05") == Comparison(4, 0, 4, respelled=3, example=("0012", "12"))


def test_changes_of_a_value_are_counted_by_pair(base: Snapshots, folder: Path) -> None:
    three_months(base, folder)
    assert base.changes("plan", "2026-04", "2026-05") == [
        ValueChange("Basic", "Basic", 1),
        ValueChange("Basic", "Pro", 1),
        ValueChange("Pro", "Pro", 1),
    ]
    assert base.changes("plan", "2026-04", "2026-05", most=1) == [ValueChange("Basic", "Basic", 1)]


def test_an_empty_cell_is_a_value_of_its_own(base: Snapshots, folder: Path) -> None:
    base.add(a_file(folder, "id,plan\na,\nb,\n", "2026-04"))
    base.add(a_file(folder, "id,plan\na,Pro\nb,Pro\n", "2026-05"))
    assert base.changes("plan", "2026-04", "2026-05") == [ValueChange(None, "Pro", 2)]


def test_numbers_that_fall_are_counted(base: Snapshots, folder: Path) -> None:
    three_months(base, folder)
    assert base.falls("tenure", "2026-04", "2026-05", sample=1_000) == Falls(compared=3, fell=1)


def test_values_whose_customers_are_missing_are_found(base: Snapshots, folder: Path) -> None:
    many = [f"n{place},North" for place in range(30)]
    south = [f"s{place},South" for place in range(30)]
    renamed = [f"w{place},West" for place in range(30)]
    base.add(a_file(folder, "\n".join(["id,region", *many, *south, *renamed]) + "\n", "2026-04"))
    later = [*south, *(own.replace("West", "Far West") for own in renamed)]
    base.add(a_file(folder, "\n".join(["id,region", *later]) + "\n", "2026-05"))
    assert base.lost_values(at_least=20, kept=0.05) == [LevelLoss("2026-04", "region", "North", 30, 30)]
    assert base.lost_values(at_least=31, kept=0.05) == []


def test_days_without_activity_are_counted_with_those_who_return(base: Snapshots, folder: Path) -> None:
    form = {1: DateForm.YEAR_FIRST}
    base.add(a_file(folder, "id,seen\na,2026-04-30\nb,2026-04-20\nc,2026-04-20\nd,\n", "2026-04", days=form))
    base.add(a_file(folder, "id,seen\na,2026-05-31\nb,2026-05-21\nc,2026-04-20\n", "2026-05", days=form))
    assert base.idle("seen") == [
        IdleCount("2026-04", 0, customers=1, followed=1, returned=1),
        IdleCount("2026-04", 10, customers=2, followed=2, returned=1),
        IdleCount("2026-05", 0, customers=1, followed=0, returned=0),
        IdleCount("2026-05", 10, customers=1, followed=0, returned=0),
        IdleCount("2026-05", 41, customers=1, followed=0, returned=0),
    ]
    assert base.idle("seen", reference=day_from_iso("2026-05-01"))[0] == IdleCount("2026-04", 1, 1, 1, 1)


def test_an_activity_that_only_an_earlier_file_knows_is_no_return(base: Snapshots, folder: Path) -> None:
    form = {1: DateForm.YEAR_FIRST}
    base.add(a_file(folder, "id,seen\na,2026-04-30\n", "2026-04", days=form))
    base.add(a_file(folder, "id,seen\na,2026-04-01\nb,2026-05-31\n", "2026-05", days=form))
    base.add(a_file(folder, "id,seen\nb,2026-06-30\n", "2026-06", days=form))
    assert [own.returned for own in base.idle("seen") if own.month != "2026-06"] == [0, 1, 0]


def test_labelled_rows_are_written_file_by_file_the_oldest_first(base: Snapshots, folder: Path) -> None:
    three_months(base, folder)
    presences = base.presences()
    labels = {
        own: {
            month: left
            for month, left in (("2026-04", not own.is_present(1)), ("2026-05", not own.is_present(2)))
            if own.is_present({"2026-04": 0, "2026-05": 1}[month])
        }
        for own in presences
    }
    written: list[int] = []
    out = folder / "out.csv"
    rows = base.write(out, LabelTable(("plan",), labels, "id", "SnapshotMonth", "Churn"), on_rows=written.append)
    assert (rows, written[-1]) == (8, 8)
    assert out.read_text(encoding="utf-8").splitlines() == [
        "id,SnapshotMonth,plan,Churn",
        "a,2026-04,Basic,No",
        "b,2026-04,Basic,No",
        "c,2026-04,Pro,No",
        "d,2026-04,Pro,Yes",
        "a,2026-05,Basic,No",
        "b,2026-05,Pro,Yes",
        "c,2026-05,Pro,Yes",
        "e,2026-05,Basic,Yes",
    ]


def test_a_file_of_several_months_stays_in_its_order(base: Snapshots, folder: Path) -> None:
    text = "id,SnapshotMonth,plan\na,2026-05,x\nb,2026-04,y\na,2026-04,z\n"
    base.add(a_file(folder, text, by_column=True))
    base.presences()
    labels = {Presence(0b11): {"2026-04": False, "2026-05": False}, Presence(0b01): {"2026-04": True}}
    out = folder / "out.csv"
    base.write(out, LabelTable(("plan",), labels, "id", "SnapshotMonth", "Churn"))
    assert out.read_text(encoding="utf-8").splitlines()[1:] == ["a,2026-05,x,No", "b,2026-04,y,Yes", "a,2026-04,z,No"]


def test_of_rows_that_repeat_a_customer_the_first_is_written(base: Snapshots, folder: Path) -> None:
    base.add(a_file(folder, "id,plan\na,first\nb,x\na,second\na,third\n", "2026-04"))
    base.add(a_file(folder, "id,plan\na,x\n", "2026-05"))
    assert dict(base.repeated()) == {"2026-04": 2}
    base.presences()
    labels = {Presence(0b11): {"2026-04": False}, Presence(0b01): {"2026-04": True}}
    out = folder / "out.csv"
    assert base.write(out, LabelTable(("plan",), labels, "id", None, "Churn")) == 2
    assert out.read_text(encoding="utf-8").splitlines() == ["id,plan,Churn", "a,first,No", "b,x,Yes"]


def test_cells_with_commas_and_quotes_come_back_as_they_were(base: Snapshots, folder: Path) -> None:
    base.add(a_file(folder, 'id,plan\na,"Basic, ""old"""\nb,ünlü\n', "2026-04"))
    base.presences()
    out = folder / "out.csv"
    base.write(out, LabelTable(("plan",), {Presence(1): {"2026-04": True}}, "id", None, "Churn"))
    assert out.read_text(encoding="utf-8") == 'id,plan,Churn\na,"Basic, ""old""",Yes\nb,ünlü,Yes\n'


def scored(rows: list[tuple[int, str, str | None, bool | None, float, str, float]]) -> CustomerColumns:
    """Customers of a run: row, id, month, actual, probability, plan and tenure, in order of risk."""
    kinds = (pa.int64(), pa.string(), pa.string(), pa.bool_(), pa.float64(), pa.string(), pa.float64())
    names = ("row", "id", "month", "actual", "probability", "a0", "a1")
    columns = [pa.array(list(own), kind) for own, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    inputs = (InputColumn("plan", "a0"), InputColumn("tenure", "a1"))
    data = pa.table(dict(zip(names, columns, strict=True)))
    return CustomerColumns(len(rows), data, ("Plan", "Tenure"), (), (), inputs=inputs)


SCORED = [
    (3, "c", None, None, 0.9, "Pro", 9.0),
    (1, "a", None, None, 0.6, "Basic", 5.0),
    (5, "a", None, None, 0.5, "Basic", 5.0),
    (4, "d", None, True, 0.4, "Pro", 1.0),
    (2, "b", None, None, 0.2, "Basic", 7.0),
]


def test_scored_customers_come_back_with_what_became_of_them(base: Snapshots, folder: Path) -> None:
    rows = base.add_scored([scored(SCORED[:2]), scored(SCORED[2:])], month="2026-04")
    assert (rows.rows, dict(rows.months)) == (5, {"2026-04": 5})
    base.add(a_file(folder, MAY.replace("b,Pro,8\n", ""), "2026-05"))
    assert dict(base.presences()) == {
        Presence(0b11): 2,  # a and c
        Presence(0b01): 1,  # b
        Presence(0b01, 0b01): 1,  # d, whose own file says that they have left
        Presence(0b10): 1,  # e
    }
    assert dict(base.repeated()) == {"2026-04": 1}
    found = base.outcomes({Presence(0b11): False, Presence(0b01): True}, treated=["c", "z"])
    assert found.customers == 3  # in the order of the file, the first row of each
    assert found.probability.tolist() == [0.6, 0.2, 0.9]
    assert found.left.tolist() == [False, True, False]
    assert found.treated.tolist() == [False, False, True]


def test_attributes_of_scored_customers_are_compared_by_their_headers(base: Snapshots, folder: Path) -> None:
    base.add_scored([scored(SCORED)], month="2026-04")
    base.add(a_file(folder, MAY, "2026-05"))
    assert base.falls("tenure", "2026-04", "2026-05", sample=1_000) == Falls(compared=3, fell=1)
    assert base.compare("2026-04", "2026-05") == Comparison(customers=4, found=3, new=1)


def test_of_a_run_with_several_months_one_month_is_taken(base: Snapshots, folder: Path) -> None:
    rows = [
        (1, "a", "2026-03", None, 0.9, "Pro", 1.0),
        (2, "b", "2026-04", None, 0.8, "Pro", 1.0),
        (3, "c", None, None, 0.7, "Pro", 1.0),
    ]
    assert base.add_scored([scored(rows)], month="2026-04", by_month=True) == FileRows(3, 0, 0, 2, {"2026-04": 1})
    with pytest.raises(FileRefused, match="no customer of this month"):
        base.add_scored([scored(rows)], month="2026-07", by_month=True)


def test_a_base_without_outcomes_gives_no_customer(base: Snapshots, folder: Path) -> None:
    base.add_scored([scored(SCORED)], month="2026-04")
    base.add(a_file(folder, MAY, "2026-05"))
    base.presences()
    assert base.outcomes({}).customers == 0


def test_values_lost_over_a_gap_between_months_are_found(base: Snapshots, folder: Path) -> None:
    north = [f"n{place},North" for place in range(30)]
    south = [f"s{place},South" for place in range(30)]
    base.add(a_file(folder, "\n".join(["id,region", *north, *south]) + "\n", "2026-04"))
    base.add(a_file(folder, "\n".join(["id,region", *south]) + "\n", "2026-06"))
    assert base.lost_values(at_least=20, kept=0.05) == [LevelLoss("2026-04", "region", "North", 30, 30)]
