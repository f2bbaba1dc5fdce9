"""Page, CSV, XLSX, PDF and message to the customer write the same amount alike, in every currency of the settings."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
from babel.core import get_global
from flask import Flask, g
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.formatting.babel_formats import formats_of, is_currency_known
from adapters.reporting.phrases import AttributePhrases
from adapters.reporting.table_export import _looks
from adapters.reporting.text_fit import money as printed_money
from application.ports.reports import ReportContent
from domain.policy import InstallationPolicy
from domain.recommendation import Addressee, message_to
from domain.schema import Column, ColumnKind, CustomerSchema
from entrypoints.web.formats import exact_money
from tests.builders import an_action
from tests.contract.reports_content import report_content

ALLOWED = sorted(code for code in get_global("all_currencies") if is_currency_known(code))
CONTENT = report_content(1, 1, 1)
SCHEMA = CustomerSchema((Column("MonthlyCharges", ColumnKind.NUMERIC),), revenue_column="MonthlyCharges")


def on_page(amount: float, currency: str) -> str:
    app = Flask(__name__)
    app.extensions["netone"] = SimpleNamespace(formats_of=formats_of)
    with app.app_context():
        g.policy = InstallationPolicy(currency=currency)
        return exact_money(amount)


def in_csv(amount: float, currency: str) -> str:
    """Without the quotes that a comma asks for."""
    phrases = AttributePhrases("MonthlyCharges", SCHEMA, formats_of(currency), lambda texts: texts)
    (cell,) = phrases.of_numbers(np.array([amount])).to_pylist()
    return cell.strip('"').removesuffix(" a month")


def in_xlsx(amount: float, currency: str) -> str:
    """What a spreadsheet shows of the number format, for literals in quotes, "#,##0" and decimals."""
    book = Mock()
    book.add_format.side_effect = lambda look: look
    pattern = _looks(book, currency)["expected_gain"]["num_format"]
    positive, negative = pattern.split(";")
    chosen = positive if amount >= 0 else negative
    number_format = re.fullmatch(r'("[^"]*")?#,##0(?:[.](0+))?("[^"]*")?', chosen)
    assert number_format
    before, zeros, after = (part or "" for part in number_format.groups())
    return before.strip('"') + f"{abs(amount):,.{len(zeros)}f}" + after.strip('"')


def in_pdf(amount: float, currency: str) -> str:
    content: ReportContent = replace(CONTENT, policy=InstallationPolicy(currency=currency))
    return printed_money(amount, content)


def in_message(amount: float, currency: str) -> str:
    return message_to(an_action(message="{bill}"), Addressee({}, SCHEMA, amount), formats_of(currency))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ALLOWED), st.integers(-(10**12), 10**12).filter(bool).map(lambda units: units / 4))
def test_page_csv_xlsx_pdf_and_message_agree(currency: str, amount: float) -> None:
    shown = on_page(amount, currency)
    if amount > 0 or abs(amount) >= 1:  # a spreadsheet keeps the minus of a negative amount that rounds to zero
        assert in_xlsx(amount, currency) == shown
    assert in_csv(amount, currency) == shown
    assert in_pdf(amount, currency) == shown
    assert in_message(amount, currency) == shown


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [
        ("USD", -1234.5, "−$1,234.50"),
        ("EUR", 1234.5, "€1,234.50"),
        ("GBP", 0.25, "£0.25"),
        ("JPY", 98_765_432.0, "¥98,765,432"),
        ("CHF", 12.0, "CHF\u00a012.00"),
        ("KES", 1234.5, "KES\u00a01,234.50"),
        ("ZWL", 1234.5, "ZWL\u00a01,234.50"),
        ("BHD", 1.5, "BHD\u00a01.500"),
        ("INR", 12_345_678.5, "₹12,345,678.50"),
    ],
)
def test_amounts_are_the_same_everywhere(currency: str, amount: float, shown: str) -> None:
    assert [where(amount, currency) for where in (on_page, in_csv, in_xlsx, in_pdf, in_message)] == [shown] * 5


def test_every_currency_that_can_be_chosen_is_tried() -> None:
    assert len(ALLOWED) > 150
