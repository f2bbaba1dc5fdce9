"""Columns of numbers with units in a training file."""

from __future__ import annotations

import pytest

from adapters.ml.detection.labelled_file import Detected, detect
from adapters.ml.training.learning_data import learning_data
from domain.errors import InvalidInput
from domain.schema import Column, ColumnKind
from domain.training import TrainingRequest
from domain.vocabulary.tenure import TenureUnit
from tests.unit.ml.files import a_table, customers


def detected(cells: list[str], name: str = "Use", **request: TenureUnit) -> Detected:
    return detect(a_table({**customers(), name: cells}), TrainingRequest(target="Churn", **request))


def column_of(cells: list[str], name: str = "Use") -> Column | None:
    detection = detected(cells, name)
    return next((own for own in learning_data(detection).schema.columns if own.name == name), None)


@pytest.mark.parametrize(
    ("end", "unit"),
    [
        (" GB", "GB"),
        ("mb", "MB"),
        (" Min.", "minutes"),
        (" Mbit/s", "Mbit/s"),
        (" km", "km"),
        (" mois", "months"),
        (" GB per month", "GB/month"),
        (" dBm", "dBm"),
        (" °C", "°C"),
        (" звонков", "звонков"),
    ],
)
def test_numbers_with_one_unit_are_numbers(end: str, unit: str) -> None:
    column = column_of([f"{row % 97 + 0.5}{end}" for row in range(400)])
    assert column is not None
    assert (column.kind, column.unit) == (ColumnKind.NUMERIC, unit)
    assert (column.minimum, column.maximum, column.typical) == (0.5, 96.5, "47")


@pytest.mark.parametrize(
    ("cells", "unit", "smallest", "largest"),
    [
        ([f"{row % 50 + 1} GB" if row % 3 else f"{512 * (row % 3 + 1)} MB" for row in range(400)], "GB", 0.5, 50.0),
        (
            [f"{3 * (row % 40) + 3}m" if row % 4 else f"{row % 5 + 1}h" for row in range(400)],
            "hours",
            0.1,
            5.0,
        ),
        ([f"{row % 6 + 1}h {row % 60}m" for row in range(400)], "minutes", 60.0, 419.0),
        ([f"{row % 40 + 1} months" if row % 4 else f"{row % 3 + 1} yrs" for row in range(400)], "months", 2.0, 40.0),
        (["0" if row % 5 == 0 else f"{row % 90 + 1} km" for row in range(400)], "km", 0.0, 90.0),
        ([f"{row % 90 + 1} GB" if row % 3 else f"{row % 80 + 1}" for row in range(400)], "GB", 1.0, 90.0),
    ],
)
def test_units_of_one_dimension_become_the_most_frequent(
    cells: list[str], unit: str, smallest: float, largest: float
) -> None:
    column = column_of(cells)
    assert column is not None
    assert (column.kind, column.unit) == (ColumnKind.NUMERIC, unit)
    assert (column.minimum, column.maximum) == (smallest, largest)


@pytest.mark.parametrize(
    "cells",
    [
        [f"{row % 97} {'GB' if row % 2 else 'min'}" for row in range(400)],
        [f"{row % 97} {'GB' if row % 33 else 'min'}" for row in range(400)],
        [f"{row % 97} %" if row % 2 else f"{row % 40} GB" for row in range(400)],
        [f"${row % 97}" if row % 2 else f"{row % 40} GB" for row in range(400)],
        [f"{row % 97} GB" if row % 3 else f"{row % 900} MB" if row % 2 else f"{row % 70}" for row in range(400)],
        [f"{row % 97} xyz" if row % 9 else f"{row % 70}" for row in range(400)],
        [f"{row % 97}k" for row in range(400)],
        [f"{row % 28 + 1} Jan" for row in range(400)],
        [f"Plan {row % 97}" for row in range(400)],
        [f"{row % 97}-{row % 97 + 5} years" for row in range(400)],
    ],
)
def test_cells_of_several_dimensions_or_without_a_unit_are_no_numbers(cells: list[str]) -> None:
    column = column_of(cells)
    assert column is None or column.kind is ColumnKind.CATEGORICAL


@pytest.mark.parametrize(
    "levels",
    [
        ("1 month", "12 months", "24 months"),
        ("1 year", "2 year", "Month-to-month"),
        ("3G", "4G", "5G"),
        ("10 Mbit/s", "50 Mbit/s", "100 Mbit/s", "1 Gbit/s"),
        ("5 GB", "20 GB", "50 GB", "Unlimited"),
    ],
)
def test_a_few_terms_or_tariffs_stay_levels(levels: tuple[str, ...]) -> None:
    column = column_of([levels[row % len(levels)] for row in range(400)])
    assert column is not None
    assert (column.kind, set(column.levels), column.unit) == (ColumnKind.CATEGORICAL, set(levels), None)


@pytest.mark.parametrize("end", ["A", "d", "-X", " xyz", "s"])
def test_ids_with_letters_are_no_numbers(end: str) -> None:
    detection = detected([f"{10_000 + row}{end}" for row in range(400)])
    assert "Use" not in [own.name for own in detection.attributes]


def test_a_few_words_next_to_numbers_with_units_are_missing_values() -> None:
    detection = detected(["Unlimited" if row % 25 == 0 else f"{row % 97}.5 GB" for row in range(400)])
    assert detection.notes == (
        "'Use' is read as numbers in GB. Cells in other units are converted. A GB is 1,024 MB, and a MB is 1,024 KB.",
        (
            "'Use' is read as numbers. Not a number: 'Unlimited' (16 customers). The model learns from these customers "
            "as a separate group, whose value is shown as unknown."
        ),
    )
    column = learning_data(detection).schema.column("Use")
    assert (column.missing_rate, column.minimum, column.maximum) == (0.04, 0.5, 96.5)


@pytest.mark.parametrize(
    ("name", "end", "value"), [("data_gb", "MB", 0.5), ("data_mb", "GB", 524_288.0), ("call_minutes", "h", 30_720.0)]
)
def test_the_name_of_a_column_says_the_unit_of_its_plain_numbers(name: str, end: str, value: float) -> None:
    cells = [f"512 {end}" if row == 100 else f"{row % 97 + 1}" for row in range(400)]
    column = column_of(cells, name)
    assert column is not None
    assert column.kind is ColumnKind.NUMERIC
    assert value in (column.minimum, column.maximum)


def test_the_cells_of_a_tenure_say_its_unit() -> None:
    cells = [f"{row % 60 + 1} months" for row in range(400)]
    assert detected(cells, "tenure").tenure_unit is TenureUnit.MONTHS
    assert detected([f"{row % 20 + 0.5} Jahre" for row in range(400)], "tenure").tenure_unit is TenureUnit.YEARS
    with pytest.raises(InvalidInput, match="have units, and most are months, so it cannot be in years"):
        detected(cells, "tenure", tenure_unit=TenureUnit.YEARS)
