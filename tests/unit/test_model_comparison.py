"""Comparing a new version with the champion: which months, and what is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.errors import InvalidInput
from domain.formats import NO_CURRENCY
from domain.model_comparison import (
    ComparedFigures,
    ComparisonMonths,
    ModelComparison,
    PairedFigures,
    comparison_months,
    comparison_sentences,
    learned_too,
    months_in_words,
    months_needed,
)

FORMATS = formats_of(NO_CURRENCY)


def months(count: int) -> list[str]:
    return [f"2026-{month:02d}" for month in range(1, count + 1)]


@pytest.mark.parametrize(
    ("labelled", "horizon", "learned", "compared"),
    [
        (2, 1, ("2026-01",), ("2026-02",)),
        (5, 1, ("2026-01", "2026-02", "2026-03", "2026-04"), ("2026-05",)),
        (6, 1, ("2026-01", "2026-02", "2026-03", "2026-04"), ("2026-05", "2026-06")),
        (12, 1, tuple(months(9)), ("2026-10", "2026-11", "2026-12")),
        (3, 2, ("2026-01",), ("2026-03",)),
        (6, 3, ("2026-01", "2026-02"), ("2026-05", "2026-06")),
        (4, 3, ("2026-01",), ("2026-04",)),
    ],
)
def test_the_newest_third_is_kept_and_its_leavers_were_not_known_before(
    labelled: int, horizon: int, learned: tuple[str, ...], compared: tuple[str, ...]
) -> None:
    assert comparison_months(months(labelled), horizon) == ComparisonMonths(learned, compared)


@pytest.mark.parametrize(("labelled", "horizon", "files"), [(1, 1, 3), (0, 1, 3), (2, 2, 5), (3, 3, 7)])
def test_too_few_months_are_refused(labelled: int, horizon: int, files: int) -> None:
    assert months_needed(horizon) == files
    with pytest.raises(InvalidInput, match=f"files of {files} months .* these have {labelled + horizon}"):
        comparison_months(months(labelled), horizon)


OWN = ModelComparison(
    ComparisonMonths(("2026-01", "2026-02"), ("2026-03",)),
    "model v1",
    PairedFigures(
        1200,
        48,
        ComparedFigures(0.15, 0.8, 50.4, 37.0, 64.0),
        ComparedFigures(0.17, 0.7, 70.6, 55.0, 86.0),
        -0.02,
        0.005,
    ),
)


BETTER = (
    "Model v2 predicted better than model v1: its log-loss is 0.0200 lower (standard error 0.0050), on the same 1,200 "
    "rows."
)


def with_figures(difference: float, error: float) -> ModelComparison:
    assert OWN.figures is not None
    return replace(OWN, figures=replace(OWN.figures, difference=difference, standard_error=error))


def test_the_sentences_say_who_was_better_by_how_much_and_how_many_left() -> None:
    assert comparison_sentences(OWN, "Model v2", FORMATS) == (
        "Model v2 learned from January to February 2026 and was compared on March 2026.",
        BETTER,
        "48 left; Model v2 expected 50, model v1 71.",
    )
    worse = comparison_sentences(with_figures(0.02, 0.005), "Model v2", FORMATS)
    assert worse[1].startswith("Model v2 predicted worse than model v1: its log-loss is 0.0200 higher")


@pytest.mark.parametrize(
    ("difference", "error", "better", "worse"),
    [
        (-0.02, 0.0102, True, False),
        (-0.02, 0.0103, False, False),
        (0.02, 0.0102, False, True),
        (0.0, 0.0, False, False),
    ],
)
def test_better_and_worse_are_beyond_chance(difference: float, error: float, better: bool, worse: bool) -> None:
    own = with_figures(difference, error)
    assert (own.is_better, own.is_worse) == (better, worse)
    within = comparison_sentences(own, "Model v2", FORMATS)[1].startswith("No difference beyond chance")
    assert within is not (better or worse)


def test_a_comparison_without_a_champion_says_so() -> None:
    assert OWN.figures is not None
    alone = replace(OWN, champion="", figures=replace(OWN.figures, champion=None), problem="There is no champion.")
    assert (alone.is_better, alone.is_worse) == (False, False)
    assert comparison_sentences(alone, "Model v2", FORMATS)[1:] == (
        "48 left; Model v2 expected 50.",
        "There is no champion.",
    )
    nothing = replace(OWN, figures=None, problem="No row could be scored.")
    assert comparison_sentences(nothing, "Model v2", FORMATS)[1:] == ("No row could be scored.",)


def test_a_champion_that_learned_from_the_months_looks_too_good() -> None:
    compared = ("2026-03", "2026-04")
    assert learned_too("Model v1", "2026-02", compared, made_up=False) == ()
    assert learned_too("Model v1", "2026-03", compared, made_up=False) == (
        "Model v1 learned from months up to March 2026, so it looks too good here.",
    )
    assert "It is not known" in learned_too("Model v1", None, compared, made_up=False)[0]
    assert learned_too("Starter model", None, compared, made_up=True) == (
        "Starter model learned from generated customers.",
    )


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ([], ""),
        (["2026-01"], "January 2026"),
        (["2026-01", "2026-02", "2026-03"], "January to March 2026"),
        (["2025-12", "2026-01"], "December 2025 to January 2026"),
    ],
)
def test_months_are_written_as_people_say_them(own: list[str], words: str) -> None:
    assert months_in_words(own) == words
