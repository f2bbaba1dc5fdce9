"""Numbers with units in cells."""

from __future__ import annotations

import pyarrow as pa
import pytest

from adapters.intake.levels import LevelCaster
from adapters.intake.number_marks import collect
from adapters.intake.quantities import quantity_of, read_quantities, unit_of_cell
from domain.number_marks import MarkEvidence
from domain.schema import Column, ColumnKind
from domain.units import unit_called


def read(text: str, unit: str, decimal: str = ".") -> float | None:
    cells = read_quantities(pa.array([text]), unit_called(unit), decimal)
    return None if cells.unreadable[0] else float(cells.values[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5 GB", 12.5),
        ("12.5GB", 12.5),
        ("12.5\u00a0gb", 12.5),
        ("300 MB", 0.29296875),
        ("1,024 MB", 1.0),
        ("GB 12.5", 12.5),
        (" 2 TB ", 2048.0),
        ("1.5 GiB.", 1.5),
        ("-3 GB", -3.0),
        ("\u06633 GB", 33.0),
        ('="3 GB"', 3.0),
        ("7", 7.0),
        ("0", 0.0),
    ],
)
def test_a_number_is_read_in_the_unit_of_its_column(text: str, value: float) -> None:
    assert read(text, "GB") == value


@pytest.mark.parametrize("text", ["300 min", "80 %", "$5", "4G", "Plan 10", "12 GB to 15 GB", "GB", "1/2 GB", "12k"])
def test_other_texts_are_no_numbers_of_the_unit(text: str) -> None:
    assert read(text, "GB") is None


@pytest.mark.parametrize(
    ("text", "value"), [("12,5 GB", 12.5), ("1.024 MB", 1.0), ("1.024,5 GB", 1024.5), (",5 GB", 0.5), ("2.048", 2048.0)]
)
def test_a_decimal_comma_counts_before_a_unit(text: str, value: float) -> None:
    assert read(text, "GB", ",") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2h 30m", 150.0),
        ("1h30", 90.0),
        ("1 hour and 5 minutes", 65.0),
        ("2 Std. 15 Min.", 135.0),
        ("90s", 1.5),
        ("1d 1h", 1500.0),
        ("45m", 45.0),
    ],
)
def test_times_of_several_parts(text: str, value: float) -> None:
    assert read(text, "minutes") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 year 3 months", 15.0), ("2y 6m", 30.0), ("1 an 2 mois", 14.0), ("18m", 18.0), ("2 Jahre", 24.0)],
)
def test_times_of_years_and_months(text: str, value: float) -> None:
    assert read(text, "months") == value


@pytest.mark.parametrize("text", ["30m 2h", "2h 3h", "1h 5 GB", "2h 30", "1:30", "5 a 7 h"])
def test_parts_in_another_order_are_no_time(text: str) -> None:
    assert read(text, "minutes") == (150.0 if text == "2h 30" else None)


def test_missing_marks_stay_missing() -> None:
    cells = read_quantities(pa.array(["n/a", "", None, "unknown", "-", "5 GB"]), unit_called("GB"))
    assert cells.unreadable.tolist() == [False] * 6
    assert cells.values[5] == 5.0


def test_examples_of_other_units_and_of_bare_numbers_are_kept() -> None:
    cells = read_quantities(pa.array(["0", "5 GB", "300 MB", "45", "50"]), unit_called("GB"))
    assert (cells.bare, cells.other) == ("45", "300 MB")
    strict = read_quantities(pa.array(["0", "45"]), unit_called("GB"), bare=False)
    assert strict.unreadable.tolist() == [False, True]


@pytest.mark.parametrize("text", ["2 Jan", "1st", "10 AM", "12k", "555-1234", "A12", "12-13", "5M"])
def test_dates_ordinals_and_codes_have_no_unit(text: str) -> None:
    assert unit_of_cell(text) is None


def test_a_number_and_its_unit_are_as_written() -> None:
    assert quantity_of("1,024.5 MB") == ("1,024.5", "MB")
    assert quantity_of("+263 77 123") == ("+263 77 123", "")
    assert quantity_of("MB") is None


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("12 months", "1 year"),
        ("12 months", "12 Monate"),
        ("500 MB", "0.48828125 GB"),
        ("50 Mbit/s", "50000 kbps"),
        ("30 days", "30d"),
    ],
)
def test_a_level_that_is_a_number_with_a_unit_can_be_written_in_another(level: str, text: str) -> None:
    cast = LevelCaster(Column("c", ColumnKind.CATEGORICAL, (level, "3 weeks"))).cast(pa.array([text, "4 weeks"]))
    assert cast.to_pylist() == [level, "4 weeks"]


def test_levels_of_the_same_length_stay_apart() -> None:
    column = Column("c", ColumnKind.CATEGORICAL, ("12 months", "1 year", "2 years"))
    assert LevelCaster(column).cast(pa.array(["12 Months", "1 Year", "52 weeks", "24 months"])).to_pylist() == [
        "12 months",
        "1 year",
        "52 weeks",
        "2 years",
    ]


def test_units_are_counted_by_cell() -> None:
    """Ten cells among sixty are few, also where the other fifty hold the same number."""
    evidence = MarkEvidence()
    collect(evidence, pa.array(["20 GB"] * 10 + ["12"] * 50))
    assert evidence.units == {"GB": (10, "20 GB"), "": (50, "12")}
