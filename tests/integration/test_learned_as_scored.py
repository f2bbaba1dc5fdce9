"""A file is learned from with the numbers, levels and labels that are read when the same file is scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.labelled_file import detect
from adapters.ml.training.learning_data import LearningData, learning_data
from domain.header_matching import match_header
from domain.training import TrainingRequest
from tests.unit.ml.files import customers


def with_commas(numbers: np.ndarray) -> list[str]:
    return [f"{number:.3f}".replace(".", ",") for number in numbers]


def thousands_with_points(numbers: np.ndarray) -> list[str]:
    return [f"{number:,.0f}".replace(",", ".") for number in numbers]


def learned(path: Path) -> LearningData:
    files = CsvCustomerFiles()
    return learning_data(detect(files.load(path, format=files.preview(path).format), TrainingRequest()))


def scored(path: Path, data: LearningData) -> tuple[np.ndarray, np.ndarray]:
    """Codes and labels, as a file to score gives them."""
    files = CsvCustomerFiles()
    preview = files.preview(path)
    match = match_header(data.schema, preview.header)
    reading = files.read(path, schema=data.schema, match=match, format=preview.format)
    batches = [batch.data for batch in reading.batches()]
    assert reading.report().rejected == 0
    codes = np.concatenate([data.vocabulary.codes(batch) for batch in batches])
    return codes, np.concatenate([batch.column("actual").to_numpy(zero_copy_only=False) for batch in batches])


def european() -> tuple[pd.DataFrame, str]:
    """Three decimals after the comma look like thousands."""
    draw = np.random.default_rng(1)
    columns = customers() | {
        "ratio": with_commas(draw.random(400)),
        "MonthlyCharges": with_commas(draw.random(400) * 90),
        "balance": thousands_with_points(draw.random(400) * 90_000),
    }
    return pd.DataFrame(columns), ";"


def huge() -> tuple[pd.DataFrame, str]:
    usage = (np.random.default_rng(2).random(400) * 90).round(2).astype(object)
    usage[::50], usage[3], usage[5] = "1e308", "inf", "-1e35"
    return pd.DataFrame(customers() | {"usage": usage, "nothing but": "1e40"}), ","


def with_units() -> tuple[pd.DataFrame, str]:
    """One unit, several units of one dimension, a decimal comma, parts of hours, an unknown word, and an odd cell."""
    draw = np.random.default_rng(4)
    gigabytes, minutes = draw.integers(1, 480, 400) / 8, draw.integers(60, 900, 400)
    columns = customers() | {
        "data": [f"{g} GB" if row % 3 else f"{g * 1024:.0f}MB" for row, g in enumerate(gigabytes)],
        "calls": [f"{m // 60}h {m % 60}m" if row % 2 else f"{m} min" for row, m in enumerate(minutes)],
        "speed": [f"{g:.3f} Mbit/s".replace(".", ",") for g in gigabytes],
        "signal": [f"-{m % 97 + 1} dBm" for m in minutes],
        "roaming": ["Unlimited" if row % 40 == 0 else f"{m} MB" for row, m in enumerate(minutes)],
        "term": [f"{(12, 24, 36)[m % 3]} months" for m in minutes],
    }
    return pd.DataFrame(columns), ";"


def spelled_in_many_ways() -> tuple[pd.DataFrame, str]:
    columns = customers()
    yes = columns["Churn"] == "Yes"
    churn = np.where(yes, ["Yes", "Y", "true", "1"] * 100, ["No", "N", "FALSE", "0"] * 100)
    pay = np.resize(["Yes", "No", "Y", "N", "1", "0"], 400)
    return pd.DataFrame(columns | {"Churn": churn, "pay": pay}), ","


@pytest.mark.parametrize("file", [european, huge, spelled_in_many_ways, with_units], ids=lambda own: own.__name__)
def test_training_and_scoring_cast_a_file_in_the_same_way(file: object, tmp_path: Path) -> None:
    frame, delimiter = file()  # type: ignore[operator]
    path = tmp_path / "customers.csv"
    frame.to_csv(path, sep=delimiter, index=False)
    data = learned(path)
    codes, churned = scored(path, data)
    np.testing.assert_array_equal(codes, data.codes)
    np.testing.assert_array_equal(churned, data.churned)


def test_numbers_in_other_units_get_the_codes_of_the_plain_numbers(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    gigabytes, months = draw.integers(1, 480, 400) / 8, draw.integers(1, 73, 400)
    columns = customers()
    forms = {
        "units": (lambda g: f"{g} GB", lambda m: f"{m} months"),
        "plain": (str, str),
        "other": (lambda g: f"{g * 1024} MB", lambda m: f"{m / 12!r} yrs"),
        "mixed": (lambda g: f"{g / 1024!r}TB" if g > 9 else f"{g}GB", lambda m: f"{m // 12}y {m % 12}m"),
        "french": (lambda g: f"{g * 1024:.1f} Mo".replace(".", ","), lambda m: f"{m} mois"),
    }
    for name, (data, age) in forms.items():
        frame = pd.DataFrame(columns | {"data": map(data, gigabytes.tolist()), "age": map(age, months.tolist())})
        frame.to_csv(tmp_path / f"{name}.csv", sep=";" if name == "french" else ",", index=False)
    model = learned(tmp_path / "units.csv")
    for name in forms:
        codes, _ = scored(tmp_path / f"{name}.csv", model)
        np.testing.assert_array_equal(codes, model.codes)
