"""Attributes of earlier months: which are tried, how they read, and what is said where months are missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.history import (
    gain_sentences,
    history_after,
    history_candidates,
    history_remark,
    is_other_base_before,
    needed_months,
)
from domain.history_kind import HistoryFound, HistoryGain, HistoryKind, HistoryOf, HistoryPart
from domain.prediction import Reason
from domain.risk_split_words import move_words, value_change_words
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.spoken import spoken_reason
from domain.template import template_header
from domain.wording import reason_phrase, value_words

FORMATS = formats_of("USD")
BASE = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("Data", ColumnKind.NUMERIC, unit="GB"),
        Column("Contract", ColumnKind.CATEGORICAL, ("Monthly", "Yearly")),
        Column("joined", ColumnKind.DATE),
    ),
    id_column="id",
    tenure_column="tenure",
    revenue_column="MonthlyCharges",
)
SCHEMA = replace(BASE, columns=(*BASE.columns, *history_candidates(BASE)))
BILL, BILL_LONG, DATA, DATA_LONG, CONTRACT, SEEN = (column.name for column in SCHEMA.history_columns)


def test_changes_of_numbers_and_levels_are_tried_but_not_of_dates_and_tenure() -> None:
    assert [(column.name, column.kind.value, column.unit) for column in SCHEMA.history_columns] == [
        ("MonthlyCharges change since last month", "numeric", None),
        ("MonthlyCharges change over three months", "numeric", None),
        ("Data change since last month", "numeric", "GB"),
        ("Data change over three months", "numeric", "GB"),
        ("Contract changed since last month", "boolean", None),
        ("months since first seen", "numeric", None),
    ]
    assert len(history_candidates(BASE, most=1)) == 3
    taken = replace(BASE, columns=(*BASE.columns, Column("months since first seen", ColumnKind.NUMERIC)))
    assert SEEN not in [column.name for column in history_candidates(taken)]


def test_a_file_is_not_asked_for_attributes_of_history() -> None:
    assert SCHEMA.needed == BASE.needed
    assert SCHEMA.file_columns == BASE.columns
    assert template_header(SCHEMA) == template_header(BASE)


def test_only_the_months_since_first_seen_have_no_source() -> None:
    with pytest.raises(ValueError, match="source"):
        HistoryOf(HistoryKind.CHANGE)
    with pytest.raises(ValueError, match="source"):
        HistoryOf(HistoryKind.SEEN, "Bill")


@pytest.mark.parametrize(
    ("attribute", "value", "phrase", "words"),
    [
        (BILL, 15.0, "Monthly bill up $15.00 since last month", "up $15.00"),
        (BILL, -3.5, "Monthly bill down $3.50 since last month", "down $3.50"),
        (BILL, 0.0, "Monthly bill unchanged since last month", "unchanged"),
        (BILL, None, "Earlier monthly bill unknown", "unknown"),
        (BILL_LONG, 20.0, "Monthly bill up $20.00 over three months", "up $20.00"),
        (DATA, -2.5, "Data down 2.5 GB since last month", "down 2.5 GB"),
        (DATA_LONG, 1.0, "Data up 1 GB over three months", "up 1 GB"),
        (CONTRACT, "Yes", "Contract changed since last month", "Yes"),
        (CONTRACT, "No", "Contract unchanged since last month", "No"),
        (CONTRACT, None, "Earlier contract unknown", "unknown"),
        (SEEN, 0.0, "New this month", "No months"),
        (SEEN, 1.0, "First seen 1 month ago", "1 month"),
        (SEEN, 3.0, "First seen 3 months or more ago", "3 months or more"),
        (SEEN, None, "First month unknown", "unknown"),
    ],
)
def test_a_reason_of_history_is_said_in_plain_words(attribute: str, value: Value, phrase: str, words: str) -> None:
    reason = Reason(attribute, value, 0.4)
    assert reason_phrase(reason, SCHEMA, FORMATS) == phrase
    assert value_words(attribute, value, SCHEMA, FORMATS) == words
    assert spoken_reason(reason, SCHEMA, FORMATS) == ""


def test_the_change_of_a_change_is_not_said_twice() -> None:
    assert move_words(BILL, 13.0, SCHEMA, FORMATS) == ""
    assert value_change_words(BILL, 2.0, 15.0, SCHEMA, SCHEMA, FORMATS) == "up $2.00 → up $15.00"


def test_what_history_gained_is_said_for_each_attribute() -> None:
    kept = HistoryGain(12, (HistoryPart(BILL, 0.01234, 0.0021),))
    assert gain_sentences(kept, FORMATS) == (
        "12 attributes of earlier months were tried, and 1 of them kept.",
        (
            "Monthly charges change since last month lowered the log-loss of unseen months by 0.0123 (standard error "
            "0.0021)."
        ),
    )
    assert gain_sentences(HistoryGain(12), FORMATS) == (
        (
            "12 attributes of earlier months were tried; none lowered the log-loss of unseen months by more than its "
            "error, so none is used."
        ),
    )
    assert gain_sentences(None, FORMATS) == ()


def only(*names: str) -> CustomerSchema:
    return replace(SCHEMA, columns=(*BASE.columns, *(SCHEMA.column(name) for name in names)))


@pytest.mark.parametrize(
    ("names", "months", "needed"),
    [
        ((BILL,), ("2026-01",), ("2025-12",)),
        ((BILL_LONG,), ("2026-05",), ("2026-02",)),
        ((SEEN,), ("2026-05",), ("2026-04", "2026-03", "2026-02")),
        ((BILL, CONTRACT), ("2026-04", "2026-05"), ("2026-03",)),
        ((), ("2026-05",), ()),
        ((BILL,), (), ()),
    ],
)
def test_which_earlier_months_are_needed(names: tuple[str, ...], months: tuple[str, ...], needed: object) -> None:
    assert needed_months(only(*names), months) == needed


JULY, JUNE = "2026-07", "2026-06"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            HistoryFound(("2026-08",), {}, (), (JULY,)),
            (
                "3 of the model’s attributes need earlier months; none were found: predictions are less exact. Give "
                "last month’s file: score it first, or name it with --earlier on the command line."
            ),
        ),
        (
            HistoryFound(("2026-08",), {JULY: "base.csv"}),
            "3 of the model’s attributes need earlier months: July 2026 (base.csv).",
        ),
        (
            HistoryFound(("2026-08",), {JULY: "base.csv"}, ("other.csv",), (JUNE, "2026-05")),
            (
                "3 of the model’s attributes need earlier months: July 2026 (base.csv). May 2026, June 2026 are "
                "missing: predictions are less exact. other.csv shows another base."
            ),
        ),
        (
            HistoryFound((JUNE, JULY), {}, (), ("2026-05",)),
            (
                "3 of the model’s attributes need earlier months: the file’s own. May 2026 is missing: predictions are "
                "less exact."
            ),
        ),
        (
            HistoryFound(()),
            (
                "3 of the model’s attributes need earlier months; which month this file shows is not known: "
                "predictions are less exact. Give the month in the file’s name or in a column."
            ),
        ),
    ],
)
def test_a_result_says_which_earlier_months_it_lacks(found: HistoryFound, sentence: str) -> None:
    assert history_remark(only(BILL, CONTRACT, SEEN), found, FORMATS) == sentence
    assert history_remark(BASE, found, FORMATS) == ""
    assert found.is_complete is ("less exact" not in sentence)


@pytest.mark.parametrize(
    ("found", "months", "other"),
    [(60, 1, False), (59, 1, True), (36, 2, False), (35, 2, True), (22, 3, False), (21, 3, True)],
)
def test_a_base_may_lose_customers_each_month(found: int, months: int, other: bool) -> None:
    assert is_other_base_before(found, 100, months) is other
    assert is_other_base_before(0, 0, 1)


def test_a_change_that_is_tried_moves_the_history_with_it() -> None:
    now: dict[str, Value] = {"MonthlyCharges": 60.0, BILL: 15.0, BILL_LONG: None, "Contract": "Monthly", CONTRACT: "No"}
    assert history_after(SCHEMA, now, {"MonthlyCharges": 50.0}) == {BILL: 5.0}
    assert history_after(SCHEMA, now, {"MonthlyCharges": None}) == {BILL: None}
    assert history_after(SCHEMA, now, {"Contract": "Yearly"}) == {CONTRACT: "Yes"}
    assert history_after(SCHEMA, now, {"tenure": 3.0}) == {}
    assert history_after(BASE, now, {"MonthlyCharges": 50.0}) == {}
