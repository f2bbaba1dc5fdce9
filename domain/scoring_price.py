"""What a model costs to score, in words. Costs are microseconds of processor time per customer, reasons included."""

from __future__ import annotations

from domain.formats import Formats

MILLION = 1_000_000


def cost_words(microseconds: float, formats: Formats) -> str:
    """ "1.2 µs per customer, reasons included: a million take 1.2 s"."""
    seconds = formats.significant(_seconds_of_a_million(microseconds), 2)
    return f"{formats.significant(microseconds, 2)} µs per customer, reasons included: a million take {seconds} s"


def price_words(microseconds: float, usual: float, formats: Formats) -> str:
    """ "34 µs per customer instead of 2: a million customers take 32 s more."."""
    more = formats.significant(_seconds_of_a_million(microseconds - usual), 2)
    each, instead = formats.significant(microseconds, 2), formats.significant(usual, 2)
    return f"Scoring takes about {each} µs per customer instead of {instead}: a million customers take {more} s more."


def _seconds_of_a_million(microseconds: float) -> float:
    return microseconds * MILLION / 1e6
