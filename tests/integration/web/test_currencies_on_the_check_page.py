"""Amounts in two currencies are refused before the file is sent, if its first part shows them."""

from __future__ import annotations

import pytest

from tests.integration.web.conftest import Office
from tests.integration.web.test_asking_for_units import customers, trained
from tests.integration.web.test_asking_on_the_check_pages import posted


@pytest.mark.parametrize(
    ("first", "second"),
    [("$5.50", "€7.20"), ("5 USD", "7 EUR"), ("R 5", "7 zł"), ("KES 50", "70 NGN"), ("£5", "7 ₺"), ("50 руб.", "70 ₴")],
)
def test_two_currencies_in_the_first_rows_are_refused_on_the_check_page(
    office: Office, first: str, second: str
) -> None:
    browser = trained(office, "bill", [f"{n / 2}" for n in range(1, 90)])
    status, page = posted(browser, "/predictions/check", customers("bill", [first, second]))
    assert status == 422
    assert "This file cannot be used as it is." in page
    assert (
        f"The column “bill” has amounts in different currencies, such as “{first}” and “{second}”, which cannot be "
        "compared." in page
    )
    assert posted(browser, "/predictions/check", customers("bill", [first]))[0] == 200
