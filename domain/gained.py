"""What several campaigns gained together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt

from domain.campaign import Campaign
from domain.effect_words import finding_of
from domain.formats import Formats
from domain.wording import whole_money


@dataclass(frozen=True, slots=True)
class Gained:
    """The gain of the measured campaigns after all costs, with its 95% interval.

    `unmeasured` campaigns had groups that were too small, or no outcomes; they are not in the gain.
    """

    year: int
    measured: int
    unmeasured: int
    gain: float
    low: float
    high: float


def gained_in(year: int, campaigns: Iterable[tuple[Campaign, date]]) -> Gained | None:
    """The campaigns that were closed in this year, each with the day; None if there is none. Samples do not count.

    The limits of the sum join the distances from the gains to theirs, as the campaigns are independent.
    Zou & Donner, Statistics in Medicine 27(10), 2008.
    """
    effects = [one.effect for one, day in campaigns if one.effect is not None and day.year == year and not one.sample]
    if not effects:
        return None
    gains = [effect.money for effect in effects if finding_of(effect).has_figures]
    total = sum(one.gain for one in gains)
    down = sqrt(sum((one.gain - one.gain_low) ** 2 for one in gains))
    up = sqrt(sum((one.gain_high - one.gain) ** 2 for one in gains))
    return Gained(year, len(gains), len(effects) - len(gains), total, total - down, total + up)


def gained_words(gained: Gained, formats: Formats) -> str:
    """One sentence that claims no more than the interval says, and how many campaigns it leaves out."""
    left_out = f" {_campaigns(gained.unmeasured, formats)} could not be measured." if gained.unmeasured else ""
    if not gained.measured:
        return f"What campaigns gained in {gained.year} is not known.{left_out}"
    low, total, high = (whole_money(amount, formats) for amount in (gained.low, gained.gain, gained.high))
    if gained.low > 0.0:
        sentence = f"Campaigns gained {total} in {gained.year} after all costs, between {low} and {high} (95%)."
    elif gained.high < 0.0:
        lost = [whole_money(-amount, formats) for amount in (gained.gain, gained.high, gained.low)]
        sentence = f"Campaigns lost {lost[0]} in {gained.year}, between {lost[1]} and {lost[2]} (95%)."
    else:
        sentence = (
            f"Whether the campaigns of {gained.year} paid cannot be distinguished from chance: "
            f"{total} after all costs, between {low} and {high} (95%)."
        )
    return sentence + left_out


def _campaigns(count: int, formats: Formats) -> str:
    return "1 campaign" if count == 1 else f"{formats.number(count)} campaigns"
