"""Percentages against shares: what a percent sign or the size of numbers decides, and what is asked."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import UnitUnclear
from domain.percentages import Reading, Scale, percent_reading, scale_of
from domain.question import AS_WRITTEN, Question, Subject
from domain.schema import Column, ColumnKind
from domain.vocabulary.units import names_share

SHARE, PERCENTAGE = Scale.SHARE, Scale.PERCENTAGE


def a_column(low: float, high: float, typical: float | None = None, **more: Any) -> Column:
    text = None if typical is None else f"{typical:.12g}"
    return Column(more.pop("name", "usage"), ColumnKind.NUMERIC, minimum=low, maximum=high, typical=text, **more)


SHARES, PERCENTAGES, UNCLEAR = a_column(0.0, 0.9, 0.3), a_column(1.0, 95.0, 40.0), a_column(0.0, 3.0, 0.8)


def question_of(column: Column, **numbers: list[float]) -> Question | None:
    try:
        percent_reading("Nutzung", column, **({"signed": [], "plain": [], "chosen": None} | numbers))  # type: ignore[arg-type]
    except UnitUnclear as unclear:
        return unclear.question
    return None


@pytest.mark.parametrize(
    ("column", "scale"),
    [
        (SHARES, SHARE),
        (a_column(-0.5, 1.0), SHARE),
        (PERCENTAGES, PERCENTAGE),
        (a_column(0.0, 60.0), PERCENTAGE),
        (a_column(0.0, 8.0, 3.5), PERCENTAGE),
        (a_column(0.0, 0.9, percent_signs=True), PERCENTAGE),
        (UNCLEAR, None),
        (a_column(-4.0, 0.9, 0.1), None),
        (a_column(0.0, 0.9, unit="GB"), None),
    ],
)
def test_the_trained_range_says_whether_numbers_are_shares(column: Column, scale: Scale | None) -> None:
    assert scale_of(column) is scale


@pytest.mark.parametrize(
    ("column", "signed", "plain", "reading"),
    [
        (SHARES, [12.5, 40.0], [], Reading(SHARE, SHARE)),
        (SHARES, [12.5, 40.0, 0.5, 0.0], [0.0], Reading(SHARE, SHARE)),
        (UNCLEAR, [85.0, 120.0], [], Reading(SHARE, SHARE)),
        (a_column(0.5, 3.0, 0.8), [1.2, 2.9], [], Reading(PERCENTAGE, PERCENTAGE)),
        (PERCENTAGES, [12.5, 40.0], [30.0], None),
        (a_column(0.0, 0.9, percent_signs=True), [0.5, 0.2], [], None),
        (SHARES, [], [0.5, 0.2], Reading(SHARE, SHARE)),
        (SHARES, [], [0.5, 7.0], Reading(SHARE, SHARE)),
        (PERCENTAGES, [], [12.5, 40.0], None),
        (UNCLEAR, [], [0.4, 2.9], None),
        (PERCENTAGES, [], [0.2, 0.4], None),
        (a_column(0.0, 80.0, 12.0), [], [float(n % 2) for n in range(40)], None),
        (a_column(0.0, 5000.0, 900.0), [], [n / 40 for n in range(1, 40)], None),
        (a_column(0.0, 80.0, 0.4), [], [n / 40 for n in range(1, 40)], None),
    ],
)
def test_what_is_certain_is_read_without_a_question(
    column: Column, signed: list[float], plain: list[float], reading: Reading | None
) -> None:
    assert percent_reading("Nutzung", column, signed=signed, plain=plain, chosen=None) == reading


@pytest.mark.parametrize(
    ("column", "signed", "plain", "values"),
    [
        (SHARES, [], [12.5, 40.0, 7.0], ("%", AS_WRITTEN)),
        (a_column(-0.2, 1.0, 0.1), [], [-15.0, 99.0], ("%", AS_WRITTEN)),
        (SHARES, [12.5, 40.0], [0.3], ("%", "share")),
        (SHARES, [0.5, 0.2], [], ("share", AS_WRITTEN)),
        (UNCLEAR, [1.5, 2.0], [], ("share", AS_WRITTEN)),
        (PERCENTAGES, [], [n / 40 for n in range(1, 40)], ("share", AS_WRITTEN)),
        (a_column(1.0, 95.0, 40.0, percent_signs=True), [], [0.125, 0.4, 0.9], ("share", AS_WRITTEN)),
        (a_column(1.0, 95.0, 40.0, name="discount_pct"), [], [0.125, 0.4, 0.9], ("share", AS_WRITTEN)),
        (a_column(1.0, 95.0, 40.0, name="Auslastung (%)"), [], [0.125, 0.4, 0.9], ("share", AS_WRITTEN)),
    ],
)
def test_what_only_the_size_of_the_numbers_suggests_is_asked(
    column: Column, signed: list[float], plain: list[float], values: tuple[str, ...]
) -> None:
    question = question_of(column, signed=signed, plain=plain)
    assert question is not None
    assert (question.about, question.column, question.values) == (Subject.UNIT, "Nutzung", values)


@pytest.mark.parametrize(
    ("column", "chosen", "reading"),
    [
        (SHARES, "%", Reading(SHARE, PERCENTAGE)),
        (SHARES, "share", Reading(SHARE, SHARE)),
        (PERCENTAGES, "share", Reading(PERCENTAGE, SHARE)),
        (PERCENTAGES, "%", Reading(PERCENTAGE, PERCENTAGE)),
        (UNCLEAR, "share", Reading(SHARE, SHARE)),
        (SHARES, AS_WRITTEN, None),
    ],
)
def test_an_answer_is_not_doubted(column: Column, chosen: str, reading: Reading | None) -> None:
    answer = percent_reading("Nutzung", column, signed=[], plain=[12.5, 40.0], chosen=chosen)
    assert answer == reading


def test_the_questions_show_both_readings() -> None:
    too_large = question_of(SHARES, plain=[12.5, 40.0])
    too_small = question_of(PERCENTAGES, plain=[n / 40 for n in range(1, 40)])
    mixed = question_of(SHARES, signed=[12.5, 40.0], plain=[0.3])
    assert too_large is not None
    assert too_large.text == (
        "Nearly all numbers in the column “Nutzung” are about 100 times those that the model learned (0 to 0.9), such "
        "as 12.5. Are they percentages?"
    )
    assert [choice.words for choice in too_large.choices] == ["Percentages: 12.5 is 0.125", "No: 12.5 is 12.5"]
    assert too_small is not None
    assert [choice.words for choice in too_small.choices] == ["Shares: 0.025 is 2.5 to the model", "No: 0.025 is 0.025"]
    assert mixed is not None
    assert [choice.words for choice in mixed.choices] == ["Percentages: 0.3 is 0.003", "Shares of 1: 0.3 is 30%"]


@pytest.mark.parametrize(
    "name",
    ["discount_pct", "Anteil Roaming", "taux_remise", "tasa de uso", "доля роуминга", "使用率 %", "andel", "ratio"],
)
def test_names_of_shares_and_percentages(name: str) -> None:
    assert names_share(name)


@pytest.mark.parametrize("name", ["usage", "charge", "party_size", "rating", "Umsatz"])
def test_other_names_say_nothing_about_percentages(name: str) -> None:
    assert not names_share(name)
