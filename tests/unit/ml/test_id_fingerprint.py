"""The hashes of a training file's customers, from which the fingerprint of a version is made."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.training.learning_data import learning_data
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers


@pytest.mark.parametrize(
    ("ids", "distinct"),
    [
        ([f"C-{row}" for row in range(200)], 200),
        ([str(70_001 + row) for row in range(200)], 200),
        ([str(200 - row) for row in range(200)], 200),
        ([f"C-{row // 2}" for row in range(200)], 100),
        ([str(1 + row) for row in range(200)], None),
        ([str(row) for row in range(200)], None),
    ],
    ids=["codes", "numbers", "numbers backwards", "two rows each", "row numbers", "row numbers from zero"],
)
def test_every_customer_is_hashed_once_and_row_numbers_are_no_customers(
    ids: Sequence[str], distinct: int | None
) -> None:
    table = a_table({**customers(200), "customerID": ids})
    hashes = learning_data(detect(table, TrainingRequest(id_column="customerID"))).id_hashes
    assert (hashes if hashes is None else len(hashes)) == distinct


def test_a_file_without_ids_has_no_hashes() -> None:
    columns = customers(200)
    del columns["customerID"]
    assert learning_data(detect(a_table(columns), TrainingRequest())).id_hashes is None
