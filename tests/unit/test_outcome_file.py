"""What a file with outcomes is taken for, and how answers change its reading."""

from __future__ import annotations

import pytest

from domain.campaign_outcomes import must_not_be_its_own
from domain.errors import InvalidInput
from domain.file_format import FormatChoice
from domain.outcome_file import FileKind, OutcomeReading, ids_question, kind_of, kind_question
from domain.question import Choice, Question, Subject
from tests.builders import a_campaign


@pytest.mark.parametrize(
    ("is_list", "others", "known", "attributes", "kind"),
    [
        (True, 0, 0, 19, FileKind.LIST),
        (True, 2, 0, 19, FileKind.LIST),
        (True, 3, 0, 19, None),
        (True, 1, 1, 19, None),
        (True, 15, 9, 19, None),
        (True, 15, 10, 20, FileKind.CUSTOMERS),
        (True, 0, 0, 0, FileKind.LIST),
        (True, 9, 0, 0, None),
        (False, 0, 0, 19, FileKind.CUSTOMERS),
        (False, 30, 0, 0, FileKind.CUSTOMERS),
    ],
)
def test_a_table_with_outcomes_is_a_list_unless_it_describes_customers(
    is_list: bool, others: int, known: int, attributes: int, kind: FileKind | None
) -> None:
    assert kind_of(is_list=is_list, others=others, known=known, attributes=attributes) is kind


def test_answers_change_the_reading_and_nothing_else() -> None:
    reading = OutcomeReading(choice=FormatChoice(delimiter=";"))
    dates = Question(Subject.DATE_ORDER, "?", (Choice("day-first", "Day first"), Choice("month-first", "Month first")))
    left = Question(Subject.LEFT, "?", (Choice("A", "A"), Choice("B", "B"), Choice("C", "C")), "status")

    assert reading.with_answer(kind_question("x.csv"), ["customers"]) == OutcomeReading(
        FileKind.CUSTOMERS, FormatChoice(delimiter=";")
    )
    assert reading.with_answer(ids_question(["a", "b", ""], (0, 2)), ["2"]).id_position == 2
    assert reading.with_answer(dates, ["day-first"]).choice == FormatChoice(delimiter=";", date_order="day-first")
    answered = reading.with_answer(left, ["A", "C"])
    assert (answered.truth, answered.left, answered.seen) == ("status", ("A", "C"), ("A", "B", "C"))
    for question, answer in ((left, ["D"]), (left, []), (dates, ["day-first", "month-first"])):
        with pytest.raises(InvalidInput, match="Choose one"):
            reading.with_answer(question, answer)


def test_columns_without_a_name_can_be_chosen_as_ids() -> None:
    assert [choice.words for choice in ids_question(["a", " "], (0, 1)).choices] == ["a", "Column 2"]


def test_the_campaigns_own_file_shows_nobody_who_left() -> None:
    must_not_be_its_own(a_campaign(), "abc", None)
    must_not_be_its_own(a_campaign(), "abc", "def")
    with pytest.raises(InvalidInput, match="was made from this file"):
        must_not_be_its_own(a_campaign(), "abc", "abc")
