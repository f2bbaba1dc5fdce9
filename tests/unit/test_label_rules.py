"""How a label was made, in words, and which columns it leaves out."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.label_columns import label_columns, why_left_out
from domain.label_rule import LabelRule, LabelSource, MadeLabel
from domain.model import LeftOut
from domain.presence import Returning

BY_MONTHS = LabelRule(LabelSource.MONTHS)
BY_STATUS = LabelRule(LabelSource.STATUS, 1, column="status", values=("Cancelled", "Ported out"))
BY_ACTIVITY = LabelRule(LabelSource.INACTIVE, 0, column="last_call", days=60)
BY_END = LabelRule(LabelSource.ENDED, 0, column="end_date", as_of="2026-05-31")


@pytest.mark.parametrize(
    ("rule", "words", "period"),
    [
        (BY_MONTHS, "missing in the file of the next month", "the next month"),
        (LabelRule(LabelSource.MONTHS, 3), "missing in the file of 3 months later", "the next 3 months"),
        (
            BY_STATUS,
            "missing in the file of the next month, or “status” is “Cancelled” or “Ported out” there",
            "the next month",
        ),
        (
            BY_ACTIVITY,
            "“last_call” is 60 days or more before the newest activity in the file",
            "the next 60 days",
        ),
        (BY_END, "“end_date” is not after 2026-05-31", "the next month"),
    ],
)
def test_a_rule_says_what_left_means_and_for_which_period(rule: LabelRule, words: str, period: str) -> None:
    assert (rule.left_words, rule.period) == (words, period)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"source": LabelSource.MONTHS, "horizon": 4}, "after 1, 2 or 3 months"),
        ({"source": LabelSource.INACTIVE, "horizon": 0, "days": 0}, "1 to 730 days"),
        ({"source": LabelSource.INACTIVE, "horizon": 0, "days": 731}, "1 to 730 days"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        LabelRule(**given)  # type: ignore[arg-type]


def test_a_label_says_how_it_was_made() -> None:
    made = MadeLabel(LabelRule(LabelSource.MONTHS, 1, Returning.OUT), 3, "2026-04", "2026-05", 177, 18, 2)
    assert made.sentences() == (
        "The label was made here from 3 files, April 2026 to May 2026.",
        "Left means: missing in the file of the next month.",
        "Customers who were missing then and returned later are left out.",
    )
    assert MadeLabel(BY_MONTHS, 12, "2025-11", "2026-09", 9, 3, every=4).sentences()[-1] == (
        "One customer in 4 was trained on, with all months."
    )
    assert MadeLabel(BY_END, 1, "", "", 90, 30).sentences() == (
        "The label was made here from one file.",
        "Left means: “end_date” is not after 2026-05-31.",
    )


@pytest.mark.parametrize(
    ("name", "rule", "why"),
    [
        ("Churn", BY_MONTHS, "says itself who left"),
        ("Exited", BY_MONTHS, "says itself who left"),
        ("cancellation_date", BY_MONTHS, "holds the future: by its name it is the date of leaving"),
        ("end_date", BY_MONTHS, "holds the future: by its name it is an end date"),
        ("final_bill", BY_MONTHS, "holds the future: only customers who leave are charged it"),
        ("exit fee", BY_MONTHS, "holds the future: only customers who leave are charged it"),
        ("Status", BY_STATUS, "defines the label: it is known only when the customer has left"),
        ("last_call", BY_ACTIVITY, "defines the label: it is known only when the customer has left"),
        ("last_recharge", BY_ACTIVITY, "shows the same inactivity as the label"),
        ("last_recharge", BY_MONTHS, None),
        ("last_call", LabelRule(LabelSource.INACTIVE, 1, column="last_call", days=30), None),
        ("contract_end_date", BY_MONTHS, None),
        ("cancelled_orders", BY_MONTHS, None),
        ("lost_calls", BY_MONTHS, None),
        ("MonthlyCharges", BY_MONTHS, None),
        ("status", BY_MONTHS, None),
        ("total_bill", BY_MONTHS, None),
    ],
)
def test_columns_that_hold_the_future_are_left_out(name: str, rule: LabelRule, why: str | None) -> None:
    assert why_left_out(name, rule, dated="date" in name or "last" in name) == why


def test_a_column_has_to_be_in_every_labelled_month() -> None:
    files = {"2026-04": ("id", "Month", "plan", "bill"), "2026-05": ("id", "Month", "Plan", "usage")}
    used, left_out = label_columns(files, BY_MONTHS, roles=("id", "Month"))
    assert used == ("plan",)
    assert left_out == (
        LeftOut("bill", "is not in the file of May 2026"),
        LeftOut("usage", "is not in the file of April 2026"),
    )
