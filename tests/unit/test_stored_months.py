"""Stored months of a base: those that follow each other, and what is missing."""

from __future__ import annotations

import pytest

from domain.file_format import FormatChoice
from domain.run import RunId
from domain.stored_months import StoredMonth, StoredMonths, are_in_a_row, following_each_other


def stored(*months: str) -> StoredMonth:
    return StoredMonth(RunId(f"run-{months[0]}"), f"{months[0]}.csv", 100, months, 10, FormatChoice())


def test_the_newest_months_without_a_gap_are_used() -> None:
    found = following_each_other([stored("2026-05"), stored("2026-01"), stored("2026-03", "2026-04")])
    assert (found.months, found.earlier) == (("2026-03", "2026-04", "2026-05"), ("2026-01",))
    assert following_each_other([]) == StoredMonths(())
    assert following_each_other([stored("2025-12"), stored("2026-01")]).months == ("2025-12", "2026-01")


@pytest.mark.parametrize(
    ("months", "horizon", "sentence"),
    [
        ((), 1, "No file with a known month is stored: score the files of 3 months that follow each other."),
        (
            ("2026-03",),
            1,
            "3: March 2026 is stored: score the files of April to May 2026, or of months before.",
        ),
        (
            ("2026-03", "2026-04"),
            1,
            "3: March to April 2026 are stored: score the file of May 2026, or that of February 2026.",
        ),
        (("2026-03", "2026-04", "2026-05"), 1, ""),
        (
            ("2026-03", "2026-04", "2026-05"),
            2,
            "5: March to May 2026 are stored: score the files of June to July 2026, or of months before.",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(months: tuple[str, ...], horizon: int, sentence: str) -> None:
    found = StoredMonths(tuple(map(stored, months)))
    needed, _, rest = sentence.partition(": ")
    if needed.isdigit():
        sentence = f"Training again needs {needed} months that follow each other, and only {rest}"
    assert found.missing_words(horizon) == sentence
    assert found.is_enough(horizon) is not bool(sentence)


def test_each_month_has_its_use() -> None:
    found = StoredMonths((stored("2026-01"), stored("2026-02", "2026-03")))
    assert [found.use_of(month, 1) for month in found.months] == ["learned from", "compared on", "shows who left"]


def test_months_of_one_file_follow_each_other_or_not() -> None:
    assert are_in_a_row(("2025-12", "2026-01"))
    assert not are_in_a_row(("2025-12", "2026-02"))
