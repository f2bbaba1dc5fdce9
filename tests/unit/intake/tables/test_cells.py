"""Typed cells as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from adapters.intake.tables.cells import NumberFormat, cell_text, format_of_code, number_text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("29.850000000000001", "29.85"),
        ("12", "12"),
        ("7.0", "7"),
        ("-3", "-3"),
        ("0012", "0012"),
        ("1.234", "1.2340"),
        ("-12.345", "-12.3450"),
        ("1234.567", "1234.567"),
        ("1.5E-3", "0.0015"),
        ("1E+3", "1000"),
        ("123456789012345", "123456789012345"),
        ("1.23456789012346E+19", "1.23456789012346E+19"),
        ("", ""),
        ("NaN", ""),
        ("twelve", "twelve"),
    ],
)
def test_numbers_are_written_as_people_know_them(written: str, text: str) -> None:
    assert number_text(written) == text


@pytest.mark.parametrize(
    ("serial", "from_1904", "text"),
    [
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("60", False, "60"),
        ("61", False, "1900-03-01"),
        ("46356", False, "2026-11-30"),
        ("46356.5", False, "2026-11-30 12:00:00"),
        ("46356.999999999", False, "2026-12-01"),
        ("44894", True, "2026-11-30"),
        ("0", True, "1904-01-01"),
        ("-1", False, "-1"),
        ("2958466", False, "2958466"),
        ("2958465", False, "9999-12-31"),
    ],
)
def test_days_are_iso_dates(serial: str, from_1904: bool, text: str) -> None:
    assert number_text(serial, NumberFormat.DATE, from_1904=from_1904) == text


def test_hours_are_written_as_a_spreadsheet_shows_them() -> None:
    assert number_text("0.5", NumberFormat.TIME) == "12:00:00"
    assert number_text("1.5", NumberFormat.TIME) == "36:00:00"


@pytest.mark.parametrize(("written", "text"), [("0.265", "26.5%"), ("1", "100%"), ("0.07", "7%"), ("-0.001", "-0.1%")])
def test_percentages_keep_their_sign(written: str, text: str) -> None:
    assert number_text(written, NumberFormat.PERCENT) == text


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("General", NumberFormat.PLAIN),
        ("0.00", NumberFormat.PLAIN),
        ("#,##0.00 [$€-407]", NumberFormat.PLAIN),
        ("[Red]-0.00", NumberFormat.PLAIN),
        ('0 "days"', NumberFormat.PLAIN),
        ("0.00E+00", NumberFormat.PLAIN),
        ("@", NumberFormat.PLAIN),
        ("0.0%", NumberFormat.PERCENT),
        ("dd/mm/yyyy", NumberFormat.DATE),
        ("[$-409]d-mmm-yy;@", NumberFormat.DATE),
        ("mmm yy", NumberFormat.DATE),
        ("yyyy-mm-dd hh:mm", NumberFormat.DATE),
        ("yyyy\\年m", NumberFormat.DATE),
        ("h:mm AM/PM", NumberFormat.TIME),
        ("[h]:mm:ss", NumberFormat.TIME),
        ("mm:ss.0", NumberFormat.TIME),
    ],
)
def test_format_codes(code: str, how: NumberFormat) -> None:
    assert format_of_code(code) is how


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (12.0, "12"),
        (29.85, "29.85"),
        (float("inf"), ""),
        (date(2026, 11, 30), "2026-11-30"),
        (datetime(2026, 11, 30, tzinfo=UTC), "2026-11-30"),
        (datetime(2026, 11, 30, 8, 5, 0, 600_000, UTC), "2026-11-30 08:05:01"),
        (timedelta(hours=36), "36:00:00"),
        (time(8, 5), "08:05:00"),
        (7, "7"),
        ("yes", "yes"),
    ],
)
def test_values_of_a_library(value: object, text: str) -> None:
    assert cell_text(value) == text
