"""What a campaign changed: customers contacted compared with customers left alone at random.

Everybody counts in the group to which the draw assigned them, whether or not they were reached (intention to treat). A
group here is a pair of counts; nothing in this module needs the customers themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erfc, exp, inf, log, sqrt

from domain.intervals import NOTICED, noticed_at, rate_interval

MIN_GROUP = 30
"""Members that both groups need before their difference is shown."""

PRIOR_CUSTOMERS = 20.0
"""Would-be leavers that an assumed save rate is worth when a measured one is mixed in."""

FALSE_DISCOVERIES = 0.10
"""Expected share of false alarms among the groups that are reported as harmed or helped."""

ERROR_RATE = 0.05
"""Error rate of the intervals: 95% of them contain the true value."""


@dataclass(frozen=True, slots=True)
class Group:
    """Members assigned to contact, or to control, and how many of them stayed."""

    members: int
    stayed: int

    def __post_init__(self) -> None:
        if not 0 <= self.stayed <= self.members:
            raise ValueError(f"of {self.members} members {self.stayed} cannot have stayed")

    @property
    def left(self) -> int:
        return self.members - self.stayed

    @property
    def retained(self) -> float:
        """Share that stayed, 0 in an empty group."""
        return self.stayed / self.members if self.members else 0.0

    @property
    def churn(self) -> float:
        """Share that left, 0 in an empty group."""
        return self.left / self.members if self.members else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Retained share of the contacted less that of the controls, with its 95% interval; all in [−1, 1]."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval excludes "no effect"."""
        return self.low > 0.0 or self.high < 0.0


NOTHING_KNOWN = Difference(0.0, -1.0, 1.0)
"""Where one of the groups is empty."""


def difference_of(contacted: Group, control: Group, *, within: Within = (1.0, 1.0)) -> Difference:
    """Difference of the retained shares with its 95% interval.

    A draw within strata leaves only the variance `within` them, as `share_within` gives it for each group; a group then
    counts as so many more members (effective sample size).
    """
    if not contacted.members or not control.members:
        return NOTHING_KNOWN
    return difference_of_shares(
        (contacted.retained, contacted.members / within[0]), (control.retained, control.members / within[1])
    )


def difference_of_shares(contacted: tuple[float, float], control: tuple[float, float]) -> Difference:
    """Difference of two shares, each with its effective sample size, with Newcombe's hybrid score interval (method 10).

    Each limit joins the distances from the two shares to their Wilson limits. The interval never leaves [−1, 1] and
    has a width above 0 where a share is 0 or 1. Shares that an adjustment pushed out of [0, 1] get the limits of 0 and
    1.
    Newcombe, Statistics in Medicine 17(8), 1998, 873–890. Wilson's interval with an effective sample size: Franco,
    Little, Louis & Slud, Journal of Survey Statistics and Methodology 7(3), 2019.
    """
    (share_1, size_1), (share_0, size_0) = contacted, control
    value = share_1 - share_0
    share_1, share_0 = (min(1.0, max(0.0, share)) for share in (share_1, share_0))
    low_1, high_1 = rate_interval(share_1, size_1)
    low_0, high_0 = rate_interval(share_0, size_0)
    down = sqrt((share_1 - low_1) ** 2 + (high_0 - share_0) ** 2)
    up = sqrt((high_1 - share_1) ** 2 + (share_0 - low_0) ** 2)
    return Difference(value, max(-1.0, value - down), min(1.0, value + up))


def share_within(strata: Sequence[Group]) -> float:
    """Share of the variance of "stayed" that lies within the strata, in [`MIN_WITHIN`, 1].

    A stratum of one member counts as if it had the variance of all. Both variances are unbiased (n − 1). Strata coarser
    than those of the draw make the share larger, never too small, and are less at the mercy of chance.
    Cochran, Sampling Techniques, 3rd edition, 1977, §5.6 (proportional allocation) and §5A.12 (collapsed strata).
    """
    members = sum(stratum.members for stratum in strata)
    stayed = sum(stratum.stayed for stratum in strata)
    if members < 2 or not 0 < stayed < members:
        return 1.0
    whole = _unbiased_variance(Group(members, stayed))
    within = sum(
        stratum.members * (_unbiased_variance(stratum) if stratum.members > 1 else whole) for stratum in strata
    )
    return min(1.0, max(MIN_WITHIN, within / members / whole))


MIN_WITHIN = 0.3
"""Least share of the variance that is taken to lie within strata, where few leavers make it look smaller."""
Within = tuple[float, float]
"""Share of the variance within the strata of the contacted, and of the controls."""


def _unbiased_variance(group: Group) -> float:
    return group.retained * group.churn * group.members / (group.members - 1)


def difference_so_far(contacted: Group, control: Group) -> Difference:
    """The difference while outcomes still arrive, with an interval that may be looked at any number of times.

    "Stayed" is everybody who has not left yet. With no effect, the chance that the interval ever excludes 0 is at most
    5 %, however often it is read: it is a confidence sequence. Robbins' normal mixture of the error, with the variance
    of the difference as its clock; the mixture is narrowest when a tenth of both groups has left. A share of 0 or 1 is
    kept away from certainty by one leaver more in each group.
    Robbins, Annals of Mathematical Statistics 41(5), 1970; Waudby-Smith et al., Annals of Statistics 52(6), 2024.
    """
    if not contacted.members or not control.members:
        return NOTHING_KNOWN
    variance, tuned = _clock(contacted, control)
    reach = sqrt((variance + tuned) * (log((variance + tuned) / tuned) + 2.0 * log(1.0 / ERROR_RATE)))
    value = contacted.retained - control.retained
    return Difference(value, max(-1.0, value - reach), min(1.0, value + reach))


def _clock(contacted: Group, control: Group) -> tuple[float, float]:
    """The variance of the difference so far, and the one at which the mixture is tuned."""
    inverse = 1.0 / contacted.members + 1.0 / control.members
    variance = sum(_cautious_variance(group) / group.members for group in (contacted, control))
    return variance, MIXTURE_AT * (1.0 - MIXTURE_AT) * inverse / _MIXTURE_TUNING


MIXTURE_AT = 0.10
"""Share of leavers at which the interval of running outcomes is narrowest."""

_MIXTURE_TUNING = -2.0 * log(ERROR_RATE) + log(-2.0 * log(ERROR_RATE) + 1.0)
"""Variance over the mixture's variance at its narrowest: Howard et al., Annals of Statistics 49(2), 2021, eq. (24)."""


def _cautious_variance(group: Group) -> float:
    """Variance of one member's outcome, with one leaver and one who stayed added."""
    share = (group.left + 1.0) / (group.members + 2.0)
    return share * (1.0 - share)


def noticeable_effect(contacted: int, control: int, churn: float) -> float:
    """Smallest effect that groups of these sizes notice 8 times in 10 (two-sided, 5 %), capped at the churn rate's top.

    (z₀.₉₇₅ + z₀.₈)·√(p(1−p)(1/n₁ + 1/n₀)), with p the expected churn rate; infinite where a group is empty.
    Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 3rd edition, ch. 4.
    """
    if contacted < 1 or control < 1:
        return inf
    return NOTICED * sqrt(churn * (1.0 - churn) * (1.0 / contacted + 1.0 / control))


def noticeable_harm(contacted: Group, control: Group, churn: float, *, groups: int) -> float:
    """Smallest effect in one of so many pre-named groups that is found 8 times in 10, whatever the other groups show.

    As `noticeable_effect`, at the strictest level that Benjamini and Hochberg's procedure ever asks for: the share of
    false alarms over the number of groups.
    """
    if not contacted.members or not control.members or groups < 1:
        return inf
    return noticed_at(FALSE_DISCOVERIES / groups) * sqrt(
        churn * (1.0 - churn) * (1.0 / contacted.members + 1.0 / control.members)
    )


def members_needed(effect: float, churn: float) -> int:
    """Members that each of two equal groups needs to notice this effect 8 times in 10.

    Raises ValueError for an effect that is not positive.
    """
    if effect <= 0.0:
        raise ValueError("only an effect above 0 can be noticed")
    return ceil(2.0 * churn * (1.0 - churn) * (NOTICED / effect) ** 2)


def members_missing(group: Group) -> int:
    """Members that a group lacks before its difference is shown."""
    return max(0, MIN_GROUP - group.members)


def p_value(contacted: Group, control: Group, *, within: Within = (1.0, 1.0)) -> float:
    """Two-sided probability of a difference at least this large if contact changed nothing (pooled score test).

    `within`: as for `difference_of`.
    """
    if not contacted.members or not control.members:
        return 1.0
    pooled = (contacted.left + control.left) / (contacted.members + control.members)
    variance = pooled * (1.0 - pooled) * (within[0] / contacted.members + within[1] / control.members)
    if variance <= 0.0:
        return 1.0
    return erfc(abs(contacted.retained - control.retained) / sqrt(2.0 * variance))


def p_value_so_far(contacted: Group, control: Group) -> float:
    """The same while outcomes still arrive; it may be read at any time.

    One over the likelihood ratio of the mixture of `difference_so_far`: below 5 % where its interval excludes 0.
    Johari, Koomen, Pekelis & Walsh, Operations Research 70(3), 2022.
    """
    if not contacted.members or not control.members:
        return 1.0
    variance, tuned = _clock(contacted, control)
    squared = (contacted.retained - control.retained) ** 2
    return min(1.0, exp(0.5 * log((variance + tuned) / tuned) - 0.5 * squared / (variance + tuned)))


def discoveries(p_values: Sequence[float], false_share: float = FALSE_DISCOVERIES) -> tuple[bool, ...]:
    """Which of several differences are real, with at most this expected share of false alarms among them.

    Benjamini & Hochberg, Journal of the Royal Statistical Society B 57(1), 1995: the largest k whose k-th smallest
    p-value is at most k/m of the share, and all before it.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    kept = 0
    for rank, place in enumerate(order, start=1):
        if p_values[place] <= false_share * rank / len(p_values):
            kept = rank
    real = set(order[:kept])
    return tuple(place in real for place in range(len(p_values)))


@dataclass(frozen=True, slots=True)
class MeasuredSaveRate:
    """An action's save rate after a campaign.

    `measured` is the effect over the controls' churn rate, in [0, 1]; None where no control left, so that nothing could
    be kept. `customers` is how many would-be leavers the measurement is worth, and `rate` the mean of the Beta
    distribution that joins it with the assumed rate.
    """

    assumed: float
    measured: float | None
    customers: float
    rate: float


def measured_save_rate(
    assumed: float, contacted: Group, control: Group, *, weight: float = PRIOR_CUSTOMERS
) -> MeasuredSaveRate:
    """Join an assumed or earlier measured save rate, worth `weight` would-be leavers, with what a campaign measured.

    The share of leavers who were kept is 1 − c₁/c₀, with the churn rates c of contacted and controls. It is worth as
    many would-be leavers n as give a binomial share the same variance, γ(1−γ)/n; the variance follows from the delta
    method on the two rates, each with half a leaver and half a stayer added, so that extreme rates keep a width. So a
    campaign with few controls hardly moves the rate, however many were contacted.
    """
    if not contacted.members or not control.left:
        return MeasuredSaveRate(assumed, None, 0.0, assumed)
    measured = min(1.0, max(0.0, 1.0 - contacted.churn / control.churn))
    c1, c0 = (_with_half(group) for group in (contacted, control))
    ratio = c1 / c0
    variance = ratio * ratio * ((1.0 - c1) / (c1 * contacted.members) + (1.0 - c0) / (c0 * control.members))
    mixed = min(0.95, max(0.05, measured))
    customers = mixed * (1.0 - mixed) / variance
    rate = (weight * assumed + customers * measured) / (weight + customers)
    return MeasuredSaveRate(assumed, measured, customers, rate)


def _with_half(group: Group) -> float:
    return (group.left + 0.5) / (group.members + 1.0)


@dataclass(frozen=True, slots=True)
class GainMeasured:
    """Customers kept and money gained by a campaign, each with the limits of its 95% interval.

    `kept` = effect × contacted members. `gain` = kept × value of a kept customer − all costs of the campaign. The costs
    are known, so that only the effect gives the gain its width.
    """

    kept: float
    kept_low: float
    kept_high: float
    gain: float
    gain_low: float
    gain_high: float


def gain_measured(effect: Difference, contacted: int, *, value: float, costs: float) -> GainMeasured:
    """The gain that an effect stands for: `value` is the mean value of a kept customer, `costs` all that was spent."""
    kept, low, high = (contacted * share for share in (effect.value, effect.low, effect.high))
    return GainMeasured(kept, low, high, kept * value - costs, low * value - costs, high * value - costs)
