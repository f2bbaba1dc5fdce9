from __future__ import annotations

from adapters.formatting.babel_formats import formats_without_currency
from domain.scoring_price import cost_words, price_words


def test_a_cost_says_what_a_million_customers_take() -> None:
    assert cost_words(1.234, formats_without_currency()) == (
        "1.2 µs per customer, reasons included: a million take 1.2 s"
    )


def test_a_price_compares_with_the_usual_model() -> None:
    assert price_words(34.2, 2.04, formats_without_currency()) == (
        "Scoring takes about 34 µs per customer instead of 2: a million customers take 32 s more."
    )
