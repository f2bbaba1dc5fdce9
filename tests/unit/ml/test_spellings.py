"""Different spellings of one value in a training file."""

from __future__ import annotations

import pandas as pd
import pytest

from adapters.ml.detection.spellings import merged_spellings
from adapters.ml.detection.text_columns import text_column


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["Yes", "yes", "YES ", "No", "Yes"], ["Yes", "No"]),
        (["WAHR", "FALSCH", "TRUE", "FALSE", "WAHR", "FALSCH"], ["WAHR", "FALSCH"]),
        (["1", "0", "1.0", "0,00", "1", "0"], ["1", "0"]),
        (["One year", "one-year", "One year", "Two year"], ["One year", "Two year"]),
        (["NORTE", "Norte", "Norte", "sur"], ["Norte", "sur"]),
        (["12", "12.0", "13"], ["12", "12.0", "13"]),
        (["Ja", "Nein", "Vielleicht"], ["Ja", "Nein", "Vielleicht"]),
    ],
)
def test_spellings_of_one_value_are_one_value(cells: list[str], values: list[str]) -> None:
    column = merged_spellings(text_column("c", pd.Series(cells, dtype="str")))
    assert list(column.values) == values
    assert column.counts.sum() == len(cells)
