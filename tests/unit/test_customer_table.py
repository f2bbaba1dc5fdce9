"""The list of customers in a report: cells of a few lines, and both fonts."""

from __future__ import annotations

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from adapters.reporting import customer_table
from adapters.reporting.print_fonts import REGULAR, in_both_fonts, is_in_inter

FONT = "inter-for-a-test"


@pytest.fixture(autouse=True)
def _font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(REGULAR)))


@pytest.mark.parametrize(
    ("text", "width", "most", "shown"),
    [
        ("One-year contract", 100, 2, "One-year contract"),
        ("One-year contract, 10% off", 62, 2, "One-year contract,\n10% off"),
        ("0199f0a2-6d1c-7cc0-8f00-0123456789ab", 60, 3, "0199f0a2-6d1c-7\ncc0-8f00-012345\n6789ab"),
        ("Automatic payment with a credit on the bill", 50, 2, "Automatic\npayment with…"),
        ("W" * 40, 40, 1, "WWWWW…"),
    ],
)
def test_a_cell_is_broken_between_words_and_cut_at_last(text: str, width: float, most: int, shown: str) -> None:
    lines = customer_table._lines(text, "inter-for-a-test", width, most)
    assert all(
        pdfmetrics.stringWidth(line, "inter-for-a-test", customer_table.SIZE) <= width for line in lines.split("\n")
    )
    assert lines == shown


def test_characters_that_inter_lacks_are_marked_for_the_other_font() -> None:
    assert (is_in_inter("Łódź ñ × 5"), is_in_inter("Москва"), is_in_inter("●")) == (True, False, False)
    assert in_both_fonts("Łódź") == "Łódź"
    assert str(in_both_fonts("a<b Αθήνα")) == 'a&lt;b <span class="wide">Αθήνα</span>'
    assert in_both_fonts(5) == 5
