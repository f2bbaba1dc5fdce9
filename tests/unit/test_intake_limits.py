"""When a file cannot be scored: literal limits, just within and just beyond."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from domain.header_matching import ColumnMatch, HeaderMatch, MatchKind, match_header
from domain.intake_limits import answers_help, has_too_many_rejected, is_minor, is_mostly_rejected, problem_with
from domain.run import StopReport
from tests.builders import a_model_version, a_schema

FORMATS = formats_without_currency()
MODEL = a_model_version()


@pytest.mark.parametrize(
    ("rejected", "rows", "too_many"),
    [(0, 5, False), (1, 5, False), (2, 9, True), (3, 15, False), (7, 35, False), (20, 100, False), (21, 100, True)],
)
def test_more_than_a_fifth_of_rejected_rows_is_too_much(rejected: int, rows: int, too_many: bool) -> None:
    assert has_too_many_rejected(rejected, rows) is too_many
    assert StopReport(rows=rows, rejected=rejected).too_many_rejected is too_many


@pytest.mark.parametrize(("rejected", "blank", "too_many"), [(30, 30, False), (44, 30, False), (45, 30, True)])
def test_blank_rows_do_not_count_against_a_file(rejected: int, blank: int, too_many: bool) -> None:
    """14 of 70 rows with content are a fifth."""
    assert StopReport(rows=100, rejected=rejected, blank=blank).too_many_rejected is too_many


def lacking(importance: float) -> HeaderMatch:
    return HeaderMatch((), (), ("tenure",), importance, (), ())


@pytest.mark.parametrize(("importance", "refused"), [(0.4999, False), (0.5, False), (0.5001, True), (0.9, True)])
def test_a_file_needs_columns_for_half_of_the_models_importance(importance: float, refused: bool) -> None:
    problem = problem_with(lacking(importance), MODEL, FORMATS)

    assert (problem is not None) is refused
    assert problem is None or "(tenure)" in problem


def test_a_message_says_how_much_is_missing() -> None:
    assert (problem_with(lacking(0.62), MODEL, FORMATS) or "").startswith(
        "The file lacks columns that decide 62% of a risk (tenure)."
    )


def test_a_file_with_none_of_the_columns_or_with_one_twice_is_refused() -> None:
    schema = a_schema()
    assert "None of the columns" in (problem_with(match_header(schema, ["Colour"]), MODEL, FORMATS) or "")
    twice = match_header(schema, [*schema.names, "tenure"])
    assert "more than one column called “tenure”" in (problem_with(twice, MODEL, FORMATS) or "")


@pytest.mark.parametrize(
    ("importance", "suggested", "left_out", "helps"),
    [(0.9, "tenure", (), True), (0.9, "tenure", ("tenure",), False), (0.9, None, (), False), (0.1, "tenure", (), True)],
)
def test_answers_help_only_if_the_file_could_be_scored_with_all_of_them(
    importance: float, suggested: str | None, left_out: tuple[str, ...], helps: bool
) -> None:
    waiting = (ColumnMatch(suggested, "tenures", 3, MatchKind.SUGGESTED),) if suggested else ()
    match = replace(lacking(importance), suggestions=waiting, left_out=left_out)
    assert answers_help(match, MODEL, FORMATS) is helps


def test_missing_columns_are_minor_below_five_per_cent() -> None:
    assert [is_minor(importance) for importance in (0.0, 0.0499, 0.05, 0.2)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("rejected", "rows", "mostly"),
    [(200_000, 200_000, False), (200_001, 400_001, True), (200_001, 400_002, False), (1_000_000, 1_500_000, True)],
)
def test_a_file_is_given_up_when_most_of_very_many_rows_are_rejected(rejected: int, rows: int, mostly: bool) -> None:
    assert is_mostly_rejected(rejected, rows) is mostly
