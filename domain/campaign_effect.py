"""From a campaign's members to its effect: groups, the difference between them, and the money.

Members arrive as counts of those who are alike (`Counted`), so that a campaign of any size is measured from some
hundred of them. Everybody stays in the group of the draw, whether or not somebody reached the customer (intention to
treat).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.campaign_members import Arm, Outcome, Side
from domain.effect import (
    MIN_GROUP,
    Difference,
    GainMeasured,
    Group,
    difference_of,
    difference_so_far,
    discoveries,
    gain_measured,
    p_value,
    p_value_so_far,
    share_within,
)

FIFTHS = {
    1: "Lowest risk",
    2: "Second lowest risk",
    3: "Middle risk",
    4: "Second highest risk",
    5: "Highest risk",
}
"""Names of the risk fifths among a campaign's members."""


class Reading(StrEnum):
    """Which members count.

    SO_FAR: all of them, and who has no outcome has not left so far. FINAL: those with an outcome.
    """

    SO_FAR = "so_far"
    FINAL = "final"


class Grouping(StrEnum):
    """The groups whose effects are compared. They are named before anything is known, so that none is picked out."""

    ACTION = "action"
    FIFTH = "fifth"


@dataclass(frozen=True, slots=True)
class Counted:
    """Members who are alike. `value` and `spent` are sums in the installation's currency."""

    side: Side
    arm: Arm
    action_id: str
    fifth: int
    outcome: Outcome
    members: int
    value: float
    spent: float


@dataclass(frozen=True, slots=True)
class Members:
    """Some of a campaign's members, as counts."""

    parts: tuple[Counted, ...]

    def where(self, keep: Callable[[Counted], bool]) -> Members:
        return Members(tuple(part for part in self.parts if keep(part)))

    def of(self, side: Side) -> Members:
        return self.where(lambda part: part.side is side)

    @property
    def count(self) -> int:
        return sum(part.members for part in self.parts)

    @property
    def value(self) -> float:
        return sum(part.value for part in self.parts)

    @property
    def spent(self) -> float:
        return sum(part.spent for part in self.parts)

    def with_outcome(self, outcome: Outcome) -> int:
        return sum(part.members for part in self.parts if part.outcome is outcome)

    def group(self, reading: Reading) -> Group:
        left = self.with_outcome(Outcome.LEFT)
        if reading is Reading.SO_FAR:
            return Group(self.count, self.count - left)
        stayed = self.with_outcome(Outcome.STAYED)
        return Group(stayed + left, stayed)

    def within(self) -> float:
        """Share of the variance of "stayed" within the risk fifths, by which the draw took place."""
        by_fifth: dict[int, list[Counted]] = {}
        for part in self.parts:
            by_fifth.setdefault(part.fifth, []).append(part)
        return share_within([Members(tuple(parts)).group(Reading.FINAL) for parts in by_fifth.values()])


@dataclass(frozen=True, slots=True)
class Compared:
    """Two groups and their difference. `p` is the probability of such a difference if nothing differed."""

    contacted: Group
    control: Group
    difference: Difference
    p: float

    @property
    def large_enough(self) -> bool:
        """Whether both groups have enough members for their difference to be shown."""
        return min(self.contacted.members, self.control.members) >= MIN_GROUP


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """The effect in one pre-named group. `key` is the action's id or the fifth's number.

    `found`: among all groups that are large enough, this difference counts as real (Benjamini–Hochberg).
    """

    by: Grouping
    key: str
    name: str
    compared: Compared
    found: bool = False

    @property
    def harmed(self) -> bool:
        """Whether contact clearly drives these customers away."""
        return self.found and self.compared.difference.value < 0.0

    @property
    def helped(self) -> bool:
        return self.found and self.compared.difference.value > 0.0


@dataclass(frozen=True, slots=True)
class CampaignEffect:
    """What a campaign changed. Shares are retained shares.

    `plain` is the difference with the interval of its reading; `adjusted` takes predicted risk and strata into account,
    and is None until the campaign is closed. `unknown` members have no outcome; of a closed campaign they are in
    neither group. `spent` is what contacting cost in all, `value` what a kept customer is worth on average.
    `offers` compares the best action (as `contacted`) with the second-best (as `control`), among those for whom one of
    the two was drawn; None if there was no draw.
    """

    contacted: Group
    control: Group
    plain: Difference
    adjusted: Difference | None
    money: GainMeasured
    unknown: int
    at: datetime
    unknown_control: int = 0
    spent: float = 0.0
    value: float = 0.0
    groups: tuple[GroupEffect, ...] = ()
    offers: Compared | None = None
    reading: Reading = Reading.FINAL

    @property
    def outcomes(self) -> int:
        """Members who have left or stayed."""
        counted = self.contacted.members + self.control.members
        return counted if self.final else counted - self.unknown

    @property
    def final(self) -> bool:
        return self.reading is Reading.FINAL

    def by(self, grouping: Grouping) -> tuple[GroupEffect, ...]:
        return tuple(group for group in self.groups if group.by is grouping)

    @property
    def harmed(self) -> tuple[GroupEffect, ...]:
        return tuple(group for group in self.groups if group.harmed)


def effect_of(
    members: Members,
    names: Mapping[str, str],
    reading: Reading,
    *,
    at: datetime,
    adjusted: Difference | None = None,
) -> CampaignEffect:
    """The effect of a campaign. `names` are those of its actions by id.

    Money: a kept customer is worth what the contacted are worth on average, and all that was spent on them is a cost,
    whatever became of them.
    """
    contacted, control = members.of(Side.CONTACT), members.of(Side.CONTROL)
    compared = compare(contacted, control, reading)
    value = contacted.value / contacted.count if contacted.count else 0.0
    best = contacted.where(lambda part: part.arm is Arm.BEST)
    second = contacted.where(lambda part: part.arm is Arm.SECOND)
    with_best = contacted.where(lambda part: part.arm is not Arm.SECOND)
    return CampaignEffect(
        contacted=compared.contacted,
        control=compared.control,
        plain=compared.difference,
        adjusted=adjusted,
        money=gain_measured(compared.difference, compared.contacted.members, value=value, costs=contacted.spent),
        unknown=members.with_outcome(Outcome.UNKNOWN),
        unknown_control=control.with_outcome(Outcome.UNKNOWN),
        at=at,
        spent=contacted.spent,
        value=value,
        groups=_groups(with_best, control, names, reading),
        offers=compare(best, second, reading) if second.parts else None,
        reading=reading,
    )


def compare(contacted: Members, control: Members, reading: Reading) -> Compared:
    """The difference of two groups. Its interval knows that the draw took place within strata."""
    first, second = contacted.group(reading), control.group(reading)
    if reading is Reading.SO_FAR:
        return Compared(first, second, difference_so_far(first, second), p_value_so_far(first, second))
    within = contacted.within(), control.within()
    return Compared(first, second, difference_of(first, second, within=within), p_value(first, second, within=within))


def _groups(best: Members, control: Members, names: Mapping[str, str], reading: Reading) -> tuple[GroupEffect, ...]:
    """The effects by action and by risk fifth.

    A control belongs to the action that it would have been offered, which is always the best one. So those who were
    contacted with their second-best action are in none of these groups.
    """
    parts = best.parts + control.parts
    groups = [
        _group(Grouping.ACTION, action_id, name, best, control, reading)
        for action_id, name in names.items()
        if any(part.action_id == action_id for part in parts)
    ]
    groups += [
        _group(Grouping.FIFTH, str(fifth), FIFTHS[fifth], best, control, reading)
        for fifth in sorted({part.fifth for part in parts}, reverse=True)
    ]
    return _with_discoveries(groups)


def _group(by: Grouping, key: str, name: str, best: Members, control: Members, reading: Reading) -> GroupEffect:
    def keep(part: Counted) -> bool:
        return key == (part.action_id if by is Grouping.ACTION else str(part.fifth))

    return GroupEffect(by, key, name, compare(best.where(keep), control.where(keep), reading))


def _with_discoveries(groups: Sequence[GroupEffect]) -> tuple[GroupEffect, ...]:
    """Marks the differences that are real, with few false alarms among them; small groups are not looked at."""
    large = [place for place, group in enumerate(groups) if group.compared.large_enough]
    real = dict(zip(large, discoveries([groups[place].compared.p for place in large]), strict=True))
    return tuple(replace(group, found=real.get(place, False)) for place, group in enumerate(groups))
