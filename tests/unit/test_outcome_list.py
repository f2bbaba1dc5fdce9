"""Lists of outcomes: which column says what, which words mean left or stayed, and what rows say together."""

from __future__ import annotations

from datetime import date

import pytest

from domain.campaign_members import Outcome
from domain.errors import FileRefused
from domain.outcome_list import (
    ListedRow,
    OutcomeRow,
    RowProblem,
    SortedRows,
    columns_of,
    outcome_of_word,
    problems,
)

STAYED, LEFT = Outcome.STAYED, Outcome.LEFT
DAY, LATER = date(2026, 11, 30), date(2026, 12, 5)
MEMBERS = {"A": 1, "B": 2, "C": 3, "D": 4}


@pytest.mark.parametrize(
    "word", ["left", "Left", "CHURNED", "gekündigt", "résilié", "ушёл", "解約済み", "baja", "Canceled"]
)
def test_words_for_leaving_are_understood_in_many_languages(word: str) -> None:
    assert outcome_of_word(word, None) is LEFT


@pytest.mark.parametrize(
    "word", ["stayed", "Active", "No Churn", "geblieben", "actif", "активен", "継続中", "not churned"]
)
def test_words_for_staying_are_understood_in_many_languages(word: str) -> None:
    assert outcome_of_word(word, None) is STAYED


def test_yes_and_no_mean_what_the_heading_says() -> None:
    assert [outcome_of_word(word, True) for word in ("yes", "1", "ja", "no", "0", "False")] == [LEFT] * 3 + [STAYED] * 3
    assert [outcome_of_word(word, False) for word in ("oui", "1.0", "no")] == [STAYED, STAYED, LEFT]
    assert outcome_of_word("yes", None) is None
    assert outcome_of_word("perhaps", True) is None
    assert outcome_of_word("", True) is None


def test_columns_are_recognised_by_heading_and_content() -> None:
    columns = columns_of(["Kundennummer", "Ergebnis", "Datum"], [["1", "gekündigt", "30.11.2026"], ["2", "aktiv", ""]])
    assert (columns.customer, columns.outcome, columns.day) == (0, 1, 2)
    assert columns.words == "“Kundennummer”, “Ergebnis” and “Datum”"
    columns = columns_of(["left_on", "churned", "customer_id"], [["", "0", "A"], ["2026-11-30", "1", "B"]])
    assert (columns.customer, columns.outcome, columns.day, columns.yes_left) == (2, 1, 0, True)
    columns = columns_of(["customer_id", "retained"], [["A", "yes"]])
    assert (columns.outcome, columns.day, columns.yes_left) == (1, None, False)
    assert columns.words == "“customer_id” and “retained”"


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        (["a", "b"], ["1", "left"], "No column with the customers’ ids"),
        (["customer_id", "colour"], ["1", "blue"], "No column that says who left or stayed"),
        (["customer_id", "answer"], ["1", "yes"], "can mean that the customer left, or stayed"),
        (["customer_id", "before", "after"], ["1", "stayed", "left"], "Several columns can hold the outcome"),
    ],
)
def test_a_list_whose_columns_are_not_clear_is_refused(header: list[str], row: list[str], words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        columns_of(header, [row])


def sorted_of(*rows: OutcomeRow) -> SortedRows:
    found = SortedRows(MEMBERS)
    for row in rows:
        found.add(row)
    return found


def test_rows_are_matched_doubled_contradicting_or_of_nobody() -> None:
    rows = (
        OutcomeRow(2, "A", LEFT, DAY),
        OutcomeRow(3, "B", STAYED),
        OutcomeRow(4, "X", STAYED),
        OutcomeRow(5, "A", LEFT, DAY),
        OutcomeRow(6, "B", LEFT),
        OutcomeRow(7, "C", fault="has no outcome"),
        OutcomeRow(8, "C", STAYED),
        OutcomeRow(9, "B", STAYED),
    )
    found = sorted_of(*rows)
    assert (found.rows, found.matched, found.unmatched, found.unreadable) == (8, 6, 1, 1)
    assert (found.doubled, found.contradicting, found.left_out, found.clean) == (1, 3, 4, False)
    assert found.outcomes == {1: (LEFT, DAY), 3: (STAYED, None)}
    assert [(row.line, row.customer_id) for row in found.listed(RowProblem.CONTRADICTING)] == [
        (3, "B"),
        (6, "B"),
        (9, "B"),
    ]
    assert found.listed(RowProblem.DOUBLED) == (ListedRow(5, "A", RowProblem.DOUBLED),)
    assert found.listed(RowProblem.UNMATCHED) == (ListedRow(4, "X", RowProblem.UNMATCHED),)
    assert found.listed(RowProblem.UNREADABLE) == (ListedRow(7, "C", RowProblem.UNREADABLE, "has no outcome"),)
    assert [(row.line, row.problem.value) for row in problems(rows, MEMBERS, found.contradicted)] == [
        (3, "contradicting"),
        (4, "unmatched"),
        (5, "doubled"),
        (6, "contradicting"),
        (7, "unreadable"),
        (9, "contradicting"),
    ]


def test_a_day_that_only_one_of_two_rows_has_is_used_and_two_days_contradict() -> None:
    found = sorted_of(OutcomeRow(2, "A", LEFT), OutcomeRow(3, "A", LEFT, DAY), OutcomeRow(4, "A", LEFT))
    assert (found.outcomes, found.doubled, found.clean) == ({1: (LEFT, DAY)}, 2, True)
    found = sorted_of(OutcomeRow(2, "A", LEFT, DAY), OutcomeRow(3, "A", LEFT, LATER))
    assert (found.outcomes, found.contradicting) == ({}, 2)
    found = sorted_of(OutcomeRow(2, "A", STAYED, DAY), OutcomeRow(3, "A", STAYED, LATER))
    assert (found.outcomes, found.doubled) == ({1: (STAYED, None)}, 1)


def test_of_many_rows_only_the_first_twenty_are_listed() -> None:
    found = sorted_of(*(OutcomeRow(line, f"X{line}", STAYED) for line in range(2, 40)))
    assert found.unmatched == 38
    assert [row.line for row in found.listed(RowProblem.UNMATCHED)] == list(range(2, 22))
