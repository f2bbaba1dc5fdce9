"""Dates in labelled files become ages, and files to score are read in the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.labelled_file import Detected, detect
from adapters.ml.training.learning_data import learning_data
from domain.dates import DateForm
from domain.errors import DatesUnclear, FileRefused
from domain.file_format import FormatChoice
from domain.header_matching import match_header, with_month_of
from domain.schema import ColumnKind, CustomerSchema
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers

LAST = date(2024, 5, 31)
Row = date | None
Spelling = Callable[[date], str]


def days(rows: int = 400, *, seed: int = 3, missing: bool = True) -> list[Row]:
    draw = np.random.default_rng(seed)
    drawn: list[Row] = [LAST - timedelta(int(age)) for age in draw.integers(0, 1500, rows)]
    drawn[0] = LAST
    return [None if missing and place % 40 == 7 else day for place, day in enumerate(drawn)]


def with_dates(spelling: Spelling, *, name: str = "signup_date", blank: str = "", drawn: Any = None) -> dict[str, Any]:
    columns = customers(400)
    columns[name] = [blank if day is None else spelling(day) for day in (drawn or days())]
    return columns


def detected(columns: dict[str, Any], **request: Any) -> Detected:
    return detect(a_table(pd.DataFrame(columns).replace("", None)), TrainingRequest(**request))


def why_out(detection: Detected, column: str) -> str:
    return next((own.why for own in detection.left_out if own.column == column), "")


def epoch(unit: int, *, seconds: int = 0) -> Spelling:
    return lambda day: str(((day - date(1970, 1, 1)).days * 86_400 + seconds) * unit)


SPELLINGS: dict[str, tuple[Spelling, str]] = {
    "iso": (date.isoformat, ""),
    "iso with time": (lambda day: f"{day.isoformat()} 23:59:59.999", "NULL"),
    "iso with zone": (lambda day: f"{day.isoformat()}T00:30:00+13:00", ""),
    "day first": (lambda day: f"{day:%d/%m/%Y}", ""),
    "month first": (lambda day: f"{day.month}/{day.day}/{day.year} 8:05 AM", ""),
    "points": (lambda day: f"{day:%d.%m.%y}", "00.00.0000"),
    "digits": (lambda day: f"{day:%Y%m%d}", "0"),
    "digits of a float column": (lambda day: f"{day:%Y%m%d}.0", ""),
    "epoch seconds": (epoch(1, seconds=7_200), ""),
    "epoch milliseconds": (epoch(1000), "0"),
    "excel": (lambda day: str((day - date(1899, 12, 30)).days), ""),
    "english names": (lambda day: f"{day:%b} {day.day}, {day.year}", "N/A"),
    "german names": (lambda day: f"{day.day}. {GERMAN[day.month - 1]} {day.year}", "-"),
    "spanish names": (lambda day: f"{day.day} de {SPANISH[day.month - 1]} de {day.year}", ""),
    "oracle": (lambda day: f"{day:%d-%b-%y}".upper(), ""),
}
GERMAN = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
GERMAN += ["Juli", "August", "September", "Oktober", "November", "Dezember"]
SPANISH = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_training_and_scoring_see_the_same_ages_in_any_spelling(spelling: str, tmp_path: Path) -> None:
    iso = detected(with_dates(date.isoformat))
    written, blank = SPELLINGS[spelling]
    columns = with_dates(written, blank=blank)
    detection = detected(columns)
    expected, data = learning_data(iso), learning_data(detection)
    column = data.schema.column("signup_date")
    assert column.kind is ColumnKind.DATE
    assert detection.reference_date == "2024-05-31"
    assert (column.minimum, column.maximum) == (0.0, 1499.0)
    assert column.missing_rate == 0.025
    assert np.array_equal(data.codes, expected.codes, equal_nan=True)
    for schema in (expected.schema, data.schema):
        codes, remarks = scored(columns, schema, tmp_path)
        assert np.array_equal(codes, expected.codes, equal_nan=True)
        assert remarks == ("Ages of dates are counted to 2024-05-31, the newest date in the file.",)


def scored(
    columns: dict[str, Any], schema: CustomerSchema, folder: Path, choice: FormatChoice | None = None
) -> tuple[Any, tuple[str, ...]]:
    """The codes of a file to score, and what is said about it."""
    from adapters.ml.scoring.encoding import Vocabulary

    path, files = folder / "customers.csv", CsvCustomerFiles(block_bytes=4096)
    pd.DataFrame(columns).to_csv(path, index=False)
    preview = files.preview(path, choice)
    schema = with_month_of(schema, preview.header, preview.sample)
    match = match_header(schema, preview.header, sample=preview.sample)
    reading = files.read(path, schema=schema, match=match, format=preview.format)
    parts = [Vocabulary.of(schema).codes(batch.data) for batch in reading.batches()]
    return np.concatenate(parts), reading.report().remarks


def test_ages_are_counted_to_the_end_of_the_month_of_each_row(tmp_path: Path) -> None:
    columns = with_dates(date.isoformat)
    columns["snapshot_month"] = ["2024-06" if row % 2 else "2024-07" for row in range(400)]
    data = learning_data(detected(columns))
    place = data.schema.names.index("signup_date")
    assert data.schema.month_column == "snapshot_month"
    assert data.codes[0, place] == 61.0  # from 31 May to 31 July
    codes, remarks = scored(columns, data.schema, tmp_path)
    assert np.array_equal(codes, data.codes, equal_nan=True)
    assert remarks == ("Ages of dates are counted to the end of the month in each row.",)


MONTHS = [date(2024, 10, 1), date(2024, 11, 1), date(2024, 12, 1)]
"""Snapshots on the first of the month, after the newest date."""


def of_months(spelling: Spelling, months: list[date], *, ends: bool = False, dated: bool = True) -> dict[str, Any]:
    """A file whose rows are of these months in turn, written as their first or their last day."""
    columns: dict[str, Any] = with_dates(date.isoformat) if dated else customers(400)
    of_row = [months[row % len(months)] for row in range(400)]
    shown = [(month + timedelta(31)).replace(day=1) - timedelta(1) if ends else month for month in of_row]
    columns["snapshot_month"] = [spelling(day) for day in shown]
    return columns


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize(
    "spelling",
    [
        lambda day: f"{day:%m/%d/%Y}",
        lambda day: f"{day.month}/{day.day}/{day.year}",
        lambda day: f"{day:%d/%m/%Y}",
        lambda day: f"{day:%d-%m-%Y}",
        lambda day: f"{day:%d.%m.%Y}",
        lambda day: f"{day:%m/%d/%Y} 00:00",
    ],
)
def test_snapshot_months_may_be_days_in_any_order(spelling: Spelling, ends: bool, tmp_path: Path) -> None:
    detection = detected(of_months(spelling, MONTHS, ends=ends))
    assert detection.months is not None
    assert detection.months[:3].tolist() == ["2024-10", "2024-11", "2024-12"]
    data = learning_data(detection)
    codes, _ = scored(of_months(spelling, MONTHS, ends=ends), data.schema, tmp_path)
    assert np.array_equal(codes, data.codes, equal_nan=True)


@pytest.mark.parametrize("days_of", [(5, 5), (3, 4), (9, 11)])
def test_snapshot_months_in_an_unclear_order_are_asked_about(days_of: tuple[int, int], tmp_path: Path) -> None:
    months = [date(2024, 10, days_of[0]), date(2024, 11, days_of[1])]
    columns = of_months(lambda day: f"{day:%m/%d/%Y}", months)
    with pytest.raises(DatesUnclear, match="“snapshot_month” can be read with the day or the month first"):
        detected(columns)
    detection = detected(columns, format_override=FormatChoice(date_order="month-first"))
    assert detection.months is not None
    assert detection.months[:2].tolist() == ["2024-10", "2024-11"]
    schema = learning_data(detection).schema
    with pytest.raises(DatesUnclear, match="“snapshot_month” can be read with the day or the month first"):
        scored(columns, schema, tmp_path)
    codes, _ = scored(columns, schema, tmp_path, FormatChoice(date_order="month-first"))
    assert np.array_equal(codes, learning_data(detection).codes, equal_nan=True)


def test_another_column_of_dates_decides_about_the_months(tmp_path: Path) -> None:
    months = [date(2024, 10, 5), date(2024, 11, 6)]
    columns = of_months(lambda day: f"{day:%m/%d/%Y}", months)
    columns["last_login"] = [f"{day:%m/%d/%Y}" for day in days(missing=False, seed=9)]
    detection = detected(columns)
    assert detection.months is not None
    assert detection.months[:2].tolist() == ["2024-10", "2024-11"]
    codes, _ = scored(columns, learning_data(detection).schema, tmp_path)
    assert np.array_equal(codes, learning_data(detection).codes, equal_nan=True)


def test_a_file_to_score_without_dates_leaves_unclear_months_out(tmp_path: Path) -> None:
    schema = learning_data(detected(of_months(date.isoformat, MONTHS, dated=False))).schema
    columns = of_months(lambda day: f"{day:%m/%d/%Y}", MONTHS[:1], dated=False)
    assert months_of(columns, schema, tmp_path) == [None] * 400
    assert months_of(columns, schema, tmp_path, FormatChoice(date_order="month-first")) == ["2024-10"] * 400
    (remark,) = scored(columns, schema, tmp_path)[1]
    assert remark == (
        "The months are written with a day, and nothing says which of the two comes first, so they are left out. Say "
        "it with “Dates are written” under the file's format, or on the command line with --dates day-first or "
        "--dates month-first."
    )


@pytest.mark.parametrize("late", ["11/05/2024", "11/01/2024"])
def test_days_after_months_that_are_written_without_one_are_not_guessed(late: str, tmp_path: Path) -> None:
    schema = learning_data(detected(of_months(date.isoformat, MONTHS, dated=False))).schema
    columns = of_months(lambda day: f"{day:%Y-%m}", MONTHS[:1], dated=False)
    columns["snapshot_month"][-1] = late
    assert months_of(columns, schema, tmp_path) == ["2024-10"] * 399 + [None]


def months_of(
    columns: dict[str, Any], schema: CustomerSchema, folder: Path, choice: FormatChoice | None = None
) -> list[str | None]:
    path, files = folder / "customers.csv", CsvCustomerFiles(block_bytes=4096)
    pd.DataFrame(columns).to_csv(path, index=False)
    preview = files.preview(path, choice)
    match = match_header(schema, preview.header, sample=preview.sample)
    reading = files.read(path, schema=schema, match=match, format=preview.format)
    return [month for batch in reading.batches() for month in batch.data.column("month").to_pylist()]


def test_one_snapshot_date_for_all_rows_is_the_reference(tmp_path: Path) -> None:
    columns = with_dates(date.isoformat)
    columns["report_date"] = ["2024-07-15"] * 400
    detection = detected(columns)
    assert detection.reference_date == "2024-07-31"
    assert why_out(detection, "report_date") == "is always the same (2024-07-15)"
    data = learning_data(detection)
    codes, _ = scored(columns, data.schema, tmp_path)
    assert np.array_equal(codes, data.codes, equal_nan=True)


def test_contracts_that_end_later_do_not_move_the_reference() -> None:
    columns = with_dates(date.isoformat)
    columns["contract_end"] = [(LAST + timedelta(row % 365)).isoformat() for row in range(400)]
    data = learning_data(detected(columns))
    assert data.schema.reference_date == "2024-05-31"
    assert (data.schema.column("contract_end").minimum, data.schema.column("contract_end").maximum) == (-364.0, 0.0)


def test_dates_to_come_without_any_other_are_left_out_with_the_reason() -> None:
    detection = detected(with_dates(date.isoformat, name="contract_end"))
    assert why_out(detection, "contract_end") == (
        "contains dates to come, and nothing says when the file was made: add a column with the snapshot month"
    )


LEFT = (customers(400)["Churn"] == "Yes").tolist()


@pytest.mark.parametrize("name", ["end_date", "when", "dt_x", "fecha", "Ende"])
def test_a_date_that_only_leavers_have_is_leakage(name: str) -> None:
    drawn = [day if left else None for day, left in zip(days(missing=False), LEFT, strict=True)]
    why = why_out(detected(with_dates(date.isoformat, name=name, drawn=drawn)), name)
    assert why.startswith("gives the answer away")


@pytest.mark.parametrize("name", ["churn_date", "cancelled_at", "exit date", "Kündigungsdatum", "fecha_baja"])
def test_a_date_of_leaving_is_leakage_by_its_name(name: str) -> None:
    detection = detected(with_dates(date.isoformat, name=name, drawn=days(missing=False)))
    assert why_out(detection, name) == "gives the answer away: by its name it is the date of leaving"
    kept = detected(with_dates(date.isoformat, name=name, drawn=days(missing=False)), keep=(name,))
    assert name in {own.name for own in kept.attributes}


def test_a_date_that_is_the_same_for_everybody_is_left_out() -> None:
    columns = with_dates(date.isoformat, drawn=[LAST] * 400)
    assert why_out(detected(columns), "signup_date") == "is always the same (2024-05-31)"
    columns["signup_date"] = [f"2024-05-31 10:{row % 60:02d}:00" for row in range(400)]
    assert why_out(detected(columns), "signup_date") == "is the same date for everybody (2024-05-31)"


def unclear(day: date) -> str:
    return f"{day.day % 12 + 1:02d}/{day.month:02d}/{day.year}"


def test_dates_that_can_be_read_in_two_ways_are_asked_about() -> None:
    columns = with_dates(unclear)
    with pytest.raises(DatesUnclear, match="day or the month first") as asked:
        detected(columns)
    assert asked.value.field == "date_order"
    assert asked.value.question is not None
    assert asked.value.question.values == ("day-first", "month-first")
    assert detected(columns, format_override=FormatChoice(date_order="month-first")).reference_date == "2024-12-04"
    columns["last_login"] = [f"{day:%d/%m/%Y}" for day in days(missing=False, seed=9)]
    forms = {own.name: own.date_form for own in detected(columns).attributes if own.date_form}
    assert forms == {"signup_date": DateForm.DAY_FIRST, "last_login": DateForm.DAY_FIRST}


def with_commas(columns: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: [f"{20 + row % 70},{end}" for row in range(400)] for name, end in (("bill", "5"), ("paid", "25"))}
    return columns | numbers


@pytest.mark.parametrize("name", ["signup_date", "Eintrittsdatum", "fecha_alta", "date_adhesion", "data di nascita"])
@pytest.mark.parametrize("separator", ["/", "-"])
def test_a_decimal_comma_does_not_say_that_the_day_comes_first(name: str, separator: str) -> None:
    columns = with_commas(with_dates(lambda day: unclear(day).replace("/", separator), name=name))
    with pytest.raises(DatesUnclear, match="day or the month first"):
        detected(columns)
    with pytest.raises(DatesUnclear, match="day or the month first"):
        detected(columns | {"snapshot_month": ["2024-12"] * 400})


@pytest.mark.parametrize(("trained", "asked"), [("%d/%m/%Y", False), ("%m/%d/%Y", True), ("%Y-%m-%d", True)])
def test_with_a_decimal_comma_the_training_files_day_first_is_taken_and_told(
    trained: str, asked: bool, tmp_path: Path
) -> None:
    schema = learning_data(detected(with_commas(with_dates(lambda day: day.strftime(trained))))).schema
    columns = with_commas(with_dates(unclear))
    if asked:
        with pytest.raises(DatesUnclear, match="day or the month first"):
            scored(columns, schema, tmp_path)
        return
    codes, remarks = scored(columns, schema, tmp_path)
    chosen, silent = scored(columns, schema, tmp_path, FormatChoice(date_order="day-first"))
    assert np.array_equal(codes, chosen, equal_nan=True)
    assert remarks[0] == (
        "No date in “signup_date” shows whether the day or the month comes first. It is read with the day first, as "
        "the training file wrote it; this file has decimal commas. If that is wrong, choose “Dates are written” or use "
        "--dates month-first."
    )
    assert silent == remarks[1:]


@pytest.mark.parametrize("trained", ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y"])
def test_a_file_to_score_with_unclear_dates_is_asked_about(trained: str, tmp_path: Path) -> None:
    schema = learning_data(detected(with_dates(lambda day: day.strftime(trained)))).schema
    with pytest.raises(DatesUnclear, match="day or the month first"):
        scored(with_dates(unclear), schema, tmp_path)
    first, _ = scored(with_dates(unclear), schema, tmp_path, FormatChoice(date_order="day-first"))
    iso = with_dates(lambda day: f"{day.year}-{day.month:02d}-{day.day % 12 + 1:02d}")
    assert np.array_equal(first, scored(iso, schema, tmp_path)[0], equal_nan=True)


def test_a_file_to_score_without_dates_in_the_column_is_refused(tmp_path: Path) -> None:
    schema = learning_data(detected(with_dates(date.isoformat))).schema
    with pytest.raises(FileRefused, match="holds no dates that can be read"):
        scored(with_dates(lambda day: f"customer of {day.year}"), schema, tmp_path)


def test_a_file_to_score_without_the_column_has_no_ages(tmp_path: Path) -> None:
    data = learning_data(detected(with_dates(date.isoformat)))
    codes, remarks = scored(customers(400), data.schema, tmp_path)
    assert np.isnan(codes[:, data.schema.names.index("signup_date")]).all()
    assert remarks == ()


def test_numbers_that_are_no_dates_stay_numbers() -> None:
    columns = customers(400)
    columns["postcode"] = [20_000 + 37 * row for row in range(400)]
    columns["data_usage_mb"] = [41_000 + 13 * row for row in range(400)]
    columns["last_payment_amount"] = [43_000 + row % 300 for row in range(400)]
    kinds = {own.name: own.kind for own in detected(columns).attributes}
    assert ColumnKind.DATE not in kinds.values()
    assert kinds["data_usage_mb"] is kinds["last_payment_amount"] is ColumnKind.NUMERIC
