"""The month of a file, and files that follow each other."""

from __future__ import annotations

import pytest

from domain.errors import FileRefused
from domain.question import Subject
from domain.snapshot_month import in_words, month_at, month_in_name, month_question, must_follow_each_other, place_of


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("base_2026-05.csv", "2026-05"),
        ("base202605.csv", "2026-05"),
        ("20260531_customers.csv.gz", "2026-05"),
        ("2026_05 prepaid.csv", "2026-05"),
        ("customers 31-05-2026.csv", "2026-05"),
        ("05-2026.csv", "2026-05"),
        ("5.2026.csv", "2026-05"),
        ("Customers May 2026.csv", "2026-05"),
        ("base_mai2026.csv", "2026-05"),
        ("base-Dez-26.csv", "2026-12"),
        ("2026 september.csv", "2026-09"),
        ("exports/2025-01/base_2026-05.csv", "2026-05"),
        ("customers.csv", None),
        ("WA_Fn-UseC_-Telco-Customer-Churn.csv", None),
        ("2026-05 to 2026-06.csv", None),
        ("2026-13.csv", None),
        ("msisdn_0772026059912.csv", None),
        ("march.csv", None),
    ],
)
def test_a_file_name_may_say_the_month(name: str, month: str | None) -> None:
    assert month_in_name(name) == month


def test_months_are_numbers_that_follow_each_other() -> None:
    assert place_of("2027-01") - place_of("2026-12") == 1
    assert [month_at(place_of(month)) for month in ("2026-01", "2026-12", "")] == ["2026-01", "2026-12", ""]
    assert in_words("2026-05") == "May 2026"


def test_a_month_that_nothing_says_is_asked_for() -> None:
    question = month_question("export.csv", latest="2026-11")
    assert question.about is Subject.MONTH
    assert question.text.startswith("Which month does export.csv show?")
    assert (question.choices[0].value, question.choices[0].words) == ("2026-11", "November 2026")
    assert question.choices[11].value == "2025-12"


def test_months_that_follow_each_other_are_accepted() -> None:
    must_follow_each_other({"2026-12": ["b.csv"], "2026-11": ["a.csv"], "2027-01": ["c.csv"]})


def test_a_month_in_two_files_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        must_follow_each_other({"2026-04": ["a.csv", "b.csv"], "2026-05": ["c.csv"]})
    assert str(refused.value) == (
        "April 2026 is in 2 files: a.csv, b.csv. Leave out all but one of them, or correct the month of a file."
    )


def test_a_gap_between_months_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        must_follow_each_other({"2026-02": ["a.csv"], "2026-05": ["b.csv"]})
    assert str(refused.value) == (
        "There is no file of March 2026 and 1 more between February 2026 and May 2026. Add what is missing, or "
        "use only files of months that follow each other."
    )
