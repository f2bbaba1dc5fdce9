"""What stops a label from being made, and what a person has to look at first."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.errors import FileRefused
from domain.formats import NO_CURRENCY
from domain.label_figures import LabelFigures, MonthFigures
from domain.label_guards import (
    SpelledIds,
    Vanished,
    ids_must_be_spelled_alike,
    ids_must_not_be_reused,
    must_be_one_base,
    not_usual,
    repeated_must_be_few,
    returned_note,
    somebody_must_have_left,
    spelling_difference,
    warnings,
)
from domain.label_rule import LabelRule, LabelSource
from domain.presence import Fate

FORMATS = formats_of(NO_CURRENCY)
MISSING = "are missing in the next file: a part of the base may be lacking there."
BY_MONTHS = LabelRule(LabelSource.MONTHS)
BY_STATUS = LabelRule(LabelSource.STATUS, 0, column="status", values=("Closed",))


def months(*sizes: int, missing: int = 20, **of_second: Any) -> LabelFigures:
    """Consecutive months from April 2026 on. The last one has nobody missing."""
    figures = []
    for place, size in enumerate(sizes):
        more = of_second if place == 1 else {}
        own = {"missing": 0 if place == len(sizes) - 1 else missing, **more}
        figures.append(MonthFigures(f"2026-{4 + place:02d}", size, **own))
    return LabelFigures(tuple(figures))


def test_files_that_look_sound_raise_no_warning() -> None:
    assert warnings(months(1_000, 1_010, 1_020, 1_015), (), FORMATS) == ()


def test_customers_who_skip_a_file_are_pointed_out() -> None:
    assert warnings(months(1_000, 1_000, 1_000, skipped=9), (), FORMATS) == ()
    (sentence,) = warnings(months(1_000, 1_000, 1_000, skipped=10), (), FORMATS)
    assert sentence == (
        "10 customers are not in the file of May 2026, and are in files before and after it (1.0%): that file may lack "
        "customers, who would count as having left."
    )


def test_a_file_with_unusually_few_customers_is_pointed_out() -> None:
    (sentence,) = warnings(months(1_000, 1_000, 950), (), FORMATS)
    assert sentence == (
        "June 2026 has 5.0% fewer customers than May 2026, which is unusual: the file of June 2026 may lack customers."
    )
    (sentence,) = warnings(months(950, 1_000, 1_000), (), FORMATS)
    assert sentence == (
        "May 2026 has 5.3% more customers than April 2026, which is unusual: the file of April 2026 may lack customers."
    )
    assert warnings(months(1_000, 1_050, 1_100, 1_150), (), FORMATS) == ()


def test_far_more_missing_than_usual_is_pointed_out() -> None:
    assert warnings(_with_missing(20, 20, 20), (), FORMATS) == ()
    (sentence,) = warnings(_with_missing(20, 20, 45), (), FORMATS)
    assert sentence == "4.5% of the customers of June 2026 are missing in the next file; in other months it is 2.0%."
    assert warnings(_with_missing(20, 20, 29), (), FORMATS) == ()


def _with_missing(*missing: int) -> LabelFigures:
    own = [MonthFigures(f"2026-{4 + place:02d}", 1_000, missing=count) for place, count in enumerate(missing)]
    return LabelFigures((*own, MonthFigures(f"2026-{4 + len(missing):02d}", 1_000)))


def test_a_value_that_vanished_is_named() -> None:
    vanished = (Vanished("2026-04", "region", "North", 300, 300), Vanished("2026-04", "tariff", "Old", 40, 39))
    assert warnings(months(1_000, 1_000), vanished, FORMATS) == (
        f"All 300 customers of April 2026 with region = “North” {MISSING}",
        f"39 of the 40 customers of April 2026 with tariff = “Old” {MISSING}",
    )


def test_values_whose_customers_always_go_missing_are_usual() -> None:
    trials = [Vanished(f"2026-{month:02d}", "plan", "Trial", 50, 50) for month in (4, 5, 6)]
    region = Vanished("2026-05", "region", "North", 300, 300)
    days = [Vanished("2026-05", "seen", day, 30, 30) for day in ("2026-03-01", "31.03.2026", "3/31/2026 12:00")]
    assert not_usual([*trials, region, *days], months(900, 900, 900, 900)) == (region,)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("0012", "12", "with leading zeros in one and without them in the other"),
        ("12", "00012", "with leading zeros in one and without them in the other"),
        ("12.0", "12", "as numbers with “.0” in one and as text in the other"),
        ("AB7", "ab7", "in capital letters in one and in small letters in the other"),
        ("ab-7", "AB7", "with other separators, zeros or letters"),
    ],
)
def test_the_difference_of_two_spellings_names_no_customer(first: str, second: str, words: str) -> None:
    assert spelling_difference(first, second) == words


def test_ids_written_differently_are_refused() -> None:
    found = [SpelledIds("2026-04", "2026-05", 900, "with leading zeros in one and without them in the other")]
    with pytest.raises(FileRefused) as refused:
        ids_must_be_spelled_alike(found, {"2026-04": 1_000}, FORMATS)
    assert str(refused.value) == (
        "The ids of April 2026 and May 2026 are written differently: 900 customers have the same id with leading zeros "
        "in one and without them in the other, and would count as having left. Export both files with the ids as text, "
        "written alike."
    )
    ids_must_be_spelled_alike([SpelledIds("2026-04", "2026-05", 9, "")], {"2026-04": 1_000}, FORMATS)


def test_two_bases_are_refused_with_what_vanished() -> None:
    vanished = [Vanished("2026-04", "region", "North", 450, 450)]
    with pytest.raises(FileRefused) as refused:
        must_be_one_base(months(1_000, 600, missing=401), vanished, FORMATS)
    assert str(refused.value).startswith(
        "Only 599 of the 1,000 customers of April 2026 are in the file of May 2026, so they look like two different "
        "bases. All 450 customers of April 2026 with region = “North” are missing"
    )
    must_be_one_base(months(1_000, 600, missing=400), (), FORMATS)


def test_ids_of_other_customers_are_refused() -> None:
    with pytest.raises(FileRefused, match="“tenure” falls for 10 of 1,000 customers that were compared"):
        ids_must_not_be_reused("2026-04", "tenure", compared=1_000, fell=10, formats=FORMATS)
    ids_must_not_be_reused("2026-04", "tenure", compared=1_000, fell=9, formats=FORMATS)
    ids_must_not_be_reused("2026-04", "tenure", compared=100, fell=4, formats=FORMATS)


def test_a_column_that_repeats_customers_is_refused() -> None:
    with pytest.raises(FileRefused, match="In the file of May 2026, 30 of 1,030 rows repeat an id in “msisdn”"):
        repeated_must_be_few(months(1_000, 1_000, repeated=30), "msisdn", FORMATS)
    repeated_must_be_few(months(1_000, 1_000, repeated=20), "msisdn", FORMATS)


def labelled(left: int, stayed: int, *, horizon: int, gone: int = 0) -> LabelFigures:
    fates = {horizon: {Fate.LEFT: left, Fate.STAYED: stayed}}
    return LabelFigures((MonthFigures("2026-04", left + stayed, gone=gone, fates=fates),))


def test_somebody_has_to_have_left_and_somebody_stayed() -> None:
    somebody_must_have_left(labelled(5, 95, horizon=1), BY_MONTHS, FORMATS)
    with pytest.raises(FileRefused, match="Nobody has left: no customer of a month is missing in the later file"):
        somebody_must_have_left(labelled(0, 100, horizon=1), BY_MONTHS, FORMATS)
    with pytest.raises(FileRefused, match="Nobody has left: no row says that one has left"):
        somebody_must_have_left(labelled(0, 100, horizon=0), BY_STATUS, FORMATS)
    with pytest.raises(FileRefused, match="All 100 customers have left"):
        somebody_must_have_left(labelled(100, 0, horizon=1), BY_MONTHS, FORMATS)
    with pytest.raises(FileRefused, match="No customer can be labelled"):
        somebody_must_have_left(labelled(0, 0, horizon=1), BY_MONTHS, FORMATS)


def test_a_file_of_leavers_only_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        somebody_must_have_left(labelled(100, 0, horizon=0, gone=100), BY_STATUS, FORMATS)
    assert str(refused.value) == (
        "In the file of April 2026, all 100 customers have left, by “status”. Choose the values that mean left, and "
        "use a file that also holds customers who stayed."
    )


def test_customers_who_return_are_counted() -> None:
    fates = {1: {Fate.LEFT: 90, Fate.RETURNED: 10, Fate.STAYED: 900}}
    figures = LabelFigures((MonthFigures("2026-04", 1_000, fates=fates),))
    assert returned_note(figures, 1, FORMATS) == (
        "10 of 100 customers who were missing are customers again in a later file."
    )
    assert returned_note(labelled(5, 95, horizon=1), 1, FORMATS) is None
