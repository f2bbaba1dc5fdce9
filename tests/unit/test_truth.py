"""A truth that is not understood is reported, and no figures are computed from what is left of it."""

from __future__ import annotations

import pyarrow as pa
import pytest
from babel import Locale

from adapters.formatting import babel_formats
from adapters.formatting.babel_formats import formats_of, formats_without_currency
from adapters.intake.levels import TruthCaster
from application.use_cases.models.evaluate_model import TruthLabels
from domain.errors import InvalidInput
from domain.truth import TruthReading
from tests.builders import a_schema

PLAIN = formats_without_currency()


def read(cells: list[str], positive: str = "Yes", negative: str = "No", *further: str) -> TruthReading:
    caster = TruthCaster(positive, negative, *further)
    for start in range(0, len(cells), 7):
        caster.cast(pa.array(cells[start : start + 7]))
    return caster.report()


@pytest.mark.parametrize(
    "cells", [["1", "0"], ["1", "-1"], ["yes", "NO"], ["TRUE", "false"], ["Y", "n"], ["ja", "nein"], ["1.0", "0.0"]]
)
def test_every_spelling_of_yes_and_no_is_understood(cells: list[str]) -> None:
    assert read(cells * 10) == TruthReading(left=10, stayed=10)


def test_yes_and_no_are_turned_around_where_the_model_learned_who_stayed() -> None:
    assert read(["Yes", "no", "no"], "0", "1") == TruthReading(left=2, stayed=1)


@pytest.mark.parametrize(
    ("cells", "not_understood", "examples"),
    [
        (["1"] * 9 + ["2"] * 20, 20, (("2", 20),)),
        (["Churned"] * 4 + ["Stayed"] * 6, 10, (("Stayed", 6), ("Churned", 4))),
        (["yes"] * 30 + ["no"] * 30 + ["maybe"] * 16, 16, (("maybe", 16),)),
        (["A"] * 5 + ["I"] * 5, 10, (("A", 5), ("I", 5))),
    ],
)
def test_other_codes_are_counted_and_give_no_figures(
    cells: list[str], not_understood: int, examples: tuple[tuple[str, int], ...]
) -> None:
    reading = read(cells)
    assert (reading.not_understood, reading.examples, reading.is_clear) == (not_understood, examples, False)
    assert (reading.remark(PLAIN) or "").endswith("No figures are computed from the rest.")


def test_a_few_other_values_and_blanks_are_reported_with_the_figures() -> None:
    reading = read(["yes"] * 30 + ["no"] * 30 + ["maybe"] * 15 + ["", "n/a"])
    assert reading == TruthReading(left=30, stayed=30, empty=2, not_understood=15, examples=(("maybe", 15),))
    assert reading.is_clear
    assert reading.remark(PLAIN) == (
        "15 of 77 rows have a truth that is not understood: “maybe” (15). 2 of 77 rows have no truth. "
        "Figures are about the other 60 rows."
    )


@pytest.mark.parametrize(
    ("locale", "remark"),
    [
        (
            "en",
            (
                "1,500 of 14,000 rows have a truth that is not understood: “maybe” (1,500). "
                "2,500 of 14,000 rows have no truth. Figures are about the other 10,000 rows."
            ),
        ),
        (
            "de",
            (
                "1.500 of 14.000 rows have a truth that is not understood: “maybe” (1.500). "
                "2.500 of 14.000 rows have no truth. Figures are about the other 10.000 rows."
            ),
        ),
    ],
)
def test_rows_are_counted_with_the_separators_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, locale: str, remark: str
) -> None:
    reading = TruthReading(left=4000, stayed=6000, empty=2500, not_understood=1500, examples=(("maybe", 1500),))
    monkeypatch.setattr(babel_formats, "LOCALE", Locale(locale))
    assert reading.remark(formats_of.__wrapped__("XXX")) == remark


def test_all_values_that_mean_left_count() -> None:
    assert read(["Vol", "InVol", "Current", "vol"], "Vol", "Current", "InVol") == TruthReading(left=3, stayed=1)


def test_nothing_is_reported_of_a_truth_that_is_understood() -> None:
    assert read(["yes", "no"]).remark(PLAIN) is None


def test_a_person_names_the_values_of_a_file() -> None:
    schema = TruthLabels(("1", "3"), "2").of(a_schema())
    assert read(["1", "2", "3"], "1", "2", *schema.further_positive) == TruthReading(left=2, stayed=1)
    assert schema.positive_values == ("1", "3")
    with pytest.raises(InvalidInput, match="both"):
        TruthLabels(("1",), None)
    with pytest.raises(InvalidInput, match="not both"):
        TruthLabels(("1",), "1")
