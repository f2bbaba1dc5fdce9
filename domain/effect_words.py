"""What a campaign changed, in sentences that claim no more than the intervals say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.campaign_effect import CampaignEffect, Compared
from domain.effect import MIN_GROUP, Difference, GainMeasured, MeasuredSaveRate, members_missing
from domain.formats import Formats
from domain.wording import whole_money


class Finding(StrEnum):
    """What an effect lets people say."""

    NO_CONTROL = "no_control"
    NO_OUTCOMES = "no_outcomes"
    TOO_FEW = "too_few"
    KEPT = "kept"
    DROVE_AWAY = "drove_away"
    UNCLEAR = "unclear"

    @property
    def has_figures(self) -> bool:
        """Whether a difference is shown at all."""
        return self in (Finding.KEPT, Finding.DROVE_AWAY, Finding.UNCLEAR)


@dataclass(frozen=True, slots=True)
class EffectAnswer:
    """`sentence` says what contact did to customers, `money` what that is worth; empty where nothing can be said."""

    finding: Finding
    sentence: str
    money: str = ""

    @property
    def text(self) -> str:
        return f"{self.sentence} {self.money}".strip()


def finding_of(effect: CampaignEffect) -> Finding:
    if not effect.control.members and not effect.unknown_control:
        return Finding.NO_CONTROL
    if not effect.outcomes:
        return Finding.NO_OUTCOMES
    if min(effect.contacted.members, effect.control.members) < MIN_GROUP:
        return Finding.TOO_FEW
    if not effect.plain.clear:
        return Finding.UNCLEAR
    return Finding.KEPT if effect.plain.value > 0.0 else Finding.DROVE_AWAY


def answer_of(effect: CampaignEffect, formats: Formats) -> EffectAnswer:
    """The answer of a campaign's effect page."""
    finding = finding_of(effect)
    if finding is Finding.NO_CONTROL:
        return EffectAnswer(finding, "Nobody can tell whether this campaign kept anybody: it has no control group.")
    if finding is Finding.NO_OUTCOMES:
        return EffectAnswer(finding, _no_outcomes(effect))
    if finding is Finding.TOO_FEW:
        return EffectAnswer(finding, _too_few(effect, formats))
    sentence, money = _sentences(finding, effect, formats)
    return EffectAnswer(finding, sentence, money)


def _no_outcomes(effect: CampaignEffect) -> str:
    if effect.final:
        return "Nobody can tell whether this campaign kept anybody: it was closed without any outcome."
    return "No outcomes have arrived yet, so there is nothing to compare."


def _too_few(effect: CampaignEffect, formats: Formats) -> str:
    small = [
        f"{_customers(group.members, formats)} {'was' if group.members == 1 else 'were'} {words}"
        for group, words in ((effect.contacted, "contacted"), (effect.control, "left alone"))
        if members_missing(group)
    ]
    known = " with a known outcome" if effect.final else ""
    return f"Too few to say: {' and '.join(small)}{known}, and it takes {MIN_GROUP} of each."


def _sentences(finding: Finding, effect: CampaignEffect, formats: Formats) -> tuple[str, str]:
    over, money = effect.final, effect.money
    low, value, high = (whole_money(amount, formats) for amount in (money.gain_low, money.gain, money.gain_high))
    if finding is Finding.UNCLEAR:
        down, up = _customers(-money.kept_low, formats), _count(money.kept_high, formats)
        begin = "No effect can be distinguished from chance" + ("" if over else " yet")
        return (
            f"{begin}: between {down} driven away and {up} kept (95%).",
            f"After all costs that is between {low} and {high}.",
        )
    if finding is Finding.DROVE_AWAY:
        begin = "Contact drove" if over else "So far contact has driven"
        lost = f"{begin} {_customers(-money.kept, formats)} away"
        limits = f"between {_count(-money.kept_high, formats)} and {_count(-money.kept_low, formats)}"
        loss = [whole_money(-amount, formats) for amount in (money.gain, money.gain_high, money.gain_low)]
        cost = f"With all costs that is a loss of {loss[0]}, between {loss[1]} and {loss[2]}."
        return f"{lost}, {limits} (95%).", cost
    begin = "Contact kept" if over else "So far contact has kept"
    limits = f"between {_count(money.kept_low, formats)} and {_count(money.kept_high, formats)}"
    return f"{begin} {_customers(money.kept, formats)}, {limits} (95%).", _worth(money, low, value, high)


def _worth(money: GainMeasured, low: str, value: str, high: str) -> str:
    """The money of customers who were clearly kept."""
    if money.gain_low > 0.0:
        return f"That is worth {value} after all costs, between {low} and {high}."
    if money.gain_high < 0.0:
        return f"They are worth less than contacting cost: {value} after all costs, between {low} and {high}."
    return f"Whether they are worth the costs is uncertain: {value} after all costs, between {low} and {high}."


def _customers(number: float, formats: Formats) -> str:
    count = _count(number, formats)
    return f"{count} customer" if count in ("1", "fewer than 1") else f"{count} customers"


def _count(number: float, formats: Formats) -> str:
    """Whole customers. A number above 0 that rounds to 0 is not called 0."""
    return "fewer than 1" if 0.0 < number < 0.5 else formats.number(number)


def points(difference: float, formats: Formats, *, decimals: int = 1) -> str:
    """A difference of shares in percentage points with its sign."""
    number = formats.number(abs(difference) * 100, decimals=decimals)
    if number == formats.number(0.0, decimals=decimals):
        return number
    return f"+{number}" if difference > 0.0 else f"−{number}"


def interval_words(difference: Difference, formats: Formats) -> str:
    """ "+4.2 points, between +0.5 and +7.9"."""
    low, high = points(difference.low, formats), points(difference.high, formats)
    return f"{points(difference.value, formats)} points, between {low} and {high}"


def compared_words(compared: Compared, formats: Formats) -> str:
    """The difference of two groups, or how many more members they need."""
    if compared.large_enough:
        return interval_words(compared.difference, formats)
    missing = [
        f"{formats.number(members_missing(group))} more {words}"
        for group, words in ((compared.contacted, "contacted"), (compared.control, "left alone"))
        if members_missing(group)
    ]
    return f"too few to say: needs {' and '.join(missing)}"


def rate_words(rate: MeasuredSaveRate, before: str, formats: Formats) -> str:
    """ "assumed 30 % → measured 22 %, from 41 would-be leavers". `before`: "assumed" or "measured"."""
    old, new = (formats.percent(share, decimals=0) for share in (rate.assumed, rate.rate))
    leavers = formats.number(rate.customers)
    return f"{before} {old} → measured {new}, from {leavers} would-be leaver{'' if leavers == '1' else 's'}"
