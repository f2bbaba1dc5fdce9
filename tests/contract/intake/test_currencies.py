"""Amounts in different currencies in a file to score, and in one to train on."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import FileRefused
from tests.contract.intake.test_decimal_marks import numbers


def test_a_file_with_two_currencies_in_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"different currencies, such as “\$5” and “€7”"):
        numbers(tmp_path / "f.csv", "spend", ["$5", "€7"] * 200)


def test_a_second_currency_is_found_in_a_later_block(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="different currencies, such as “12 USD” and “7 ZWL”"):
        numbers(tmp_path / "f.csv", "spend", ["12 USD"] * 300 + ["$5", "7 ZWL"])


def test_one_currency_in_several_spellings_is_read(tmp_path: Path) -> None:
    assert numbers(tmp_path / "f.csv", "spend", ["$5", "6 USD", "US$7", "8"] * 100)[:4] == [5.0, 6.0, 7.0, 8.0]
