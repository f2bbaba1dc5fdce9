"""A file is learned from with the numbers, levels and labels that are read when the same file is scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection import detect
from adapters.ml.learning_data import LearningData, learning_data
from domain.schema import match_header
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


def spelled_in_many_ways() -> tuple[pd.DataFrame, str]:
    columns = customers()
    yes = columns["Churn"] == "Yes"
    churn = np.where(yes, ["Yes", "Y", "true", "1"] * 100, ["No", "N", "FALSE", "0"] * 100)
    pay = np.resize(["Yes", "No", "Y", "N", "1", "0"], 400)
    return pd.DataFrame(columns | {"Churn": churn, "pay": pay}), ","


@pytest.mark.parametrize("file", [european, huge, spelled_in_many_ways], ids=lambda own: own.__name__)
def test_learned_as_scored(file: object, tmp_path: Path) -> None:
    frame, delimiter = file()  # type: ignore[operator]
    path = tmp_path / "customers.csv"
    frame.to_csv(path, sep=delimiter, index=False)
    data = learned(path)
    codes, churned = scored(path, data)
    np.testing.assert_array_equal(codes, data.codes)
    np.testing.assert_array_equal(churned, data.churned)
