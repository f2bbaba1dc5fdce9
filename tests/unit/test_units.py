"""Units next to numbers: their spellings, and conversions between units of one dimension."""

from __future__ import annotations

import pytest

from domain.errors import FileRefused
from domain.question import Subject
from domain.schema import Column, ColumnKind
from domain.unit_matching import refuse_bare_numbers, refuse_other_units, refuse_unit_of_header
from domain.units import Unit, known_unit, note_on, one_of, own_unit, unit_called, unit_named_in, unit_next_to


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" GB", "GB"),
        ("gb", "GB"),
        ("GiB", "GB"),
        ("Go", "GB"),
        ("Mins.", "minutes"),
        ("Stunden", "hours"),
        ("miesięcy", "months"),
        ("année", "years"),
        ("Mbps", "Mbit/s"),
        ("MB/s", "MB/s"),
        ("mb/s", "Mbit/s"),
        ("GB per month", "GB/month"),
        ("MB / day", "MB/day"),
        ("%", "%"),
    ],
)
def test_spellings_of_a_unit_are_known(text: str, name: str) -> None:
    unit = known_unit(text)
    assert unit is not None
    assert unit.name == name
    assert unit_called(name) == unit


@pytest.mark.parametrize("text", ["", "M", "k", "th", "Jan", "AM", "million", "1", "a,b", "x" * 21])
def test_words_that_are_no_units(text: str) -> None:
    assert known_unit(text) is None
    assert own_unit(text) is None


@pytest.mark.parametrize(
    ("number", "unit", "base", "value"),
    [
        (300.0, "MB", "GB", 0.29296875),
        (1.5, "TB", "GB", 1536.0),
        (2500.0, "kbit/s", "Mbit/s", 2.5),
        (90.0, "minutes", "hours", 1.5),
        (1.1, "hours", "minutes", 66.0),
        (0.6666666666666666, "years", "months", 8.0),
        (2.0, "minutes", "hours", 0.03333333333333333),
        (30.4375, "days", "months", 1.0),
        (2.0, "weeks", "days", 14.0),
        (1200.0, "m", "km", 1.2),
        (1.0, "miles", "km", 1.609344),
        (0.1, "GB", "GB", 0.1),
    ],
)
def test_numbers_are_converted_within_a_dimension(number: float, unit: str, base: str, value: float) -> None:
    assert unit_called(unit).in_unit(number, unit_called(base)) == value


def test_another_dimension_is_not_converted() -> None:
    with pytest.raises(ValueError, match="minutes cannot be converted to GB"):
        unit_called("minutes").in_unit(1.0, unit_called("GB"))
    for text, base in (("min", "GB"), ("MB/s", "Mbit/s"), ("GB", "GB/month"), ("calls", "GB")):
        assert unit_next_to(text, unit_called(base)) is None


@pytest.mark.parametrize(
    ("text", "base", "name"),
    [
        ("m", "hours", "minutes"),
        ("m", "years", "months"),
        ("m", "km", "m"),
        ("Mo", "GB", "MB"),
        ("Mbit", "Mbit/s", "Mbit/s"),
    ],
)
def test_a_letter_means_what_goes_with_the_other_units(text: str, base: str, name: str) -> None:
    unit = unit_next_to(text, unit_called(base))
    assert unit is not None
    assert unit.name == name


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("data_gb", "GB"),
        ("DataUsageGB", "GB"),
        ("Speed (Mbps)", "Mbit/s"),
        ("tenure_months", "months"),
        ("Day Mins", "minutes"),
    ],
)
def test_the_last_word_of_a_name_can_be_a_unit(column: str, name: str) -> None:
    assert unit_named_in(column) == unit_called(name)


@pytest.mark.parametrize("column", ["Month", "data", "monthly_charges", "discount_percent", "h", "plan h"])
def test_other_names_say_no_unit(column: str) -> None:
    assert unit_named_in(column) is None


def test_a_unit_of_the_file_s_own_is_equal_in_singular_and_plural() -> None:
    calls, call = own_unit("Calls"), own_unit("call")
    assert calls is not None
    assert call is not None
    assert calls.in_unit(3.0, call) == 3.0
    assert not calls.is_known
    assert (
        note_on("Support", calls) == "'Support' is read as numbers: every cell has the word 'Calls' after its number."
    )


@pytest.mark.parametrize(
    ("name", "one"), [("minutes", "minute"), ("miles", "mile"), ("GB", "GB"), ("ms", "ms"), ("dBm", "dBm")]
)
def test_the_name_of_one(name: str, one: str) -> None:
    assert one_of(name) == one


@pytest.mark.parametrize(
    ("unit", "cells"),
    [
        ("GB", {"min": (9, "5 min")}),
        ("GB", {"min": (6, "5 min"), "GB": (3, "2 GB")}),
        (None, {"GB": (9, "2 GB")}),
        (None, {"xyz": (9, "2 xyz"), "": (5, "7")}),
        ("GB", {"%": (9, "80 %")}),
    ],
)
def test_a_column_in_other_units_is_refused(unit: str | None, cells: dict[str, tuple[int, str]]) -> None:
    with pytest.raises(FileRefused, match="“use”"):
        refuse_other_units("use", unit_called(unit) if unit else None, cells)


@pytest.mark.parametrize(
    ("unit", "cells"),
    [
        ("GB", {"MB": (9, "5 MB"), "min": (1, "5 min")}),
        ("GB", {"": (9, "5")}),
        (None, {"": (9, "5"), "GB": (2, "2 GB")}),
        (None, {"k": (9, "20k")}),
        (None, {"²": (9, "2²")}),
        (None, {"%": (9, "80 %")}),
        ("GB", {}),
    ],
)
def test_a_column_in_the_model_s_units_is_accepted(unit: str | None, cells: dict[str, tuple[int, str]]) -> None:
    refusals: list[FileRefused] = []
    try:
        refuse_other_units("use", unit_called(unit) if unit else None, cells)
    except FileRefused as refusal:
        refusals.append(refusal)
    assert refusals == []


@pytest.mark.parametrize(
    ("header", "name", "unit", "cells", "refused"),
    [
        ("data_mb", "data_gb", None, {"": (9, "5")}, True),
        ("Use (MB)", "use", "GB", {"": (9, "5")}, True),
        ("call_hours", "calls", "minutes", {"": (9, "5"), "min": (1, "3 min")}, True),
        ("tenure_years", "tenure_months", None, {"": (9, "5")}, True),
        ("speed_kbps", "speed", "Mbit/s", {"": (9, "5")}, True),
        ("Data (GB)", "data_gb", None, {"": (9, "5")}, False),
        ("data_mb", "data_gb", None, {"MB": (9, "5 MB")}, False),
        ("call_days", "call_days", "minutes", {"": (9, "5")}, False),
        ("use_month", "use", "GB", {"": (9, "5")}, False),
        ("data_mb", "data", None, {"": (9, "5")}, False),
    ],
)
def test_a_header_that_says_another_unit_is_refused_for_plain_numbers(
    header: str, name: str, unit: str | None, cells: dict[str, tuple[int, str]], *, refused: bool
) -> None:
    column = Column(name, ColumnKind.NUMERIC, unit=unit)
    if not refused:
        refuse_unit_of_header(header, column, cells)
        return
    with pytest.raises(FileRefused, match="By its name"):
        refuse_unit_of_header(header, column, cells)


def test_numbers_without_a_unit_among_other_units_are_refused() -> None:
    gigabytes: Unit = unit_called("GB")
    with pytest.raises(FileRefused) as refused:
        refuse_bare_numbers("use", gigabytes, bare="450", other="300 MB")
    assert str(refused.value) == (
        "In the column “use”, some numbers have a unit (“300 MB”) and others have none (“450”), so nothing says what "
        "these are. Choose what the numbers without a unit are counted in."
    )
    assert refused.value.question is not None
    assert (refused.value.question.about, refused.value.question.column) == (Subject.UNIT, "use")
    refuse_bare_numbers("use", gigabytes, bare="450", other=None)
    refuse_bare_numbers("use", gigabytes, bare=None, other="300 MB")
    refuse_bare_numbers("use_gb", gigabytes, bare="450", other="300 MB")
