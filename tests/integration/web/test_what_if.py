"""What would happen to a customer after a change: as a page without JavaScript, and never with impossible amounts."""

from __future__ import annotations

import re

from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_any_file import Rows, as_csv, browser, installed, learned, scored, table

__all__ = ["browser", "installed", "learned", "table"]
"""Fixtures of the tests of any file."""


def test_a_what_if_is_answered_on_a_page_with_what_was_typed_and_refuses_a_negative_bill(
    office: Office, browser: Browser, table: Rows
) -> None:
    run = scored(office, browser, as_csv(table))
    url = f"/predictions/{run.id}/customers/1/what-if"

    answer = browser.post(url, {"attribute:MonthlyCharges": "20.5"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<h1>" in page
    assert re.search(r'name="attribute:MonthlyCharges"\s+value="20.5"', page)
    then = re.search(r'With these changes</div>\s*<div class="kpi">([^<]*)<', page)
    assert then
    assert re.fullmatch(r"\d+\.\d%", then[1].strip())

    for htmx, is_page in ((True, False), (False, True)):
        answer = browser.post(url, {"attribute:MonthlyCharges": "-5"}, htmx=htmx)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "Monthly charges cannot be less than 0." in page
        assert ("<h1>" in page) is is_page
