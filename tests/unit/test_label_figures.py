"""Figures of a base by month, from the number of customers of each pattern."""

from __future__ import annotations

from domain.label_figures import LabelFigures, MonthFigures, label_figures, labels_by_presence
from domain.presence import Fate, Presence, Returning

MONTHS = ("2026-04", "2026-05", "2026-06")
PATTERNS = {
    Presence(0b111): 70,
    Presence(0b001): 10,
    Presence(0b011): 8,
    Presence(0b101): 2,
    Presence(0b110): 9,
    Presence(0b100): 11,
}


def figures() -> LabelFigures:
    return label_figures(MONTHS, PATTERNS, {"2026-05": 3})


def test_each_month_is_counted() -> None:
    april, may, june = figures().months
    assert (april.customers, april.new, april.missing, april.skipped) == (90, 0, 12, 0)
    assert (may.customers, may.new, may.missing, may.skipped, may.repeated) == (87, 9, 8, 2, 3)
    assert (june.customers, june.new, june.missing, june.skipped) == (92, 11, 0, 0)


def test_what_became_of_the_customers_of_a_month() -> None:
    april, may, june = figures().months
    assert april.fates[1] == {Fate.STAYED: 78, Fate.LEFT: 10, Fate.RETURNED: 2}
    assert may.fates[1] == {Fate.STAYED: 79, Fate.LEFT: 8}
    assert june.fates[1] == {Fate.TOO_YOUNG: 92}
    assert april.fates[2] == {Fate.STAYED: 72, Fate.LEFT: 18}
    assert (may.is_labelled(1), may.is_labelled(2), june.is_labelled(1)) == (True, False, False)


def test_the_last_months_are_too_young_and_never_count_as_stayed() -> None:
    own = figures()
    assert own.horizons == (1, 2)
    assert [month.month for month in own.labelled(1)] == ["2026-04", "2026-05"]
    assert [month.month for month in own.too_young(2)] == ["2026-05", "2026-06"]
    assert (own.left(1, Returning.LEFT), own.stayed(1, Returning.LEFT)) == (20, 157)
    assert (own.left(1, Returning.STAYED), own.stayed(1, Returning.STAYED)) == (18, 159)
    assert own.rows(1, Returning.OUT) == 175


def test_a_single_file_is_labelled_as_of_itself() -> None:
    own = label_figures(("",), {Presence(1): 60, Presence(1, 1): 30, Presence(1, 0, 1): 10}, {})
    assert own.horizons == (0,)
    assert own.months[0].fates == {0: {Fate.STAYED: 60, Fate.LEFT: 30, Fate.UNSAID: 10}}
    assert (own.left(0, Returning.LEFT), own.stayed(0, Returning.LEFT), own.months[0].gone) == (30, 60, 30)


def test_labels_are_looked_up_by_presence_and_month() -> None:
    table = labels_by_presence(MONTHS, list(PATTERNS), horizon=1, returning=Returning.OUT)
    assert table == {
        Presence(0b111): {"2026-04": False, "2026-05": False},
        Presence(0b001): {"2026-04": True},
        Presence(0b011): {"2026-04": False, "2026-05": True},
        Presence(0b110): {"2026-05": False},
    }


def test_figures_survive_being_stored() -> None:
    month = figures().months[0]
    assert MonthFigures.from_document(month.to_document()) == month
