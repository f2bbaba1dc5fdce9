"""Questions about files, and their answers."""

from __future__ import annotations

import pytest

from domain.dates import order_question
from domain.file_format import FormatChoice
from domain.question import Choice, Question, Subject
from domain.training import TrainingRequest
from tests.builders import a_question, a_run

DECIMAL = a_question(about=Subject.DECIMAL, choices=(Choice(".", "Decimal point"), Choice(",", "Decimal comma")))


@pytest.mark.parametrize(
    ("question", "answer", "accepted"),
    [
        (DECIMAL, [","], True),
        (DECIMAL, [".", ","], False),
        (DECIMAL, [";"], False),
        (DECIMAL, [], False),
        (a_question(), ["Vol", "InVol"], True),
        (a_question(), ["Vol", "Gone"], False),
    ],
)
def test_only_offered_choices_answer_a_question(question: Question, answer: list[str], accepted: bool) -> None:
    assert question.accepts(answer) is accepted


def test_the_answer_to_when_a_column_is_known_replaces_an_earlier_one() -> None:
    asked = Question(Subject.KNOWN, "?", (Choice("before", "Yes"), Choice("afterwards", "No")), "score")
    used = TrainingRequest(known_before=("bill",)).with_answer(asked, ["before"])
    assert (used.known_before, used.known_afterwards) == (("bill", "score"), ())
    left_out = used.with_answer(asked, ["afterwards"])
    assert (left_out.known_before, left_out.known_afterwards) == (("bill",), ("score",))


@pytest.mark.parametrize(
    ("texts", "shown", "day_first", "month_first"),
    [
        (["03/04/2024", "05/06/2024"], "03/04/2024", "3 April 2024", "4 March 2024"),
        (["04/04/2024", "12-11-2023"], "12-11-2023", "12 November 2023", "11 December 2023"),
        (["", "00/00/0000", "1/2/24 08:30"], "1/2/24", "1 February 2024", "2 January 2024"),
    ],
)
def test_the_question_about_dates_shows_both_readings(
    texts: list[str], shown: str, day_first: str, month_first: str
) -> None:
    question = order_question("joined", texts).question
    assert question is not None
    assert question.text == (
        f"The dates in “joined” can be read with the day or the month first, for example “{shown}”. Choose which it is."
    )
    assert question.choices == (
        Choice("day-first", f"Day first: {shown} is {day_first}"),
        Choice("month-first", f"Month first: {shown} is {month_first}"),
    )


def test_the_question_about_dates_is_asked_without_an_example_too() -> None:
    question = order_question("joined", []).question
    assert question is not None
    assert [choice.words for choice in question.choices] == ["Day first", "Month first"]


@pytest.mark.parametrize(
    ("about", "value", "expected"),
    [
        (Subject.DECIMAL, ",", FormatChoice("cp1250", ";", ",")),
        (Subject.DATE_ORDER, "month-first", FormatChoice("cp1250", ";", None, "month-first")),
        (Subject.ENCODING, "cp1252", FormatChoice("cp1252", ";")),
    ],
)
def test_an_answer_about_the_format_changes_one_choice(about: Subject, value: str, expected: FormatChoice) -> None:
    question, given = a_question(about=about), FormatChoice("cp1250", ";")
    assert a_run(format_override=given).with_answer(question, value).format_override == expected
    assert TrainingRequest(format_override=given).with_answer(question, [value]).format_override == expected


def test_an_answer_about_who_left_names_the_column_and_its_values() -> None:
    asked = TrainingRequest(target="plan", positive="basic", seen=("basic", "extra"))
    answered = asked.with_answer(a_question(), ["Vol", "InVol"])
    assert (answered.target, answered.positives) == ("status", ("Vol", "InVol"))
    assert answered.seen == ("Vol", "InVol", "Current")


def test_an_answer_about_the_ids_names_a_column() -> None:
    question = a_question(about=Subject.CUSTOMER, column="customerID", choices=(Choice("3", "custno"),))
    assert a_run(matches=(("Contract", 1),)).with_answer(question, "3").matches == (("Contract", 1), ("customerID", 3))


def test_an_answer_about_the_ids_of_a_model_without_ids_names_the_files_column() -> None:
    question = a_question(
        about=Subject.CUSTOMER, column=None, choices=(Choice("3", "custno"), Choice("-1", "No column"))
    )
    assert a_run().with_answer(question, "3").matches == (("custno", 3),)
    assert a_run().with_answer(question, "-1").matches == (("No column", -1),)
