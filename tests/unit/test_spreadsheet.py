"""Text that a spreadsheet program could take for a formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.spreadsheet import spreadsheet_safe

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫")
BEFORE = ("", " ", "\u00a0", "\u3000", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u200b ", " \u200b", "\x00", "\u2028")


@pytest.mark.parametrize("before", [*BEFORE, "\n", "\r\n", "\t", "\r", " \n "])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_behind_anything_invisible_is_marked_as_text(before: str, sign: str) -> None:
    assert spreadsheet_safe(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize("text", ["\tSUM(1)", "\rSUM(1)", "\nSUM(1)"])
def test_a_text_that_begins_with_a_control_character_is_marked_as_text(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "7590-VHVEG", "-5.3", "+263771234567", "-1,234.50", "1e5", "a=b", "'=1+1", " plain", "(=1)", "é=1"]
)
def test_numbers_and_harmless_text_stay_as_they_are(text: str) -> None:
    assert spreadsheet_safe(text) == text


@given(st.text())
def test_a_text_is_marked_once_at_most(text: str) -> None:
    once = spreadsheet_safe(text)
    assert once in (text, f"'{text}")
    assert spreadsheet_safe(once) == once
