"""Point or comma: what the numbers of a column prove, and when a person is asked."""

from __future__ import annotations

import pyarrow as pa
import pytest

from adapters.intake.number_marks import collect
from adapters.intake.numbers import spelled
from domain.errors import DecimalUnclear
from domain.number_marks import JudgedColumn, MarkEvidence, Spelling, decimal_marks

THOUSANDS = ["372", "2.915", "4.586", "980", "1.204", "3.117", "2.001"]
COMMA_THOUSANDS = [text.replace(".", ",") for text in THOUSANDS]


def column(texts: list[str], low: float | None = None, high: float | None = None, name: str = "spend") -> JudgedColumn:
    evidence = MarkEvidence()
    for start in range(0, len(texts), 3):  # in blocks, as a file is read
        collect(evidence, pa.array(texts[start : start + 3], pa.string()))
    return JudgedColumn(name, evidence, low, high)


def mark_of(own: JudgedColumn, *others: JudgedColumn, delimiter: str = ";") -> str:
    return decimal_marks(dict(enumerate([own, *others])), delimiter=delimiter, usual=".")[1][0]


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("2.915", Spelling.POINT_GROUP),
        ("2,915", Spelling.COMMA_GROUP),
        ("Rp 2.915", Spelling.POINT_GROUP),
        ("0,435", Spelling.COMMA),
        ("0.435", Spelling.POINT),
        ("2.91", Spelling.POINT),
        ("2,9155", Spelling.COMMA),
        ("1.234.567", Spelling.COMMA),
        ("1,23,456", Spelling.POINT),
        ("12,34,567.5", Spelling.POINT),
        ("1,234.5", Spelling.POINT),
        ("1.234,5", Spelling.COMMA),
        ("1 234,5", Spelling.COMMA),
        ("1'234.5", Spelling.POINT),
        ("1 234", Spelling.LARGE),
        ("2915", Spelling.LARGE),
        ("915", Spelling.HUNDREDS),
        ("15", Spelling.NEUTRAL),
        ("soon", Spelling.NEUTRAL),
        ("€ 1234.567", Spelling.POINT),
        ("-2.915", Spelling.POINT_GROUP),
    ],
)
def test_what_one_number_says(text: str, spelling: Spelling) -> None:
    assert spelled(text)[0] is spelling


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1", "2", "3", "0,435", "2,915"], ","),
        (["2.915", "3.1", "4"], "."),
        (["2.915", "1.234.567"], ","),
        (["2,915", "1,234.50"], "."),
        (["10", "20", "30"] * 50 + ["2,915", "0,5"], ","),
    ],
)
def test_a_columns_own_numbers_decide_wherever_they_stand(texts: list[str], mark: str) -> None:
    assert mark_of(column(texts)) == mark


def test_whole_numbers_below_one_thousand_make_groups_thousands() -> None:
    assert mark_of(column(THOUSANDS)) == ","
    assert mark_of(column(COMMA_THOUSANDS)) == "."
    with pytest.raises(DecimalUnclear):
        mark_of(column(THOUSANDS[:5]))  # three groups are too few


def test_whole_numbers_from_one_thousand_make_groups_fractions() -> None:
    assert mark_of(column([*THOUSANDS, "2915"])) == "."


@pytest.mark.parametrize(
    ("low", "high", "mark"), [(500.0, 9_000.0, ","), (0.5, 90.0, "."), (100.0, 4_600.0, ","), (-3.0, 20.0, ".")]
)
def test_the_trained_range_decides(low: float, high: float, mark: str) -> None:
    assert mark_of(column(["2.915", "4.586"], low, high)) == mark


def test_a_range_that_holds_both_readings_decides_nothing() -> None:
    with pytest.raises(DecimalUnclear) as asked:
        mark_of(column(["2.915", "4.586"], 0.0, 9_000.0))
    assert str(asked.value) == (
        "In the column “spend”, 2.915, 4.586 can be read in two ways: 2.915 is 2.915 or 2915. "
        "Choose whether the decimal mark of the file is a point or a comma."
    )
    assert asked.value.field == "decimal"
    assert asked.value.question is not None
    assert [(choice.value, choice.words) for choice in asked.value.question.choices] == [
        (".", "Decimal point: 2.915 is 2.915"),
        (",", "Decimal comma: 2.915 is 2915"),
    ]


def test_other_columns_decide_unless_something_speaks_against_it() -> None:
    comma, point = column(["1,5", "2,25"]), column(["1.5", "2.25"])
    assert mark_of(column(["2.915", "4.586"]), comma) == ","
    assert mark_of(column(["2.915", "4.586"]), point) == "."
    assert mark_of(column(THOUSANDS), comma) == ","
    with pytest.raises(DecimalUnclear):
        mark_of(column(THOUSANDS), point)
    with pytest.raises(DecimalUnclear):
        mark_of(column(["2.915", "4.586"]), point, comma)
    assert mark_of(column(THOUSANDS, 300.0, 9_000.0), point) == ","


def test_quoted_groups_between_commas_are_thousands() -> None:
    assert mark_of(column(["2,915", "4,586"]), delimiter=",") == "."
    for delimiter in (";", "\t", "|"):
        with pytest.raises(DecimalUnclear):
            mark_of(column(["2,915", "4,586"]), delimiter=delimiter)


def test_a_column_with_both_marks_is_asked_about_if_it_matters() -> None:
    assert mark_of(column(["1.5", "2,25"])) == "."
    for texts in (["1.5", "2,25", "2.915"], ["2.915", "4,586"]):
        with pytest.raises(DecimalUnclear):
            mark_of(column(texts))


def test_each_column_has_its_own_mark_and_the_file_the_most_frequent_one() -> None:
    columns = {3: column(["1,5"]), 5: column(["2,25"]), 7: column(["2.5", "2.915"]), 9: column(["1", "2"])}
    assert decimal_marks(columns, delimiter=";", usual=".") == (",", {3: ",", 5: ",", 7: "."})
    assert decimal_marks({0: column(["1", "2"])}, delimiter=";", usual=",") == (",", {})


def test_text_without_numbers_is_no_large_number() -> None:
    assert column(["Unlimited", "blank"]).evidence.counts == {Spelling.NEUTRAL: 2}
